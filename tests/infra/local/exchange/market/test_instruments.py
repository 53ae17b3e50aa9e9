"""Contracts: grids and texts."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from signalengine.exchanges.binance.contracts import parse_universe

from infra.local.exchange.market.instruments import (
    CATALOGUE,
    EXACT,
    Instrument,
    fitted,
    instrument,
    listing,
    shortest,
)


@given(st.floats(min_value=1e-12, max_value=1e15))
def test_the_shortest_text_reads_back_the_same_and_has_no_exponent(value: float) -> None:
    text = shortest(value)
    assert float(text) == value
    assert "e" not in text.lower()


@pytest.mark.parametrize("coin", CATALOGUE.values(), ids=lambda coin: coin.symbol)
def test_prices_on_the_grid_are_written_exactly(coin: Instrument) -> None:
    for factor in (1.0, 1.0001234, 0.98765):
        price = coin.on_grid(coin.price * factor)
        assert float(coin.price_text(price)) == price
        assert abs(price - coin.price * factor) <= coin.tick / 2 * 1.000001


def test_an_unknown_name_is_always_the_same_contract() -> None:
    assert instrument("FOOUSDT") == instrument("FOOUSDT")
    assert instrument("FOOUSDT") != instrument("BARUSDT")


def test_a_recording_with_more_decimals_gets_them() -> None:
    coin = fitted("SOLUSDT", 5, 4)
    assert coin.price_text(148.12345) == "148.12345"
    assert fitted("SOLUSDT", EXACT, 0).price_text(0.1 + 0.2) == "0.30000000000000004"


def test_a_listing_passes_the_filter_for_crypto_perpetuals() -> None:
    entry = listing(instrument("BTCUSDT"))
    assert (entry["contractType"], entry["quoteAsset"]) == ("PERPETUAL", "USDT")
    assert (entry["status"], entry["underlyingType"]) == ("TRADING", "COIN")
    filters = {item["filterType"]: item for item in entry["filters"]}
    assert float(filters["PRICE_FILTER"]["tickSize"]) == 0.1
    assert float(filters["LOT_SIZE"]["stepSize"]) == 0.001


@pytest.mark.parametrize(
    ("tick", "text"), [(None, "0.1"), (0.01, "0.01"), (1e-7, "0.0000001"), (0.0, "0")]
)
def test_a_listing_has_the_tick_of_its_recording(tick: float | None, text: str) -> None:
    entry = listing(replace(instrument("BTCUSDT"), listed_tick=tick))
    (sizes,) = (f for f in entry["filters"] if f["filterType"] == "PRICE_FILTER")
    assert sizes["tickSize"] == text
    found = parse_universe({"symbols": [entry]}).tick_sizes
    assert found == ({"BTCUSDT": float(text)} if float(text) else {})
