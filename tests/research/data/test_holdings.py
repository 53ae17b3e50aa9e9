"""Files are recognised by their names, and others are left alone."""

from dataclasses import replace

import pytest

from research.data.download import checked_symbol
from research.data.errors import DataError
from research.data.holdings import recognised
from research.data.loader import load, symbols
from tests.research.data.folders import MONTH, put
from tests.research.data.recordings import (
    csv,
    market,
    same,
)


def test_a_file_may_be_named_and_then_called_anything(tmp_path):
    path = put(tmp_path, "my download.csv", csv(market(5)))
    assert same(load(path, "BTCUSDT"), market(5))
    with pytest.raises(DataError, match="not recognised by its name"):
        load(put(tmp_path, "bars.txt", csv(market(5))), "BTCUSDT")


def test_the_error_names_what_a_folder_has_instead(tmp_path):
    with pytest.raises(DataError, match="nowhere does not exist"):
        load(tmp_path / "nowhere", "BTCUSDT")
    with pytest.raises(DataError, match=r"holds no recorded bars. Recognised are"):
        load(tmp_path, "BTCUSDT")
    put(tmp_path, "BTCUSDT-5m-2026-02.csv", csv(market(9, interval="5m")))
    with pytest.raises(DataError, match="holds no bars of ETHUSDT, only of: BTCUSDT"):
        load(tmp_path, "ETHUSDT")
    with pytest.raises(DataError, match=r"holds BTCUSDT as 5m, not as 1m. Download 1m bars"):
        load(tmp_path, "BTCUSDT")
    assert len(load(tmp_path, "BTCUSDT", interval="5m")) == 9
    with pytest.raises(DataError, match="interval '3m': use one of 1m, 5m, 15m, 1h"):
        load(tmp_path, "BTCUSDT", interval="3m")


NAMES = (
    ("BTCUSDT", "BTC_USDT_USDT"), ("1000PEPEUSDT", "1000PEPE_USDT_USDT"),
    ("BTCUSDC", "BTC_USDC_USDC"), ("币安人生USDT", "币安人生_USDT_USDT"),
    ("BTCUSDT_251226", "BTC_USDT_USDT-251226"),
)  # fmt: skip


@pytest.mark.parametrize(("symbol", "pair"), NAMES)
def test_a_symbol_is_found_in_the_names_of_files(tmp_path, symbol, pair):
    named = [
        (f"{symbol}-1m-2026-02.zip", "1m"), (f"{symbol}-1m-2026-02-01.csv", "1m"),
        (f"{symbol}-metrics-2026-02-01.zip", "metrics"),
        (f"{symbol}-fundingRate-2026-02.zip", "fundingRate"),
        (f"{symbol}-openInterestHist-5m-2026-02-01.csv", "openInterestHist"),
        (f"{pair}-1m-futures.feather", "1m"), (f"{pair}-8h-mark.feather", "mark"),
        (f"{pair}-8h-funding_rate.feather", "fundingRate"),
    ]  # fmt: skip
    for name, kind in named:
        found = recognised(tmp_path / name)
        assert found is not None, name
        assert (found.symbol, found.kind) == (symbol, kind)


@pytest.mark.parametrize(("symbol", "pair"), NAMES)
def test_bars_of_any_symbol_are_read_beside_others(tmp_path, symbol, pair):
    for at, (name, _) in enumerate(NAMES):
        put(tmp_path, f"{name}-1m-2026-02.csv", csv(market(9, seed=at + 1)))
    assert symbols(tmp_path) == tuple(sorted(name for name, _ in NAMES))
    at = [name for name, _ in NAMES].index(symbol)
    assert same(replace(load(tmp_path, symbol), symbol="BTCUSDT"), market(9, seed=at + 1))
    assert checked_symbol(symbol) == symbol


def test_other_prices_of_the_archive_are_not_taken_for_bars(tmp_path):
    put(tmp_path, f"futures/um/monthly/klines/{MONTH}.csv", csv(market(9)))
    put(tmp_path, f"futures/um/monthly/markPriceKlines/{MONTH}.csv", csv(market(9, seed=2)))
    put(tmp_path, f"spot/monthly/klines/{MONTH}.csv", csv(market(9, seed=3)))
    assert same(load(tmp_path, "BTCUSDT"), market(9))
