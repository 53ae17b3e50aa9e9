"""`signalengine data fetch`, from a local server that speaks the protocols of both sources."""

import json

import pytest
from signalengine.exchanges.binance.exchange import BINANCE

from tests.infra.cli.conftest import Cli
from tests.research.data.binance_double import Fault
from tests.research.data.published import archive
from tests.research.data.recordings import START, contract, market

pytestmark = pytest.mark.enable_socket
SPAN = ("--from", "2026-02-01", "--to", "2026-02-03")


@pytest.fixture
def binance(monkeypatch):
    with archive() as found:
        monkeypatch.setenv("BINANCE_ARCHIVE_BASE", found.base_url)
        monkeypatch.setenv(BINANCE.rest_base.variable, found.base_url)
        found.server_time = START + 10 * 86_400_000
        yield found


def test_bars_of_several_symbols_and_intervals_are_fetched_and_listed(tmp_path, binance, cli: Cli):
    words = ("data", "fetch", "--symbols", "btc,eth", "--intervals", "4h,1d", *SPAN)
    first = cli(*words, "--folder", str(tmp_path / "new"))
    assert first.code == 0
    assert "4 series: about 8 files to fetch" in first.err
    assert "8 files fetched, 0 were here" in first.err
    again = json.loads(cli(*words, "--folder", str(tmp_path / "new"), "--json").out)
    assert again["estimate"]["present"] == 8
    assert (again["fetched"]["files"], again["fetched"]["present"]) == (0, 8)
    listed = json.loads(cli("data", "list", str(tmp_path / "new"), "--json").out)
    assert [(one["symbol"], one["interval"], one["rows"]) for one in listed["entries"]] == [
        ("BTCUSDT", "4h", 12), ("BTCUSDT", "1d", 2), ("ETHUSDT", "4h", 12), ("ETHUSDT", "1d", 2),
    ]  # fmt: skip


def test_a_dry_run_fetches_nothing(tmp_path, binance, cli: Cli):
    words = ("data", "fetch", "klines", "open-interest", "exchange-info", "--symbols", "btc", *SPAN)
    found = cli(*words, "--dry-run", "--folder", str(tmp_path / "new"), "--json")
    assert json.loads(found.out)["estimate"]["files"] == 4
    assert not binance.requested
    assert not (tmp_path / "new").exists()


def test_a_list_of_contracts_gives_all_symbols_of_a_span(tmp_path, binance, cli: Cli):
    binance.contracts = [
        contract("BTCUSDT"),
        contract("OLDUSDT", deliveryDate=START + 1, status="SETTLING"),
        contract("GONEUSDT", deliveryDate=START - 1, status="SETTLING"),
        contract("NEWUSDT", onboardDate=START + 9 * 86_400_000),
    ]
    folder = ("--folder", str(tmp_path / "new"))
    refused = cli("data", "fetch", "--symbols", "all", *SPAN, *folder)
    assert (refused.code, "has no list of contracts" in refused.err) == (1, True)
    found = cli("data", "fetch", "exchange-info", *folder)
    assert (found.code, "exchangeInfo-20260211T000000Z.json" in found.err) == (0, True)
    words = ("data", "fetch", "--symbols", "all", "--intervals", "1d", *SPAN, *folder)
    assert cli(*words).code == 0
    listed = json.loads(cli("data", "list", str(tmp_path / "new"), "--json").out)
    rows = {one["symbol"]: one["rows"] for one in listed["entries"]}
    assert rows == {"BTCUSDT": 2, "OLDUSDT": 1}  # until it was delisted


def test_rest_says_what_it_does_not_have(tmp_path, binance, cli: Cli):
    binance.interest = [(START + n * 300_000, 50.0) for n in range(600)]
    words = ("data", "fetch", "open-interest", "--source", "rest", "--symbols", "btc")
    found = cli(
        *words, "--from", "2025-12-01", "--to", "2026-02-03", "--folder", str(tmp_path / "new")
    )
    assert found.code == 0
    assert "The exchange has open interest of 30 days, from 2026-01-12 on" in found.err
    assert "does not exist at the source: rest/openInterestHist" in found.err
    assert "… and " in found.err


def test_bars_of_rest_are_fetched(tmp_path, binance, cli: Cli):
    binance.bars["BTCUSDT", "1h"] = market(48, interval="1h")
    words = ("data", "fetch", "klines", "funding", "--source", "rest", "--intervals", "1h", *SPAN)
    found = cli(*words, "--symbols", "BTCUSDT", "--folder", str(tmp_path / "new"))
    assert (found.code, "2 files fetched" in found.err) == (0, True)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("ticks",), "ticks: no such kind"),
        (("--source", "ftp", "--symbols", "btc", "--days", "3"), "--source ftp: use archive or"),
        (("--intervals", "1m,7m", "--symbols", "btc", "--days", "3"), "--intervals 7m: use 1m, 5m"),
        (("--days", "3"), "no symbols are named"),
        (("--symbols", "btc"), "name the span"),
        (("--symbols", "btc", "--days", "3", "--from", "2026-01-01"), "name the span"),
        (("--symbols", "../x", "--days", "3"), "is not a symbol"),
    ],
)
def test_what_cannot_be_meant_is_refused_before_any_request(words, message, cli: Cli):
    found = cli("data", "fetch", *words)
    assert (found.code, message in found.err) == (2, True)


def test_a_place_that_the_exchange_does_not_serve_is_named(tmp_path, binance, cli: Cli):
    binance.faults.append(Fault(451))
    found = cli("data", "fetch", "exchange-info", "--folder", str(tmp_path / "new"))
    assert (found.code, "does not serve this location" in found.err) == (1, True)
    assert not (tmp_path / "new").exists()
