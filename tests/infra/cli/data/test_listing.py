"""`signalengine data list` as a person runs it."""

import json

import pytest

from infra.cli.data.listing import size
from tests.infra.cli.conftest import Cli
from tests.research.data.folders import put
from tests.research.data.recordings import csv, market


@pytest.fixture
def folder(tmp_path):
    for name in ("BTCUSDT", "ETHUSDT"):
        put(tmp_path / "here", f"{name}-1h-2026-02.csv", csv(market(48, interval="1h")))
    return tmp_path / "here"


def test_a_folder_is_listed(folder, cli: Cli):
    found = cli("data", "list", str(folder), width=200)
    assert found.code == 0
    line = next(line for line in found.out.splitlines() if line.startswith("BTCUSDT"))
    assert line.split()[:4] == ["BTCUSDT", "bars", "1h", "2026-02-01"]
    assert "Binance's archive" in line
    assert "2 symbols, " in found.out


def test_the_folder_of_downloads_is_the_default(folder, cli: Cli, monkeypatch):
    monkeypatch.setenv("SIGNALENGINE_DATA", str(folder))
    assert "ETHUSDT" in cli("data", "list").out


def test_symbols_are_chosen_as_people_write_them(folder, cli: Cli):
    found = json.loads(cli("data", "list", str(folder), "--symbols", "eth", "--json").out)
    assert [one["symbol"] for one in found["entries"]] == ["ETHUSDT"]
    assert set(found) == {"folder", "bytes", "entries", "unreadable", "passed_over"}
    refused = cli("data", "list", str(folder), "--symbols", "sol")
    assert (refused.code, "sol is not there" in refused.err) == (2, True)


def test_what_cannot_be_read_is_named(folder, cli: Cli):
    put(folder, "SOLUSDT-1h-2026-02.csv", "<html>")
    put(folder, "notes.xlsx", "…")
    found = cli("data", "list", str(folder))
    assert found.code == 0
    assert "SOLUSDT-1h-2026-02.csv is a page of HTML" in found.out
    assert "Passed over: 'notes.xlsx'." in found.out


def test_a_folder_that_is_not_there_is_an_error(tmp_path, cli: Cli):
    found = cli("data", "list", str(tmp_path / "nothing"))
    assert (found.code, "does not exist" in found.err) == (1, True)


def test_a_mapping_that_lies_elsewhere_is_named(tmp_path, cli: Cli):
    put(tmp_path / "rates", "BTC.csv", "t,r\n1769904000000,1\n")
    text = '[[files]]\nmatch = "{symbol}.csv"\nkind = "funding"\n'
    text += 'time = { column = "t" }\ncolumns = { value = "r" }\n'
    mapping = put(tmp_path, "mine.toml", text)
    found = cli("data", "list", str(tmp_path / "rates"), "--mapping", str(mapping), width=200)
    assert "BTCUSDT" in found.out


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, "0 B"), (999, "999 B"), (1_000, "1.0 kB"), (12_345_678, "12.3 MB"), (3e15, "3000.0 TB")],
)
def test_sizes_have_the_unit_that_fits(count, text):
    assert size(count) == text
