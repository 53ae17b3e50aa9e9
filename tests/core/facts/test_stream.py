"""Facts on the stream: exact there and back."""

import json
from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from signalengine.facts.lots import LotSize
from signalengine.facts.stream import (
    Bar,
    BarsFact,
    Fact,
    GapFact,
    HeartbeatFact,
    HistoryFact,
    Market,
    PathPoint,
    Quality,
    Tick,
    TicksFact,
    bar_from_dict,
    bar_to_dict,
    decode,
    encode,
    kind_of,
)
from signalengine.facts.symbols import is_symbol
from signalengine.intervals import INTERVAL_MS, INTERVALS, MINUTE_MS

from tests.examples import examples

from ..fact_samples import AMOUNTS, PRICES, SAMPLES, sample
from ..markets import T0

RATES = st.floats(-1.0, 1.0)
TIMES = st.integers(0, 10**14 - 1)
WHOLES = st.integers(-(2**53), 2**53)
SYMBOLS = st.from_regex(r"\A\w{2,30}\Z").map(str.upper).filter(is_symbol)
MARKETS: st.SearchStrategy[Market] = st.sampled_from(["live", "recording", "simulated"])
NAMES = st.text(max_size=60)
COUNTS = st.integers(0, 10**15)


def maybe(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | values


@st.composite
def bars(draw: st.DrawFn, interval: str = "1m", close_time: int | None = None) -> Bar:
    step = INTERVAL_MS[interval]
    at = draw(st.integers(0, 10**13 // step)) * step if close_time is None else close_time - step
    low, one, other, high = sorted(draw(st.lists(PRICES, min_size=4, max_size=4)))
    return Bar(
        interval, at, one, high, low, other, draw(AMOUNTS), quote_volume=draw(maybe(AMOUNTS)),
        trades=draw(maybe(WHOLES)), taker_buy_volume=draw(maybe(AMOUNTS)),
    )  # fmt: skip


@st.composite
def points(draw: st.DrawFn) -> PathPoint:
    low, high = sorted((draw(PRICES), draw(PRICES)))
    return PathPoint(draw(st.integers(0, 60)), low, high)


@st.composite
def bars_facts(draw: st.DrawFn) -> BarsFact:
    end = draw(st.integers(1, 10**5)) * INTERVAL_MS["1d"]
    longer = draw(st.lists(st.sampled_from(INTERVALS[1:]), unique=True))
    return BarsFact(
        draw(SYMBOLS), tuple(draw(bars(i, end)) for i in ("1m", *longer)), draw(MARKETS),
        draw(st.sampled_from(["ws", "rest"])), draw(TIMES),
        Quality(draw(AMOUNTS), draw(maybe(WHOLES))), draw(maybe(AMOUNTS)), draw(maybe(WHOLES)),
        draw(maybe(RATES)), draw(maybe(RATES)), draw(maybe(AMOUNTS)), draw(maybe(AMOUNTS)),
        draw(maybe(AMOUNTS)), draw(maybe(st.lists(points(), max_size=4).map(tuple))),
        draw(maybe(WHOLES)), draw(maybe(PRICES)),
    )  # fmt: skip


@st.composite
def histories(draw: st.DrawFn) -> HistoryFact:
    interval = draw(st.sampled_from(INTERVALS))
    ends = draw(st.lists(st.integers(1, 10**5), unique=True, max_size=4).map(sorted))
    made = tuple(draw(bars(interval, n * INTERVAL_MS["1d"])) for n in ends)
    return HistoryFact(draw(SYMBOLS), interval, made, draw(MARKETS))


@st.composite
def ticks(draw: st.DrawFn) -> Tick:
    low, one, other, high = sorted(draw(st.lists(PRICES, min_size=4, max_size=4)))
    return Tick(draw(st.integers(0, 10**8)) * MINUTE_MS, one, high, low, other)


FACTS: st.SearchStrategy[Fact] = st.one_of(
    bars_facts(),
    histories(),
    st.builds(
        TicksFact, TIMES, MARKETS, st.dictionaries(SYMBOLS, ticks(), max_size=4),
        st.dictionaries(SYMBOLS, PRICES, max_size=4),
    ),
    st.builds(
        HeartbeatFact, TIMES, MARKETS, NAMES, st.lists(SYMBOLS, max_size=4).map(tuple),
        st.dictionaries(SYMBOLS, PRICES, max_size=4),
        st.dictionaries(NAMES, maybe(WHOLES), max_size=4), WHOLES, WHOLES, WHOLES,
        st.dictionaries(NAMES, WHOLES, max_size=4), AMOUNTS, WHOLES, WHOLES,
        st.lists(NAMES, max_size=2).map(tuple), WHOLES, st.lists(SYMBOLS, max_size=2).map(tuple),
        maybe(WHOLES), WHOLES, NAMES, st.dictionaries(NAMES, WHOLES, max_size=4),
        st.dictionaries(SYMBOLS, PRICES, max_size=4),
        st.dictionaries(SYMBOLS, st.builds(LotSize, PRICES, AMOUNTS, AMOUNTS), max_size=4),
    ),
    st.builds(
        GapFact, TIMES, MARKETS, NAMES, maybe(SYMBOLS), NAMES, NAMES, TIMES, maybe(TIMES), TIMES,
        maybe(TIMES), COUNTS, COUNTS, NAMES, NAMES,
    ),
)  # fmt: skip


# --- there and back -------------------------------------------------------------------------------


@given(FACTS)
@examples(150)
def test_a_fact_reads_back_as_it_was_written(fact: Fact) -> None:
    record = encode(fact)
    assert decode(record) == fact
    assert encode(decode(record)) == record
    assert kind_of(record) == json.loads(record)["kind"]


@given(bars())
def test_a_bar_reads_back_as_it_was_stored(bar: Bar) -> None:
    stored = json.loads(json.dumps(bar_to_dict(bar)))
    assert bar_from_dict(stored) == bar
    assert stored["close_time"] == bar.close_time


@given(FACTS, st.dictionaries(NAMES.map(lambda name: f"x_{name}"), st.integers() | NAMES))
@examples(30)
def test_what_a_newer_writer_adds_is_passed_over(fact: Fact, extra: dict[str, Any]) -> None:
    assert decode(json.dumps({**json.loads(encode(fact)), **extra}).encode()) == fact


def test_a_field_that_an_older_writer_lacks_is_empty() -> None:
    known = {"time", "market", "task", "symbols", "prices", "stream_ages_ms", "sent", "v", "kind"}
    raw = {name: value for name, value in sample("heartbeat").items() if name in known}
    fact = decode(json.dumps(raw).encode())
    assert isinstance(fact, HeartbeatFact)
    assert (fact.silent, fact.skew_ms, fact.holder, fact.counts) == ((), None, "", {})


def test_an_entry_sent_again_has_the_same_id_and_later_ones_sort_higher() -> None:
    noticed = SAMPLES["gap"]
    assert isinstance(noticed, GapFact)
    over = replace(noticed, time=T0 + 9, repaired_at=T0 + 9, bars_repaired=1, outcome="repaired")
    assert over.gap_id == noticed.gap_id
    assert replace(noticed, noticed_at=T0 + 1).gap_id > noticed.gap_id
    assert (over.bars_lost, replace(noticed, outcome="lost").bars_lost) == (0, 1)


def test_whole_prices_are_read_as_floats() -> None:
    fact = decode(json.dumps({**sample("bars"), "open_interest": 5, "funding_rate": 0}).encode())
    assert isinstance(fact, BarsFact)
    assert type(fact.open_interest) is type(fact.funding_rate) is type(fact.bars[0].open) is float
