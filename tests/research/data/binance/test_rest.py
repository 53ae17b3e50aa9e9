"""REST history, played by a local server."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from signalengine.intervals import DAY_MS

from research.data.errors import DataError, RefusedError
from research.data.loader import (
    bulk_download_funding,
    bulk_download_klines,
    bulk_download_open_interest,
    load,
)
from tests.research.data.binance_double import Binance, Fault, VirtualTime
from tests.research.data.recordings import MINUTE, START, market, same

pytestmark = pytest.mark.enable_socket

NOW = START + 2 * DAY_MS + 100 * MINUTE + 30_000
"""2026-02-03 01:40:30: the minute from 01:40 is still open."""
CLOSED = 2 * 1440 + 100


def with_binance(
    folder: Path, use: Callable[[Binance, dict[str, object]], Awaitable[object]]
) -> tuple[Binance, VirtualTime]:
    clock = VirtualTime(0)
    binance = Binance(NOW, clock=clock)
    table = market(CLOSED + 1)
    binance.bars["BTCUSDT", "1m"] = table
    binance.bars["BTCUSDT", "5m"] = table.resample("5m")

    async def run() -> None:
        async with binance.running():
            common: dict[str, object] = {
                "source": "rest", "folder": folder, "base_url": binance.base_url,
                "timing": clock.timing(),
            }  # fmt: skip
            await use(binance, common)

    asyncio.run(run())
    return binance, clock


def test_closed_bars_are_fetched_and_read_back_without_the_one_still_forming(tmp_path):
    async def use(binance: Binance, common) -> None:
        done = await bulk_download_klines("BTCUSDT", "1m", days=2, **common)
        assert (done.fetched, done.present, done.missing) == (3, 0, [])

    binance, _ = with_binance(tmp_path, use)
    found = load(tmp_path, "BTCUSDT")
    assert same(found, market(CLOSED + 1).between(end=START + CLOSED * MINUTE))
    assert found.repairs == ()
    assert sorted(set(binance.weights)) == [1, 2]  # never a request of 500 bars or more


def test_whole_days_are_not_requested_again_but_the_running_one_is(tmp_path):
    async def use(binance: Binance, common) -> None:
        await bulk_download_klines("BTCUSDT", "1m", start=START, **common)
        before = binance.requested["/fapi/v1/klines"]
        binance.server_time += 5 * MINUTE
        binance.bars["BTCUSDT", "1m"] = market(CLOSED + 6)
        done = await bulk_download_klines("BTCUSDT", "1m", start=START, **common)
        assert (done.fetched, done.present) == (1, 2)
        assert binance.requested["/fapi/v1/klines"] == before + 1

    with_binance(tmp_path, use)
    assert len(load(tmp_path, "BTCUSDT")) == CLOSED + 5


def test_longer_bars_are_fetched_too(tmp_path):
    async def use(binance: Binance, common) -> None:
        await bulk_download_klines("BTCUSDT", "5m", days=2, **common)

    with_binance(tmp_path, use)
    found = load(tmp_path, "BTCUSDT", interval="5m")
    assert same(found, market(CLOSED).resample("5m"))


def test_a_day_before_the_listing_is_recorded_as_missing(tmp_path):
    async def use(binance: Binance, common) -> None:
        done = await bulk_download_klines("BTCUSDT", "1m", start=START - DAY_MS, **common)
        assert done.missing == ["rest/klines/BTCUSDT/1m/BTCUSDT-1m-2026-01-31.csv"]
        with pytest.raises(DataError, match="the exchange has nothing of that span"):
            await bulk_download_klines(
                "BTCUSDT", "1m", start=START - 9 * DAY_MS, end=START - DAY_MS, **common
            )

    with_binance(tmp_path, use)


def test_an_unknown_symbol_and_a_refused_location_are_errors_with_a_fix(tmp_path):
    async def use(binance: Binance, common) -> None:
        with pytest.raises(RefusedError, match=r"Invalid symbol.* Is the symbol a USD-M one"):
            await bulk_download_klines("NOPEUSDT", "1m", days=1, **common)
        binance.faults.append(Fault(451, body='{"msg": "restricted location"}'))
        with pytest.raises(RefusedError, match=r"does not serve this location.*source='archive'"):
            await bulk_download_klines("BTCUSDT", "1m", days=1, **common)
        binance.faults.append(Fault(404))
        with pytest.raises(RefusedError, match="Is the base URL right"):
            await bulk_download_klines("BTCUSDT", "1m", days=1, **common)

    with_binance(tmp_path, use)


def test_limits_close_the_budget_for_longer_each_time(tmp_path):
    async def use(binance: Binance, common) -> None:
        binance.faults.extend([Fault(429), Fault(429), Fault(418)])
        await bulk_download_klines("BTCUSDT", "1m", days=1, **common)

    _, clock = with_binance(tmp_path, use)
    assert clock.now == pytest.approx(1.05 * (10 + 20 + 480))


def test_an_answer_that_is_not_json_is_requested_again(tmp_path):
    async def use(binance: Binance, common) -> None:
        binance.faults.append(Fault(200, body="<html>"))
        done = await bulk_download_klines("BTCUSDT", "1m", days=1, **common)
        assert done.fetched == 2

    with_binance(tmp_path, use)


def test_rows_the_engine_would_refuse_are_not_stored(tmp_path):
    async def use(binance: Binance, common) -> None:
        row = [START, "1", "0.5", "1", "1", "9", START + 59_999, "9", 1, "1", "1", "0"]
        binance.faults.extend([Fault(200, body=f'{{"serverTime": {NOW}}}')])
        binance.faults.extend([Fault(200, body=str([row]).replace("'", '"'))] * 9)
        with pytest.raises(DataError, match=r"invalid rows: open 1.0 or close 1.0 outside"):
            await bulk_download_klines("BTCUSDT", "1m", days=1, **common)

    with_binance(tmp_path, use)
    assert not list(tmp_path.rglob("*.csv"))


def test_the_weight_others_use_is_left_to_them(tmp_path):
    async def use(binance: Binance, common) -> None:
        binance.used_weight = 1_910  # of 2,400, of which this download takes 1,920 at most
        await bulk_download_klines("BTCUSDT", "1m", days=2, **common)

    _, clock = with_binance(tmp_path, use)
    assert 60.0 <= clock.now <= 120.0  # answers on their way may still count for the next minute


def test_open_interest_is_fetched_by_period_and_known_at_its_stamp(tmp_path):
    async def use(binance: Binance, common) -> None:
        binance.interest = [(START + i * 5 * MINUTE, 50.0 + i) for i in range(300)]
        await bulk_download_klines("BTCUSDT", "1m", start=START, **common)
        done = await bulk_download_open_interest("BTCUSDT", "5m", start=START, **common)
        assert done.fetched == 2  # nothing of today yet
        assert done.missing == [
            "rest/openInterestHist/BTCUSDT/5m/BTCUSDT-openInterestHist-5m-2026-02-03.csv"
        ]
        done = await bulk_download_open_interest("BTCUSDT", "5m", start=START, **common)
        assert done.present == 1
        with pytest.raises(DataError, match="period '1m': use one of 5m, 15m"):
            await bulk_download_open_interest("BTCUSDT", "1m", days=1, **common)

    with_binance(tmp_path, use)
    found = load(tmp_path, "BTCUSDT")
    assert found.open_interest is not None
    assert found.open_interest.time.tolist() == [START + i * 5 * MINUTE for i in range(300)]
    assert found.beside()["open_interest"][3:6].tolist() == [50.0, 51.0, 51.0]


def test_open_interest_older_than_the_exchange_keeps_is_missing_not_refused(tmp_path):
    async def use(binance: Binance, common) -> None:
        last = NOW - NOW % (5 * MINUTE)
        binance.interest = [(last - i * 5 * MINUTE, 50.0) for i in range(10_000)]
        binance.interest.sort()
        done = await bulk_download_open_interest("BTCUSDT", "5m", days=32, **common)
        assert done.fetched == 31
        assert len(done.missing) == 2

    with_binance(tmp_path, use)


def test_exact_open_interest_goes_before_the_archives_late_one(tmp_path):
    async def use(binance: Binance, common) -> None:
        binance.interest = [(START + 10 * MINUTE, 99.0)]
        await bulk_download_klines("BTCUSDT", "1m", start=START, **common)
        await bulk_download_open_interest("BTCUSDT", "5m", start=START, **common)

    with_binance(tmp_path, use)
    rows = [f"2026-02-01 00:{minute:02d}:00,BTCUSDT,{minute},1,1,1,1,1" for minute in (0, 5, 10)]
    (tmp_path / "BTCUSDT-metrics-2026-02-01.csv").write_text("\n".join(rows))
    found = load(tmp_path, "BTCUSDT")
    assert found.open_interest is not None
    assert found.open_interest.time.tolist() == [START + 10 * MINUTE, START + 15 * MINUTE]
    assert found.open_interest.value.tolist() == [99.0, 10.0]


def test_funding_is_fetched_by_month_and_again_until_the_month_is_over(tmp_path):
    async def use(binance: Binance, common) -> None:
        eight = 480 * MINUTE
        binance.funding = [(START + 5 + i * eight, f"0.000{i % 10}") for i in range(-93, 6)]
        await bulk_download_klines("BTCUSDT", "1m", start=START, **common)
        done = await bulk_download_funding("BTCUSDT", start="2026-01-15", **common)
        assert done.fetched == 2
        done = await bulk_download_funding("BTCUSDT", start="2026-01-15", **common)
        assert (done.fetched, done.present) == (1, 1)

    with_binance(tmp_path, use)
    found = load(tmp_path, "BTCUSDT")
    assert found.funding is not None
    assert len(found.funding) == 99
    assert found.funding.time[-1] == START + 5 * 480 * MINUTE
    paid = found.beside()["funding_paid"]
    assert paid[479] == 0.0001  # closes at 08:00
