"""A folder is looked through once, however many symbols are read from it."""

import pytest

from research.data import recordings
from research.data.errors import DataError, MissingBarsError
from research.data.loader import load, load_each, symbols
from research.data.recordings import scan
from tests.research.data.folders import put
from tests.research.data.recordings import MINUTE, START, csv, market, same

NAMES = ("BTCUSDT", "ETHUSDT", "SOLUSDT")


@pytest.fixture
def folder(tmp_path):
    for seed, name in enumerate(NAMES):
        put(tmp_path, f"{name}-1m-2026-02.csv", csv(market(20, seed=seed)))
    return tmp_path


def test_many_symbols_take_one_look_at_the_folder(folder, monkeypatch):
    looks = []
    whole = recordings.survey
    monkeypatch.setattr(recordings, "survey", lambda *given: looks.append(1) or whole(*given))
    tables = list(load_each(folder, NAMES, end=START + 10 * MINUTE))
    assert looks == [1]
    assert [table.symbol for table in tables] == list(NAMES)
    assert all(same(table, load(folder, table.symbol, end=START + 10 * MINUTE)) for table in tables)


def test_what_was_looked_through_is_read_as_the_folder_is(folder):
    found = scan(folder)
    assert symbols(found) == NAMES == symbols(folder)
    assert scan(found) is found
    assert same(load(found, "ETHUSDT"), load(folder, "ETHUSDT"))


def test_errors_name_what_the_folder_holds(folder):
    found = scan(folder)
    with pytest.raises(MissingBarsError, match="holds no bars of XRPUSDT, only of: BTCUSDT, ETH"):
        found.load("XRPUSDT")
    with pytest.raises(MissingBarsError, match="holds BTCUSDT as 1m, not as 4h"):
        found.load("BTCUSDT", interval="4h")
    with pytest.raises(DataError, match="interval '3m': use one of"):
        found.load("BTCUSDT", interval="3m")
