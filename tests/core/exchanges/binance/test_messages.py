"""Binance's payloads: read exactly; new fields are ignored, wrong ones are named."""

import contextlib
import json
import math
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from signalengine.errors import MalformedFactError
from signalengine.exchanges.binance import contracts, messages
from signalengine.market_data import Funding, Kline, Liquidation, MarkPrice, OpenInterest

from tests.examples import examples
from tests.paths import SHARED

DATA = SHARED
CAPTURE = DATA / "ws_raw/cryptofeed/2021-07-22/BINANCE_FUTURES.ws.1.0"
OLD_INFO = DATA / "ws_raw/cryptofeed/2021-07-22/BINANCE_FUTURES.0"
REST_0704 = DATA / "rest_raw/20260704T155543Z"
REST_0708 = DATA / "rest_raw/20260708T0928Z"
FUNDING_RATES = [REST_0704 / "fapi-v1-fundingRate-BTCUSDT-limit20.json"]
DOCUMENTED = {
    name: DATA / f"msg_fixtures/nautilus/{name}.json"
    for name in (
        "kline_stream_closed", "mark_price_stream", "liquidation_stream", "agg_trade_stream",
    )
}  # fmt: skip
MAPPERS = DATA / "msg_fixtures/tardis-node/mappers.test.ts"


def needs(*files: Path) -> pytest.MarkDecorator:
    """Skip a test on a machine that lacks one of the files it reads."""
    missing = [path.name for path in files if not path.is_file()]
    return pytest.mark.skipif(bool(missing), reason=f"not on this machine: {', '.join(missing)}")


KLINE: dict[str, Any] = {
    "e": "kline", "E": 1638747760000, "s": "BTCUSDT", "st": 1, "k": {
        "t": 1638747660000, "T": 1638747719999, "s": "BTCUSDT", "i": "1m", "f": 100, "L": 200,
        "o": "0.0010", "c": "0.0020", "h": "0.0025", "l": "0.0010", "v": "1000", "n": 100,
        "x": True, "q": "1.5", "V": "500", "Q": "0.500", "B": "123456"}}  # fmt: skip
MARK: dict[str, Any] = {
    "e": "markPriceUpdate", "E": 1562305380000, "s": "BTCUSDT", "p": "11794.15", "ap": "11794.1",
    "i": "11784.62", "P": "11784.25", "r": "0.00038167", "T": 1562306400000, "st": 1}  # fmt: skip
ORDER: dict[str, Any] = {
    "e": "forceOrder", "E": 1568014460893, "ps": "BTCUSDT", "st": 1, "o": {
        "s": "BTCUSDT", "S": "SELL", "o": "LIMIT", "f": "IOC", "q": "0.014", "p": "9910",
        "ap": "9900.5", "X": "FILLED", "l": "0.004", "z": "0.014", "T": 1568014460893}}  # fmt: skip
ROW: list[Any] = [
    1499040000000, "0.0163", "0.8", "0.0157", "0.0160", "148976.1", 1499040059999,
    "2434.19", 308, "1756.87", "28.46", "ignore"]  # fmt: skip


def changed(payload: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    copy: dict[str, Any] = json.loads(json.dumps(payload))
    *folders, last = path.split(".")
    place = copy
    for folder in folders:
        place = place[folder]
    place[last] = value
    return copy


def without(payload: dict[str, Any], path: str) -> dict[str, Any]:
    copy: dict[str, Any] = json.loads(json.dumps(payload))
    *folders, last = path.split(".")
    place = copy
    for folder in folders:
        place = place[folder]
    del place[last]
    return copy


def test_a_kline_is_read_with_all_its_volumes() -> None:
    kline = messages.parse_kline(KLINE)
    assert kline is not None
    assert (kline.symbol, kline.event_time, kline.closed) == ("BTCUSDT", 1638747760000, True)
    bar = kline.bar
    assert (bar.interval, bar.open_time, bar.close_time) == ("1m", 1638747660000, 1638747720000)
    assert (bar.open, bar.high, bar.low, bar.close) == (0.001, 0.0025, 0.001, 0.002)
    assert (bar.volume, bar.quote_volume, bar.trades, bar.taker_buy_volume) == (1000, 1.5, 100, 500)


def test_a_mark_price_is_read_with_its_funding() -> None:
    (mark,) = messages.parse_mark_prices([MARK])
    assert mark == MarkPrice("BTCUSDT", 1562305380000, 11794.15, 0.00038167, 1562306400000)


def test_a_mark_price_without_funding_has_none() -> None:
    mark = messages.parse_mark_price({**MARK, "r": "", "T": 0})
    assert mark is not None
    assert (mark.funding_rate, mark.next_funding_time) == (None, 0)


def test_only_the_requested_symbols_are_read_from_an_array() -> None:
    broken = {"e": "markPriceUpdate", "s": "XRPUSDT"}
    other = {**MARK, "s": "ETHUSDT"}
    marks = messages.parse_mark_prices([broken, MARK, other], {"ETHUSDT"})
    assert [mark.symbol for mark in marks] == ["ETHUSDT"]


def test_a_sell_order_liquidates_a_long_of_average_price_times_filled_quantity() -> None:
    order = messages.parse_force_order(ORDER)
    assert order == Liquidation("BTCUSDT", 1568014460893, "long", 9900.5 * 0.014)
    short = messages.parse_force_order(changed(ORDER, "o.S", "BUY"))
    assert short is not None
    assert short.side == "short"


@pytest.mark.parametrize(
    ("parse", "payload"),
    [
        (messages.parse_kline, KLINE),
        (messages.parse_mark_price, MARK),
        (messages.parse_force_order, ORDER),
    ],
)
def test_coin_margined_messages_are_dropped_and_a_missing_st_is_ours(
    parse: Callable[[Any], Any], payload: dict[str, Any]
) -> None:
    assert parse({**payload, "st": 2}) is None
    assert parse(without(payload, "st")) == parse(payload)


def test_a_stream_message_is_recognised_by_its_event() -> None:
    ours = {"BTCUSDT"}
    assert isinstance(messages.parse_stream(KLINE, ours), Kline)
    assert isinstance(messages.parse_stream(ORDER, ours), Liquidation)
    assert isinstance(messages.parse_stream([MARK], ours), tuple)
    assert isinstance(messages.parse_stream(MARK, ours), tuple)
    assert messages.parse_stream(KLINE, {"ETHUSDT"}) is None
    assert messages.parse_stream({"e": "somethingNew"}, ours) is None


def test_unknown_fields_are_ignored() -> None:
    assert messages.parse_kline(changed(KLINE, "k.new", {"a": 1})) == messages.parse_kline(KLINE)


@pytest.mark.parametrize(
    ("payload", "path", "value"),
    [
        (KLINE, "k.h", "0.0011"), (KLINE, "k.l", "0.0015"), (KLINE, "k.o", "NaN"),
        (KLINE, "k.o", "0"), (KLINE, "k.l", "-0.001"), (KLINE, "k.c", "inf"), (KLINE, "k.v", "-1"),
        (KLINE, "k.v", None), (KLINE, "k.n", "100"), (KLINE, "k.n", True), (KLINE, "k.x", "true"),
        (KLINE, "k.i", "2m"), (KLINE, "k.t", 1638747660001), (KLINE, "k.T", 1638747720000),
        (KLINE, "k.t", 1e12), (KLINE, "E", "1638747760000"), (KLINE, "E", True), (KLINE, "s", 5),
        (KLINE, "k", []), (MARK, "p", "x"), (MARK, "r", "nan"), (MARK, "T", -1),
        (MARK, "E", 10**14), (ORDER, "o.S", "HOLD"), (ORDER, "o.ap", None), (ORDER, "o", None),
        (ORDER, "o.z", "1e309"),
    ],
)  # fmt: skip
def test_an_impossible_field_is_named(payload: dict[str, Any], path: str, value: Any) -> None:
    with pytest.raises(MalformedFactError, match=r"\w"):
        messages.parse_stream(changed(payload, path, value), {"BTCUSDT"})


@pytest.mark.parametrize("path", ["E", "k", "k.t", "k.T", "k.i", "k.o", "k.v", "k.q", "k.n", "k.V"])
def test_a_missing_field_is_malformed(path: str) -> None:
    with pytest.raises(MalformedFactError):
        messages.parse_kline(without(KLINE, path))


def test_kline_rows_become_bars_oldest_first() -> None:
    second = [ROW[0] + 60_000, *ROW[1:6], ROW[6] + 60_000, *ROW[7:]]
    bars = messages.parse_kline_rows([ROW, second], "1m")
    assert [bar.open_time for bar in bars] == [ROW[0], ROW[0] + 60_000]
    assert (bars[0].open, bars[0].volume, bars[0].quote_volume) == (0.0163, 148976.1, 2434.19)
    assert (bars[0].trades, bars[0].taker_buy_volume) == (308, 1756.87)


@pytest.mark.parametrize(
    "rows",
    [{}, [ROW[:9]], [ROW, ROW], [["x", *ROW[1:]]], [None], [[ROW[0] + 1, *ROW[1:]]]],
)
def test_rows_that_are_not_klines_are_malformed(rows: Any) -> None:
    with pytest.raises(MalformedFactError):
        messages.parse_kline_rows(rows, "1m")


def test_open_interest_is_read_from_both_endpoints() -> None:
    now = {"openInterest": "10659.509", "symbol": "BTCUSDT", "time": 1589437530011}
    assert messages.parse_open_interest(now) == OpenInterest("BTCUSDT", 1589437530011, 10659.509)
    row = {"symbol": "BTCUSDT", "sumOpenInterest": "20403.6", "sumOpenInterestValue": "1"}
    rows = [{**row, "timestamp": "1583127900000"}, {**row, "timestamp": 1583128200000}]
    past = messages.parse_open_interest_history(rows)
    assert [(value.time, value.contracts) for value in past] == [
        (1583127900000, 20403.6), (1583128200000, 20403.6),
    ]  # fmt: skip


def test_a_funding_payment_is_cut_to_the_minute_it_was_due() -> None:
    row = {"symbol": "BTCUSDT", "fundingTime": 1782633600013, "fundingRate": "0.00001355"}
    (funding,) = messages.parse_funding_rates([row])
    assert funding == Funding("BTCUSDT", 1782633600000, 0.00001355)


def test_the_server_time_is_read() -> None:
    assert messages.parse_server_time({"serverTime": 1499827319559}) == 1499827319559


def test_the_event_time_of_anything_streamed_is_found() -> None:
    assert messages.event_time_of(KLINE) == 1638747760000
    assert messages.event_time_of([MARK, {**MARK, "E": 7}]) == 7
    for nothing in ({}, [], None, "x", {"E": "7"}, {"E": True}, {"E": -1}, [3]):
        assert messages.event_time_of(nothing) is None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=8,
)
PARSERS: list[Callable[[Any], Any]] = [
    lambda data: messages.parse_stream(data, {"BTCUSDT"}),
    messages.parse_kline, messages.parse_mark_prices, messages.parse_force_order,
    messages.parse_server_time, messages.parse_open_interest, messages.parse_open_interest_history,
    messages.parse_premium_index, messages.parse_funding_rates, contracts.parse_funding_hours,
    contracts.parse_universe, lambda data: messages.parse_kline_rows(data, "1m"),
]  # fmt: skip


@examples(150)
@given(
    JSON, st.sampled_from(["e", "E", "s", "k", "o", "st"]), st.sampled_from([KLINE, MARK, ORDER])
)
def test_any_payload_is_read_or_malformed_and_raises_no_other_error(
    junk: Any, field: str, payload: dict[str, Any]
) -> None:
    for data in (junk, [junk], {**payload, field: junk}, {"symbols": [junk]}):
        for parse in PARSERS:
            with contextlib.suppress(MalformedFactError):
                parse(data)


@examples(50)
@given(JSON, st.sampled_from(sorted(KLINE["k"])))
def test_a_kline_that_is_read_could_have_been_traded(junk: Any, field: str) -> None:
    try:
        kline = messages.parse_kline(changed(KLINE, f"k.{field}", junk))
    except MalformedFactError:
        return
    assert kline is not None
    bar = kline.bar
    assert 0 < bar.low <= min(bar.open, bar.close) <= max(bar.open, bar.close) <= bar.high
    assert math.isfinite(bar.high + bar.volume)


# --- recorded ------------------------------------------------------------------------------------


@needs(CAPTURE)
def test_the_raw_capture_is_read_whole() -> None:
    symbols = {"SUSHIUSDT", "AKROUSDT", "KEEPUSDT", "CTKUSDT"}
    klines, closed, lines = 0, set(), CAPTURE.read_text().splitlines()[1:]
    for line in lines:
        message = json.loads(line.split(": ", 1)[1])
        if "stream" not in message:
            continue
        parsed = messages.parse_stream(message["data"], symbols)
        assert messages.event_time_of(message["data"]) is not None
        if isinstance(parsed, Kline):
            klines += 1
            if parsed.closed:
                closed.add(parsed.symbol)
        else:
            assert "@kline" not in message["stream"]
    assert klines > 50
    assert closed == symbols


@needs(
    REST_0704 / "fapi-v1-premiumIndex.json", REST_0704 / "fapi-v1-fundingInfo.json", *FUNDING_RATES
)  # fmt: skip
def test_the_raw_rest_bodies_are_read() -> None:
    premium = json.loads((REST_0704 / "fapi-v1-premiumIndex.json").read_text())
    marks = messages.parse_premium_index(premium)
    assert len(marks) == len(premium) > 800
    assert messages.parse_premium_index(premium[0]) == marks[:1]
    info = json.loads((REST_0704 / "fapi-v1-fundingInfo.json").read_text())
    assert set(contracts.parse_funding_hours(info).values()) <= {1, 2, 4, 8}
    for path in FUNDING_RATES:
        fundings = messages.parse_funding_rates(json.loads(path.read_text()))
        assert all(funding.time % 3_600_000 == 0 for funding in fundings)


@needs(*DOCUMENTED.values())
def test_the_documented_messages_of_2026_are_read() -> None:
    read = {
        name: messages.parse_stream(json.loads(path.read_text()), {"BTCUSDT"})
        for name, path in DOCUMENTED.items()
    }
    assert isinstance(read["kline_stream_closed"], Kline)
    assert isinstance(read["mark_price_stream"], tuple)
    assert isinstance(read["liquidation_stream"], Liquidation)
    assert read["agg_trade_stream"] is None


@needs(MAPPERS)
def test_the_messages_in_the_tests_of_another_project_are_read() -> None:
    text = MAPPERS.read_text()
    marks, orders = 0, 0
    for found in re.finditer(r"\{\s*e: '(markPriceUpdate|forceOrder)'[^}]*\}(?:\s*\})?", text):
        body = (
            found.group(0) if found.group(1) == "forceOrder" else found.group(0).split("}")[0] + "}"
        )
        data = json.loads(re.sub(r"(\w+):(?= )", r'"\1":', body).replace("'", '"'))
        if found.group(1) == "markPriceUpdate":
            marks += messages.parse_mark_price(data) is not None
        else:
            orders += messages.parse_force_order(data) is not None
    assert marks >= 3
    assert orders >= 2
