"""Files are recognised by name and content; other data is passed over, and named."""

import gzip
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from research.data.download import checked_symbol
from research.data.errors import DataError
from research.data.holdings import recognised, survey
from research.data.loader import load, passed_over, symbols
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


GOOD = market(30)


def gzipped(text: str) -> bytes:
    return gzip.compress(text.encode(), mtime=0)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("BTC_USDT-trades.json.gz", gzipped('[[1747612800000,"1",null,"buy",100.0,1.0]]')),
        ("notes.jsonl", '{"text": "no fact"}\n'),
        ("broken.gz", gzipped("x" * 99)[:20]),
        ("empty.ndjson", ""),
        ("page.gz", "<!doctype html><title>404</title>"),
        ("candles.parquet", "PAR1"),
        ("ETHUSDT-trades-2026-02.zip", "PK"),
        ("markPriceKlines/BTCUSDT-1m-2026-02.csv", csv(market(9, seed=2))),
    ],
)
def test_other_data_beside_bars_is_passed_over_and_named(tmp_path, name, content):
    put(tmp_path, f"{MONTH}.csv", csv(GOOD))
    put(tmp_path, name, content)
    put(tmp_path, "README.md", "needs no mention")
    assert same(load(tmp_path, "BTCUSDT"), GOOD)
    assert passed_over(tmp_path) == f"Passed over: '{name.rpartition('/')[2]}'."


def test_many_files_are_counted(tmp_path):
    for number in range(9):
        put(tmp_path, f"{number}.parquet", "")
    assert passed_over(tmp_path) == "Passed over: '0.parquet', '1.parquet', '2.parquet' and 6 more."
    with pytest.raises(DataError, match=r"holds no recorded bars.*'2.parquet' and 6 more"):
        load(tmp_path, "BTCUSDT")


def test_a_named_file_without_facts_is_refused_with_its_kind(tmp_path):
    with pytest.raises(DataError, match=r"a\.jsonl is JSON, such as a server's answer"):
        load(put(tmp_path, "a.jsonl", '{"code": -1121}'), "BTCUSDT")
    with pytest.raises(DataError, match=r"b\.gz is compressed by gzip"):
        load(put(tmp_path, "b.gz", gzipped("x")), "BTCUSDT")
    with pytest.raises(DataError, match=r"c\.jsonl holds no facts of the stream"):
        load(put(tmp_path, "c.jsonl", "x"), "BTCUSDT")


def test_a_copy_is_not_read_twice(tmp_path):
    put(tmp_path, f"{MONTH} (1).csv", csv(GOOD))
    put(tmp_path, f"backup/{MONTH}.csv", csv(GOOD))
    put(tmp_path, f"{MONTH.lower()}.CSV", csv(GOOD))
    put(tmp_path, f"{MONTH}.csv", csv(GOOD))
    table = load(tmp_path, "BTCUSDT")
    assert (same(table, GOOD), table.repairs) == (True, ())
    assert passed_over(tmp_path).count("BTCUSDT-1m-2026-02") == 2
    assert [one.path.name for one in survey(tmp_path) if one.kind == "1m"] == [f"{MONTH}.csv"]


def test_a_copy_that_differs_is_read_as_well(tmp_path):
    put(tmp_path, f"{MONTH}.csv", csv(GOOD))
    put(tmp_path, f"{MONTH} (1).csv", csv(market(40)))
    table = load(tmp_path, "BTCUSDT")
    assert (len(table), [repair.kind for repair in table.repairs]) == (40, ["duplicate"])


@pytest.mark.parametrize("name", [MONTH.lower() + ".csv", MONTH.upper() + ".CSV", MONTH + ".Csv"])
def test_the_case_of_a_name_does_not_matter(tmp_path, name):
    put(tmp_path, name, csv(GOOD))
    assert symbols(tmp_path) == ("BTCUSDT",)
    assert same(load(tmp_path, "BTCUSDT"), GOOD)


@pytest.mark.parametrize("inside", [f"{MONTH}.csv", f"{MONTH}/{MONTH}.csv"])
def test_a_zip_that_a_mac_made_again_is_read(tmp_path, inside):
    with zipfile.ZipFile(tmp_path / f"{MONTH} (1).zip", "w") as archive:
        archive.writestr(inside, csv(GOOD))
        archive.writestr("__MACOSX/._" + Path(inside).name, "attributes")
        archive.writestr(".DS_Store", "attributes")
    put(tmp_path, f"._{MONTH}.csv", b"\x00\x05\x16\x07")
    put(tmp_path, f"__MACOSX/{MONTH}.csv", b"\x00\x05\x16\x07")
    assert same(load(tmp_path, "BTCUSDT"), GOOD)
    assert passed_over(tmp_path) == ""
