"""Lists of contracts: fetched from a local server, stored with their date, read again."""

import asyncio
import json

import pytest

from research.data.errors import DataError, RefusedError
from research.data.listings.snapshots import fetch_snapshot, read_snapshot, snapshots
from research.data.loader import passed_over
from tests.research.data.binance_double import Binance, Fault, VirtualTime
from tests.research.data.folders import put
from tests.research.data.recordings import START, contract


def fetched(folder, contracts, fault=None):
    binance, clock = Binance(START + 5_000, contracts=contracts), VirtualTime(START)
    if fault is not None:
        binance.faults.append(fault)

    async def run():
        async with binance.running():
            return await fetch_snapshot(folder, binance.base_url, clock.timing())

    return asyncio.run(run())


@pytest.mark.enable_socket
def test_a_list_is_stored_under_its_date_without_what_nobody_reads(tmp_path):
    halted = contract("ETHUSDT", status="SETTLING")
    file = fetched(tmp_path, [contract("BTCUSDT"), halted, contract("BTCUSDC", quoteAsset="USDC")])
    assert file == tmp_path / "exchange-info" / "exchangeInfo-20260201T000005Z.json"
    assert "liquidationFee" not in file.read_text()
    assert "PERCENT_PRICE" not in file.read_text()
    (found,) = snapshots(tmp_path)
    assert found.time == START + 5_000
    assert {one.symbol: one.trading for one in found.contracts.values()} == {
        "BTCUSDT": True,
        "ETHUSDT": False,
    }
    put(tmp_path, "BTCUSDT-1m-2026-02.csv", "…")
    assert passed_over(tmp_path) == ""


@pytest.mark.enable_socket
def test_a_list_that_is_none_is_not_stored(tmp_path):
    with pytest.raises(DataError, match="lists no crypto perpetual in USDT"):
        fetched(tmp_path, [])
    with pytest.raises(RefusedError, match="Is the base URL right"):
        fetched(tmp_path, [contract("BTCUSDT")], Fault(404))
    with pytest.raises(DataError, match="deliveryDate: None is no time in ms"):
        fetched(tmp_path, [contract("BTCUSDT", deliveryDate=None)])
    assert list(tmp_path.rglob("*.json")) == []


def test_an_answer_that_was_stored_whole_is_read_too(tmp_path):
    answer = {"serverTime": START, "rateLimits": [], "symbols": [contract("BTCUSDT")]}
    put(tmp_path, "raw/fapi-v1-exchangeInfo.json", json.dumps(answer))
    (found,) = snapshots(tmp_path)
    assert found.contracts["BTCUSDT"].onboard < START


@pytest.mark.parametrize(("content", "message"), [("[", "not readable"), ("{}", "no list of")])
def test_a_file_that_cannot_be_read_is_named(tmp_path, content, message):
    with pytest.raises(DataError, match=f"exchangeInfo-1.json.*{message}"):
        read_snapshot(put(tmp_path, "exchangeInfo-1.json", content))
