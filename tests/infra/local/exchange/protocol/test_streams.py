"""Stream names and their routes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from signalengine.exchanges.binance.streams import BinanceStreams
from signalengine.facts.symbols import is_symbol

from infra.local.exchange.protocol.streams import parse
from tests.examples import examples

SYMBOLS = {"BTCUSDT"}


@pytest.mark.parametrize(
    ("name", "kind", "symbol", "interval", "period"),
    [
        ("btcusdt@kline_1m", "kline", "BTCUSDT", "1m", 1),
        ("btcusdt@kline_1h", "kline", "BTCUSDT", "1h", 1),
        ("btcusdt@markPrice", "markPrice", "BTCUSDT", "", 3),
        ("btcusdt@markPrice@1s", "markPrice", "BTCUSDT", "", 1),
        ("!markPrice@arr", "markPrices", "", "", 3),
        ("!markPrice@arr@1s", "markPrices", "", "", 1),
        ("btcusdt@forceOrder", "forceOrder", "BTCUSDT", "", 1),
        ("!forceOrder@arr", "forceOrders", "", "", 1),
        ("!miniTicker@arr", "miniTickers", "", "", 1),
        ("!contractInfo", "contractInfo", "", "", 1),
        ("btcusdt@aggTrade", "aggTrade", "BTCUSDT", "", 1),
    ],
)
def test_market_streams_reach_the_market_route_only(
    name: str, kind: str, symbol: str, interval: str, period: int
) -> None:
    stream = parse(name, SYMBOLS)
    assert stream is not None
    assert (stream.kind, stream.symbol, stream.interval) == (kind, symbol, interval)
    assert stream.period_s == period
    assert [stream.reaches(route) for route in ("market", "public", "")] == [True, False, False]


def test_the_book_ticker_reaches_public_and_unrouted_connections() -> None:
    stream = parse("btcusdt@bookTicker", SYMBOLS)
    assert stream is not None
    assert [stream.reaches(route) for route in ("market", "public", "")] == [False, True, True]


@given(
    st.sampled_from(["1000PEPEUSDT", "BTCUSDT_251226", "币安人生USDT", "ΣΊΣΥΦΟΣUSDT"]) | st.text()
)
@examples(100)
def test_the_stream_of_a_symbol_of_any_script_has_its_lower_case_name(symbol: str) -> None:
    stream = parse(BinanceStreams().kline(symbol), {symbol})
    assert (stream is not None and stream.symbol == symbol) == is_symbol(symbol)


@pytest.mark.parametrize(
    "name",
    ["", "BTCUSDT@kline_1m", "ethusdt@kline_1m", "btcusdt@kline_1s", "btcusdt@1m", "btcusdt@",
     "!arr", "btcusdt@markPrice@2s", "btcusdt"],
)  # fmt: skip
def test_other_names_are_no_streams(name: str) -> None:
    assert parse(name, SYMBOLS) is None
