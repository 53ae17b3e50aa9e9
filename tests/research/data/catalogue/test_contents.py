"""What one file holds, in every layout, and where it comes from."""

import pytest

from research.data.catalogue.contents import (
    ARCHIVE,
    FREQTRADE,
    LICENCES,
    NOT_NAMED,
    OWN,
    REST,
    contents_of,
)
from research.data.errors import DataError
from research.data.holdings import survey
from tests.research.data.folders import put
from tests.research.data.recordings import (
    MINUTE,
    START,
    csv,
    market,
    write_feather,
    write_freqtrade,
    write_stream,
    zipped,
)
from tests.research.data.test_stream_archive import fact_of

RATE = {"open": [0.0001, 0.0002]}


def only(folder):
    (found,) = contents_of([item for item in survey(folder) if item.kind != "mapping"])
    return found


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("BTCUSDT-1m-2026-02.csv", ARCHIVE),
        ("futures/um/daily/klines/BTCUSDT/1m/BTCUSDT-1m-2026-02-01.zip", ARCHIVE),
        ("rest/klines/BTCUSDT/1m/BTCUSDT-1m-2026-02-01.csv", REST),
    ],
)
def test_bars_of_the_archive_and_of_rest(tmp_path, name, source):
    text = csv(market(5))
    put(tmp_path, name, zipped(name.split("/")[-1][:-3] + "csv", text) if "zip" in name else text)
    found = only(tmp_path)
    assert (found.symbol, found.kind, found.interval) == ("BTCUSDT", "bars", "1m")
    assert (found.source, found.licence) == (source, LICENCES[source])
    assert (found.first, found.last, found.rows) == (START, START + 4 * MINUTE, 5)


def test_bars_of_freqtrade_name_no_licence(tmp_path):
    write_freqtrade(tmp_path, market(5))
    assert (only(tmp_path).source, only(tmp_path).licence) == (FREQTRADE, NOT_NAMED)


@pytest.mark.parametrize(
    ("kind", "expected"), [("funding_rate", "funding"), ("mark", "mark")]
)  # fmt: skip
def test_what_lies_beside_bars(tmp_path, kind, expected):
    write_feather(
        tmp_path / f"BTC_USDT_USDT-8h-{kind}.feather", [START, START + 480 * MINUTE], RATE
    )
    found = only(tmp_path)
    assert (found.kind, found.interval, found.rows) == (expected, "", 2)


def test_open_interest_of_the_archive_is_listed_from_when_it_could_be_known(tmp_path):
    row = "2026-02-01 00:00:00,BTCUSDT,7,1,1,1,1,1\n"
    put(tmp_path, "BTCUSDT-metrics-2026-02-01.csv", row)
    assert (only(tmp_path).kind, only(tmp_path).first) == ("open_interest", START + 5 * MINUTE)


def test_our_own_archive_names_the_symbols_of_its_facts(tmp_path):
    facts = [fact_of(bar) for bar in market(3).bars()]
    write_stream(tmp_path / "part-1.gz", facts)
    found = only(tmp_path)
    assert (found.symbol, found.kind, found.source, found.rows) == ("BTCUSDT", "stream", OWN, 3)
    assert (found.first, found.last) == (
        facts[0].close_time - MINUTE,
        facts[-1].close_time - MINUTE,
    )


def test_a_mapping_names_source_and_licence(tmp_path):
    put(tmp_path, "BTC.csv", f"t,r\n{START},0.01\n")
    put(
        tmp_path,
        "mapping.toml",
        """
[[files]]
match = "{symbol}.csv"
kind = "funding"
time = { column = "t" }
columns = { value = "r" }
source = "somebody"
licence = "MIT"
""",
    )
    assert (only(tmp_path).source, only(tmp_path).licence) == ("somebody", "MIT")


def test_bars_of_an_interval_that_is_not_read_are_an_error(tmp_path):
    put(tmp_path, "BTCUSDT-3m-2026-02.csv", csv(market(5)))
    with pytest.raises(DataError, match=r"BTCUSDT-3m-2026-02\.csv: bars of 3m, which are not read"):
        only(tmp_path)
