"""`signalengine data check`: what it finds, and its exit codes."""

import json

import pytest

from tests.infra.cli.conftest import Cli
from tests.research.data.folders import put
from tests.research.data.recordings import START, contract, csv, market

HOURS = market(48, interval="1h")


@pytest.fixture
def folder(tmp_path):
    put(tmp_path / "here", "BTCUSDT-1h-2026-02.csv", csv(HOURS))
    put(tmp_path / "here", "BTCUSDT-4h-2026-02.csv", csv(HOURS.resample("4h")))
    return tmp_path / "here"


def without_a_bar(folder):
    lines = csv(HOURS).splitlines()
    put(folder, "BTCUSDT-1h-2026-02.csv", "\n".join(lines[:9] + lines[10:]) + "\n")


def test_a_folder_that_holds_together_ends_with_0(folder, cli: Cli):
    found = cli("data", "check", str(folder))
    assert found.code == 0
    assert "  1h: 48 bars, 2026-02-01 00:00 .. 2026-02-03 00:00, no gaps" in found.out
    assert "  4h bars and those made of 1h: 12 in common, equal" in found.out
    assert "  beside the 1h bars: nothing" in found.out
    assert "  tick size: 0.01" in found.out
    assert "· 1 symbol checked: no gaps, nothing differs, everything can be read" in found.out


def test_gaps_are_a_failure_only_if_they_are_to_be(folder, cli: Cli):
    without_a_bar(folder)
    found = cli("data", "check", str(folder))
    assert (found.code, "1 gap of 1 bar, the longest from 2026-02-01 08:00" in found.out) == (
        0,
        True,
    )
    assert cli("data", "check", str(folder), "--strict").code == 1


def test_a_difference_ends_with_1(folder, cli: Cli):
    put(folder, "BTCUSDT-4h-2026-02.csv", csv(market(12, seed=9, interval="4h")))
    found = json.loads(cli("data", "check", str(folder), "--json").out)
    assert found["failed"]
    assert found["symbols"][0]["agreement"][0]["differing"] == 12
    assert cli("data", "check", str(folder)).code == 1


def test_a_file_that_cannot_be_read_ends_with_1(folder, cli: Cli):
    put(folder, "ETHUSDT-1h-2026-02.csv", "<html>")
    found = cli("data", "check", str(folder))
    assert (found.code, "ETHUSDT-1h-2026-02.csv is a page of HTML" in found.out) == (1, True)


def test_missing_symbols_are_counted_on_a_day(folder, cli: Cli):
    assert "Which symbols traded on 2026-02-01 is unknown" in cli("data", "check", str(folder)).out
    listed = [contract("BTCUSDT"), contract("OLDUSDT", deliveryDate=START + 1, status="SETTLING")]
    answer = {"serverTime": START + 2, "symbols": listed}
    put(folder, "exchange-info/exchangeInfo-20260201T000000Z.json", json.dumps(answer))
    first = cli("data", "check", str(folder)).out
    assert "Of the 2 symbols known to have traded on 2026-02-01, 1 are here. 1 of the" in first
    later = cli("data", "check", str(folder), "--at", "2026-02-02").out
    assert "Of the 1 symbols trading on 2026-02-02, 1 are here." in later


def test_an_empty_folder_has_no_bars(tmp_path, cli: Cli):
    (tmp_path / "empty").mkdir()
    assert "No bars are here." in cli("data", "check", str(tmp_path / "empty")).out
