"""What is no fact is refused, by one error only; what passes, the core can take."""

import json
import random
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from signalengine.errors import MalformedFactError
from signalengine.facts.stream import (
    MAX_FACT_BYTES,
    Bar,
    BarsFact,
    Fact,
    HistoryFact,
    decode,
    encode,
    kind_of,
)
from signalengine.fold import SymbolState, advance
from signalengine.intervals import MINUTE_MS
from signalengine.policy import default_policy
from signalengine.settlement import StoredBar, force_expiry, settle
from signalengine.signals import to_json

from tests.examples import examples

from ..fact_samples import AMOUNTS, ONE, PRICES, SAMPLES, sample
from ..markets import SYMBOL, T0, after_warm, facts_of, flows_beside, walk, warm_state
from ..samples import signal

# --- refused --------------------------------------------------------------------------------------


def refused(record: bytes) -> str:
    with pytest.raises(MalformedFactError) as caught:
        decode(record)
    assert 0 < len(str(caught.value)) < 400
    return str(caught.value)


@pytest.mark.parametrize(
    "record",
    [
        b"", b"{", b"nonsense", b"\xff\xfe\x00", b"\x80abc", b"[]", b"3", b'"bars"', b"null",
        b"true", b"{}", b'{"v":1}', b'{"v":1,"kind":"news"}', b'{"v":1,"kind":["bars"]}',
        b'{"v":1,"kind":null}', b'{"v":2,"kind":"ticks"}', b'{"v":"1","kind":"ticks"}',
        b'{"v":true,"kind":"ticks"}',
        b'{"v":1.0,"kind":"ticks"}', b'{"kind":"ticks"}', b"[" * 100_000, b'{"a":' * 50_000,
        b'{"v":1,"kind":' + b"[" * 900 + b"]" * 900 + b"}", b"1" * 5000,
        b'{"v":' + b"9" * 4000 + b"}",
        b" " * (MAX_FACT_BYTES + 1), b'{"v":1,"kind":"' + b"k" * 200_000 + b'"}',
    ],
    ids=lambda record: repr(record[:30]),
)  # fmt: skip
def test_what_is_no_fact_is_refused(record: bytes) -> None:
    refused(record)


def test_an_oversized_record_is_refused_unread() -> None:
    record = json.dumps({**sample("ticks"), "padding": "x" * 900_000}).encode()
    assert "bytes is over" in refused(record)


def test_the_kind_of_a_record_is_what_it_claims() -> None:
    assert kind_of(b'{"kind":"news"}') == "news"
    assert [kind_of(record) for record in (b"{", b"[]", b"{}", b'{"kind":5}', b"\xff")] == [
        None
    ] * 5


NOT_NUMBERS: list[Any] = [
    "1",
    None,
    True,
    [],
    {},
    float("nan"),
    float("inf"),
    -float("inf"),
    10**400,
    "NaN",
]
NOT_PRICES = [*NOT_NUMBERS, 0, -1, -0.0, 1e-13, 1e13, 5e-324, 1e308]
NOT_AMOUNTS = [*NOT_NUMBERS, -1, -1e-9, 1e-300, 1e19]
NOT_TIMES: list[Any] = ["1", None, True, [], 1.5, T0 + 0.0, -1, 10**14, float("nan"), 10**30]


@pytest.mark.parametrize("value", NOT_PRICES, ids=repr)
@pytest.mark.parametrize("name", ["open", "high", "low", "close"])
def test_a_bar_without_a_sane_price_is_refused(name: str, value: Any) -> None:
    for kind in ("bars", "history"):
        raw = sample(kind)
        raw["bars"][0][name] = value
        refused(json.dumps(raw).encode())


@pytest.mark.parametrize("value", NOT_AMOUNTS, ids=repr)
@pytest.mark.parametrize("name", ["volume", "quote_volume", "taker_buy_volume"])
def test_a_bar_without_a_sane_volume_is_refused(name: str, value: Any) -> None:
    raw = sample("bars")
    raw["bars"][0][name] = value
    if value is None and name != "volume":  # unknown
        assert isinstance(decode(json.dumps(raw).encode()), BarsFact)
        return
    assert name in refused(json.dumps(raw).encode())


@pytest.mark.parametrize("value", [v for v in NOT_AMOUNTS if v is not None], ids=repr)
@pytest.mark.parametrize("name", ["open_interest", "mark_price", "liq_long_usd", "liq_short_usd"])
def test_what_comes_beside_the_bars_is_sane_or_refused(name: str, value: Any) -> None:
    assert name in refused(json.dumps({**sample("bars"), name: value}).encode())


@pytest.mark.parametrize("value", ["1", True, [], 1.01, -2, float("nan"), 10**400], ids=repr)
@pytest.mark.parametrize("name", ["funding_rate", "funding_paid"])
def test_a_funding_rate_is_a_fraction(name: str, value: Any) -> None:
    assert name in refused(json.dumps({**sample("bars"), name: value}).encode())


@pytest.mark.parametrize("value", NOT_TIMES, ids=repr)
@pytest.mark.parametrize(
    ("kind", "path"),
    [
        ("bars", ("sent_at",)),
        ("bars", ("bars", 0, "open_time")),
        ("history", ("bars", 1, "open_time")),
        ("ticks", ("time",)),
        ("ticks", ("ticks", SYMBOL, 0)),
        ("heartbeat", ("time",)),
        ("gap", ("start",)),
        ("gap", ("noticed_at",)),
    ],
)
def test_a_time_is_a_whole_number_of_ms(kind: str, path: tuple[Any, ...], value: Any) -> None:
    refused(json.dumps(put(sample(kind), path, value)).encode())


def put(raw: Any, path: tuple[Any, ...], value: Any) -> Any:
    """The JSON value with one place replaced (removed when the value is ...)."""
    inner = raw
    for step in path[:-1]:
        inner = inner[step]
    if value is ...:
        del inner[path[-1]]
    else:
        inner[path[-1]] = value
    return raw


@pytest.mark.parametrize(
    ("kind", "path", "value"),
    [
        ("bars", ("symbol",), ...), ("bars", ("symbol",), "B"), ("bars", ("symbol",), "BTC/USDT"),
        ("bars", ("symbol",), "BTCUSDT\n"), ("bars", ("symbol",), "#heartbeat"),
        ("bars", ("symbol",), "btcusdt"), ("bars", ("symbol",), "ＢＴＣＵＳＤＴ"),
        ("bars", ("symbol",), "ıUSDT"),
        ("bars", ("symbol",), "X" * 31), ("bars", ("symbol",), 5), ("bars", ("market",), "paper"),
        ("bars", ("market",), ...), ("bars", ("market",), ["live"]), ("bars", ("source",), "file"),
        ("bars", ("sent_at",), ...), ("bars", ("bars",), ...), ("bars", ("bars",), []),
        ("bars", ("bars",), {}), ("bars", ("bars",), [5]), ("bars", ("bars", 0), None),
        ("bars", ("bars", 0, "interval"), "5m"), ("bars", ("bars", 0, "interval"), "2m"),
        ("bars", ("bars", 0, "interval"), ...), ("bars", ("bars", 0, "open_time"), T0 + 1),
        ("bars", ("bars", 0, "high"), 2.5), ("bars", ("bars", 0, "low"), 2.5),
        ("bars", ("bars", 0, "high"), ...), ("bars", ("bars", 0, "volume"), ...),
        ("bars", ("bars", 0, "trades"), 1.5), ("bars", ("bars", 0, "trades"), 2**60),
        ("bars", ("quality",), 0), ("bars", ("quality",), []), ("bars", ("quality",), "good"),
        ("bars", ("quality", "gap_s"), -1), ("bars", ("quality", "stream_age_ms"), 0.5),
        ("bars", ("open_interest_time",), "now"), ("bars", ("path",), {}), ("bars", ("path",), [5]),
        ("bars", ("path",), [[1, 2.0]]), ("bars", ("path",), [[61, 1.0, 2.0]]),
        ("bars", ("path",), [[-1, 1.0, 2.0]]), ("bars", ("path",), [[True, 1.0, 2.0]]),
        ("bars", ("path",), [[1, 3.0, 2.0]]), ("bars", ("path",), [[1, 0.0, 2.0]]),
        ("history", ("interval",), "5m"), ("history", ("interval",), ...),
        ("history", ("bars", 1, "open_time"), T0), ("history", ("bars", 1, "interval"), "5m"),
        ("history", ("bars",), None), ("history", ("market",), 1),
        ("ticks", ("ticks",), ...), ("ticks", ("ticks",), []), ("ticks", ("ticks", SYMBOL), {}),
        ("ticks", ("ticks", SYMBOL), [T0, 1.0, 1.0, 1.0]), ("ticks", ("ticks", SYMBOL, 0), T0 + 5),
        ("ticks", ("ticks", SYMBOL, 1), 5.0), ("ticks", ("ticks", SYMBOL, 4), 0.5),
        ("ticks", ("ticks", SYMBOL, 3), -1.0), ("ticks", ("ticks", SYMBOL, 2), None),
        ("ticks", ("ticks", "b#d"), [T0, 1.0, 1.0, 1.0, 1.0]), ("ticks", ("time",), ...),
        ("heartbeat", ("symbols",), ...), ("heartbeat", ("symbols",), "BTC"),
        ("heartbeat", ("symbols",), [5]), ("heartbeat", ("prices",), []),
        ("heartbeat", ("prices",), {SYMBOL: 0}), ("heartbeat", ("prices",), {"?": 1}),
        ("heartbeat", ("tick_sizes",), []), ("heartbeat", ("tick_sizes",), {SYMBOL: 0}),
        ("heartbeat", ("stream_ages_ms",), None), ("heartbeat", ("stream_ages_ms",), {"a": 1.5}),
        ("heartbeat", ("stream_ages_ms",), {"a" * 99: 1}), ("heartbeat", ("sent",), 5),
        ("heartbeat", ("sent",), {"bars": "4"}), ("heartbeat", ("task",), 5),
        ("heartbeat", ("task",), "t" * 99), ("heartbeat", ("backlog",), True),
        ("heartbeat", ("cpu_percent",), -1), ("heartbeat", ("rss_bytes",), 1e6),
        ("heartbeat", ("silent",), "kline"), ("heartbeat", ("halted",), [5]),
        ("heartbeat", ("skew_ms",), 0.5), ("heartbeat", ("counts",), [1]),
        ("gap", ("symbol",), "?"), ("gap", ("end",), -1), ("gap", ("outcome",), ...),
        ("gap", ("bars_missing",), -1), ("gap", ("bars_repaired",), "1"),
        ("gap", ("detail",), "d" * 99), ("gap", ("stream",), None),
    ],
)  # fmt: skip
def test_a_fact_with_one_thing_wrong_is_refused(
    kind: str, path: tuple[Any, ...], value: Any
) -> None:
    assert decode(json.dumps(sample(kind)).encode())
    refused(json.dumps(put(sample(kind), path, value)).encode())


def test_bars_of_one_fact_close_together() -> None:
    last = replace(ONE, open_time=T0 + 4 * MINUTE_MS)
    ok = BarsFact(SYMBOL, (last, Bar("5m", T0, 2, 4, 1, 3, 10)), "live", "ws", T0)
    assert decode(encode(ok)) == ok
    five = replace(ok.bars[1], open_time=T0 - 4 * MINUTE_MS)
    assert "does not start" in refused(encode(replace(ok, bars=(ONE, five))))
    later = replace(ok.bars[1], open_time=T0 + 5 * MINUTE_MS)
    assert "close together" in refused(encode(replace(ok, bars=(ok.bars[0], later))))
    twice = (ok.bars[0], ok.bars[1], ok.bars[1])
    assert "same interval" in refused(encode(replace(ok, bars=twice)))
    assert "first bar" in refused(encode(replace(ok, bars=ok.bars[1:])))


# --- fuzz -----------------------------------------------------------------------------------------

STRANGE = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9)
    | st.sampled_from([10**400, -(10**400), 1e308, 5e-324, -0.0, "", "NaN", 2**63, 2**53 + 1]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=6,
)  # fmt: skip


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place inside a JSON value."""
    inner: Iterable[tuple[Any, Any]] = ()
    if isinstance(value, dict | list):
        inner = value.items() if isinstance(value, dict) else enumerate(value)
    out = [path] if path else []
    for key, item in inner:
        out += places(item, (*path, key))
    return out


@pytest.mark.slow
@given(st.sampled_from(sorted(SAMPLES)), st.integers(0, 10**6), STRANGE, st.booleans())
@examples(400)
def test_a_mutated_fact_is_read_or_refused_and_nothing_else(
    kind: str, seed: int, value: Any, remove: bool
) -> None:
    """What passes must also pass through the core without an error, NaN or infinity."""
    raw = sample(kind)
    path = random.Random(seed).choice(places(raw))
    record = json.dumps(put(raw, path, ... if remove else value)).encode()
    try:
        fact = decode(record)
    except MalformedFactError:
        refused(record)
        return
    digest(fact)


@given(st.binary(max_size=60), st.sampled_from(sorted(SAMPLES)), st.integers(0, 10**6))
@examples(200)
def test_damaged_bytes_are_read_or_refused_and_nothing_else(
    junk: bytes, kind: str, seed: int
) -> None:
    record = json.dumps(sample(kind)).encode()
    at = random.Random(seed).randrange(len(record))
    for damaged in (junk, record[:at], record[:at] + junk + record[at + len(junk) :]):
        try:
            digest(decode(damaged))
        except MalformedFactError:
            continue


def digest(fact: Fact) -> None:
    """Let the core have it."""
    if isinstance(fact, BarsFact | HistoryFact):
        for state in (SymbolState.fresh(fact.symbol), warm_state()):
            advanced = advance(state, fact, default_policy())
            assert SymbolState.from_bytes(state.symbol, advanced.state.to_bytes()) == advanced.state
            assert advanced.evaluation is None or to_json(advanced.evaluation)
    if isinstance(fact, BarsFact):
        b = fact.bars[0]
        stored = StoredBar(T0, b.open, b.high, b.low, b.close, fact.funding_paid, fact.path)
        settle(signal(), [stored])
        force_expiry(signal(), [stored], T0 * 2, 0)


@given(
    values=st.lists(PRICES | st.sampled_from([1e-12, 1e12]), min_size=12, max_size=12),
    sizes=st.lists(AMOUNTS | st.sampled_from([1e-18, 1e18]), min_size=4, max_size=4),
)
@examples(60)
def test_no_bars_that_may_pass_overflow_the_core(values: list[float], sizes: list[float]) -> None:
    """Prices and volumes of any size, one after the other, on a warm and on a fresh symbol."""
    flows = ("open_interest", "liq_long_usd", "liq_short_usd")
    beside = dict(zip(flows, sizes, strict=False))
    rows = {T0 + n * MINUTE_MS: {**beside, "funding_rate": 1.0 - n % 2} for n in range(40)}
    minutes = []
    for n in range(40):
        one, two = values[n % 12], values[(n * 5 + 1) % 12]
        low, high = min(one, two), max(one, two)
        minutes.append(
            Bar("1m", T0 + n * MINUTE_MS, one, high, low, two, sizes[n % 4], sizes[(n + 1) % 4])
        )
    for start in (SymbolState.fresh(SYMBOL), warm_state()):
        state = start
        for fact in facts_of(minutes, rows):
            advanced = advance(state, decode_bars(fact), default_policy())
            state = advanced.state
            assert advanced.evaluation is None or to_json(advanced.evaluation)


def decode_bars(fact: BarsFact) -> BarsFact:
    """Through the wire where the sums of the longer bars allow it."""
    try:
        read = decode(encode(fact))
    except MalformedFactError:
        read = decode(encode(replace(fact, bars=fact.bars[:1])))
    assert isinstance(read, BarsFact)
    return read


def test_facts_of_a_whole_day_pass_the_wire() -> None:
    minutes = after_warm(120)
    for fact in facts_of(minutes, flows_beside(minutes, known=0.8)):
        assert decode(encode(fact)) == fact
    long = HistoryFact(SYMBOL, "1m", tuple(walk(500)), "simulated")
    assert decode(encode(long)) == long
    assert len(encode(long)) < MAX_FACT_BYTES
