"""The contract of an exchange, held by every registered one and by a second one made here.

To add an exchange, add its sample payloads here.
"""

import contextlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from signalengine.errors import MalformedFactError
from signalengine.exchanges.binance.exchange import BINANCE
from signalengine.exchanges.port import Exchange, RestRequest
from signalengine.exchanges.registry import DEFAULT, EXCHANGES
from signalengine.facts.stream import Bar
from signalengine.intervals import MINUTE_MS
from signalengine.market_data import (
    ContractInfo,
    Funding,
    Kline,
    Liquidation,
    MarkPrice,
    OpenInterest,
    Universe,
)

from tests.core.exchanges.second_exchange import SECOND
from tests.examples import examples

T0 = 1_747_612_800_000
BAR = Bar("1m", T0, 100.0, 102.0, 99.0, 101.0, 5.0)


@dataclass(frozen=True)
class Samples:
    """One payload of each class, and one answer to each request, of one exchange."""

    exchange: Exchange
    symbol: str
    kline: Any
    mark: Any
    liquidation: Any
    contract: Any
    frame: Callable[[Any], dict[str, Any]]
    confirmation: Callable[[int], dict[str, Any]]
    refusal: dict[str, Any]
    server_time: Any
    universe: Any
    day_volumes: Any
    funding_hours: Any
    bars: Any
    open_interest: Any
    funding_rates: Any
    replayed_open_interest: Any


OF_BINANCE = Samples(
    exchange=BINANCE,
    symbol="BTCUSDT",
    kline={
        "e": "kline", "E": T0 + 60_005, "s": "BTCUSDT", "k": {
            "t": T0, "T": T0 + 59_999, "s": "BTCUSDT", "i": "1m", "o": "100", "h": "102",
            "l": "99", "c": "101", "v": "5", "q": "500", "n": 7, "x": True, "V": "2"}},
    mark={
        "e": "markPriceUpdate", "E": T0 + 1_000, "s": "BTCUSDT", "p": "100.5", "r": "0.0001",
        "T": T0 + 28_800_000},
    liquidation={
        "e": "forceOrder", "E": T0 + 2_000,
        "o": {"s": "BTCUSDT", "S": "SELL", "ap": "100", "z": "3"}},
    contract={
        "e": "contractInfo", "E": T0 + 3_000, "s": "BTCUSDT", "ct": "PERPETUAL", "cs": "TRADING"},
    frame=lambda data: {"stream": "any", "data": data},
    confirmation=lambda number: {"result": None, "id": number},
    refusal={"code": 2, "msg": "Invalid request", "id": 1},
    server_time={"serverTime": T0},
    universe={"symbols": [
        {"symbol": "BTCUSDT", "contractType": "PERPETUAL", "status": "TRADING",
         "quoteAsset": "USDT", "underlyingType": "COIN", "filters": [
            {"filterType": "PRICE_FILTER", "tickSize": "0.10"}]}]},
    day_volumes=[{"symbol": "BTCUSDT", "quoteVolume": "15.3"}],
    funding_hours=[{"symbol": "BTCUSDT", "fundingIntervalHours": 4}],
    bars=[[T0, "100", "102", "99", "101", "5", T0 + 59_999, "500", 7, "2", "200", "0"]],
    open_interest={"openInterest": "7", "symbol": "BTCUSDT", "time": T0},
    funding_rates=[{"symbol": "BTCUSDT", "fundingTime": T0 + 13, "fundingRate": "0.0001"}],
    replayed_open_interest=[{"symbol": "BTCUSDT", "sumOpenInterest": "7", "timestamp": T0}],
)  # fmt: skip
OF_SECOND = Samples(
    exchange=SECOND,
    symbol="BTC-PERP",
    kline=["k", T0 + 60_005, "BTC-PERP", True, T0, "100", "102", "99", "101", "5"],
    mark=["m", T0 + 1_000, "BTC-PERP", "100.5", "0.0001", T0 + 28_800_000],
    liquidation=["l", T0 + 2_000, "BTC-PERP", "long", 300],
    contract=["c", T0 + 3_000, "BTC-PERP", "trading"],
    frame=lambda data: {"payload": data},
    confirmation=lambda number: {"req": str(number), "ok": True},
    refusal={"req": "1", "ok": False},
    server_time={"now": T0},
    universe={"live": {"BTC-PERP": 0.1}},
    day_volumes={"BTC-PERP": 15.3},
    funding_hours={"BTC-PERP": 4},
    bars=[[T0, 100, 102, 99, 101, 5]],
    open_interest={"t": T0, "oi": 7},
    funding_rates=[[T0, 0.0001]],
    replayed_open_interest=[["BTC-PERP", T0, 7]],
)
ALL = [OF_BINANCE, OF_SECOND]
each = pytest.mark.parametrize("of", ALL, ids=lambda of: of.exchange.name)


def test_every_registered_exchange_is_tested_here() -> None:
    assert set(EXCHANGES) <= {of.exchange.name for of in ALL}
    assert all(EXCHANGES[name].name == name == name.lower() for name in EXCHANGES)
    assert DEFAULT in EXCHANGES


@each
def test_its_addresses_are_of_their_protocol_and_can_be_replaced(of: Samples) -> None:
    rest, ws = of.exchange.rest_base, of.exchange.ws_base
    assert rest.default.startswith("https://")
    assert ws.default.startswith("wss://")
    assert not rest.default.endswith("/")
    assert not ws.default.endswith("/")
    assert rest.variable != ws.variable
    assert all(part.variable.isupper() for part in (rest, ws))
    assert str(of.exchange.rest.limits.region_status) in of.exchange.region_help


@each
def test_its_limits_leave_room_for_the_streams_of_all_symbols(of: Samples) -> None:
    streams, rest = of.exchange.streams, of.exchange.rest.limits
    assert streams.route.startswith("/")
    assert len(streams.common) < streams.limits.streams
    assert 0 < streams.limits.streams_per_request <= streams.limits.streams
    assert streams.limits.lifetime_s > 3_600, "connections are replaced an hour before their end"
    assert streams.limits.frame_bytes > 10_000
    assert rest.weight_per_minute > 0
    assert rest.region_status not in rest.pauses_s
    assert all(seconds > 0 for seconds in rest.pauses_s.values())


@each
def test_a_request_names_its_streams_and_replies_are_recognised(of: Samples) -> None:
    streams = of.exchange.streams
    names = [streams.kline(of.symbol), *streams.common]
    assert len({streams.kline("AUSDT"), streams.kline("BUSDT"), *names}) == len(names) + 2
    subscribe = streams.request("subscribe", names, 3)
    assert isinstance(json.loads(subscribe), dict)
    assert all(json.dumps(name) in subscribe for name in names)
    assert subscribe != streams.request("unsubscribe", names, 3)
    assert subscribe != streams.request("subscribe", names, 4)
    reply = of.confirmation(3)
    assert not streams.is_data(reply)
    assert streams.confirms(reply, 3)
    assert not streams.confirms(reply, 4)
    assert not streams.refuses(reply)
    assert streams.refuses(of.refusal)
    frame = of.frame(of.kline)
    assert streams.is_data(frame)
    assert streams.data_of(frame) == of.kline


@each
def test_each_class_of_payload_is_parsed_to_its_type(of: Samples) -> None:
    streams, symbol = of.exchange.streams, of.symbol
    kline = streams.parse(of.kline, {symbol})
    assert isinstance(kline, Kline)
    bar = kline.bar
    assert (kline.symbol, kline.closed, bar.open_time, bar.close) == (symbol, True, T0, BAR.close)
    assert streams.parse(of.mark, {symbol}) == (
        MarkPrice(symbol, T0 + 1_000, 100.5, 0.0001, T0 + 28_800_000),
    )
    assert streams.parse(of.liquidation, {symbol}) == Liquidation(symbol, T0 + 2_000, "long", 300.0)
    contract = streams.parse(of.contract, {symbol})
    assert isinstance(contract, ContractInfo)
    assert (contract.symbol, contract.state) == (symbol, "trading")
    classes = [streams.class_of(data) for data in (of.kline, of.mark, of.liquidation, of.contract)]
    assert classes == ["kline", "mark", "liquidation", "contract"]
    times = [streams.event_time_of(data) for data in (of.kline, of.mark, of.liquidation)]
    assert times == [T0 + 60_005, T0 + 1_000, T0 + 2_000]


@each
def test_other_symbols_are_not_used_and_the_reason_is_one_word(of: Samples) -> None:
    streams = of.exchange.streams
    for data in (of.kline, of.mark, of.liquidation):
        assert not streams.parse(data, {"OTHER"})
        assert streams.why_unused(data).isidentifier()
    assert streams.parse(of.contract, {"OTHER"}) is not None, "of any symbol: one may be new"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=8,
)


@examples(100)
@given(JSON, st.sampled_from(ALL), st.sampled_from(["kline", "mark", "liquidation", "contract"]))
def test_any_payload_is_parsed_or_malformed(junk: Any, of: Samples, name: str) -> None:
    streams, sample = of.exchange.streams, getattr(of, name)
    changed = [*sample[:3], junk] if isinstance(sample, list) else sample | {"k": junk, "o": junk}
    for data in (junk, [junk], changed):
        assert streams.event_time_of(data) is None or streams.event_time_of(data)
        assert streams.why_unused(data).isidentifier()
        with contextlib.suppress(MalformedFactError):
            streams.parse(data, {of.symbol})
    for request in requests(of).values():
        with contextlib.suppress(MalformedFactError):
            request.parse(junk)


def requests(of: Samples) -> dict[str, RestRequest[Any]]:
    """Every request, by the name of its sample answer."""
    rest, symbol, end = of.exchange.rest, of.symbol, T0 + MINUTE_MS
    return {
        "server_time": rest.server_time(), "universe": rest.universe(),
        "day_volumes": rest.day_volumes(), "funding_hours": rest.funding_hours(),
        "bars": rest.bars_between(symbol, "1m", T0, end),
        "open_interest": rest.open_interest(symbol),
        "funding_rates": rest.funding_rates(symbol, T0, end),
        "replayed_open_interest": rest.replayed_open_interest(T0, end),
    }  # fmt: skip


@each
def test_each_answer_is_parsed_to_its_type(of: Samples) -> None:
    read = {name: request.parse(getattr(of, name)) for name, request in requests(of).items()}
    universe = read.pop("universe")
    (bar,) = read.pop("bars")
    assert isinstance(universe, Universe)
    assert universe.symbols == {of.symbol}
    assert universe.tick_sizes == {of.symbol: 0.1}
    assert (bar.open_time, bar.high, bar.volume) == (T0, BAR.high, BAR.volume)
    assert of.exchange.rest.last_bars(of.symbol, "1m", T0 + MINUTE_MS, 1).parse(of.bars) == (bar,)
    assert read == {
        "server_time": T0,
        "day_volumes": {of.symbol: 15.3},
        "funding_hours": {of.symbol: 4},
        "open_interest": OpenInterest(of.symbol, T0, 7.0),
        "funding_rates": (Funding(of.symbol, T0, 0.0001),),
        "replayed_open_interest": (OpenInterest(of.symbol, T0, 7.0),),
    }


@each
def test_a_request_is_a_path_with_its_query_and_costs_no_more_than_there_is(of: Samples) -> None:
    for request in requests(of).values():
        assert request.path.startswith("/")
        assert 0 <= request.weight <= of.exchange.rest.limits.weight_per_minute
        assert all(isinstance(value, str | int) for value in request.query.values())
    assert of.exchange.rest.weight_used({}) is None
