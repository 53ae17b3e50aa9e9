"""Many series at once: planned, estimated, downloaded, resumed."""

import asyncio
from dataclasses import replace

import pytest
from signalengine.intervals import DAY_MS

from research.data.binance.downloads import download, estimate, funding, klines, open_interest
from research.data.errors import DataError
from research.data.loader import bulk_download_open_interest, load
from tests.research.data.archive_double import NOW, published_day
from tests.research.data.binance_double import Binance, VirtualTime
from tests.research.data.recordings import MINUTE, START, market

pytestmark = pytest.mark.enable_socket


def served(binance, use):
    clock = VirtualTime(NOW)

    async def run():
        async with binance.running():
            return await use({"base_url": binance.base_url, "timing": clock.timing()})

    return asyncio.run(run())


def test_an_estimate_counts_what_is_not_here_and_requests_nothing(tmp_path):
    binance = Binance(NOW)
    for number in range(3):
        binance.publish(*published_day(number))

    async def use(common):
        wanted, options = [klines("BTCUSDT", "1m")], {"folder": tmp_path, **common}
        span = {"start": START, "end": START + 3 * DAY_MS}
        before = await estimate(wanted, **span, **options)
        assert not binance.requested
        done = await download(wanted, **span, **options)
        after = await estimate(wanted, **span, **options)
        return before, done, after

    before, done, after = served(binance, use)
    assert (before.files, before.present, before.requests) == (3, 0, 6)
    assert 0.5 < before.bytes / done.bytes < 2.0
    assert (after.files, after.present, after.bytes) == (0, 3, 0)


def test_an_estimate_of_rest_counts_pages_and_their_weight(tmp_path):
    async def use(common):
        wanted = [klines("BTCUSDT", "1m"), klines("ETHUSDT", "4h"), funding("BTCUSDT")]
        options = {"folder": tmp_path, "source": "rest", **common}
        return await estimate(wanted, 10, **options)

    found = served(Binance(NOW), use)
    assert (found.files, found.requests) == (11 + 11 + 1, 10 * 3 + 2 + 11 + 1)
    assert found.bytes > 10 * 1440 * 100
    assert 0 < found.seconds < 60


def test_nothing_is_requested_from_before_a_listing_or_after_a_delisting(tmp_path):
    listed = replace(
        klines("BTCUSDT", "1m"), since=START + 2 * DAY_MS + 5, until=START + 4 * DAY_MS
    )
    gone = replace(klines("BTCUSDT", "1m"), until=START - DAY_MS)

    async def use(common):
        options = {"folder": tmp_path, "start": START, "end": START + 9 * DAY_MS, **common}
        archive = await estimate([listed, gone], **options)
        return archive, await estimate([listed, gone], source="rest", **options)

    archive, rest = served(Binance(NOW), use)
    assert (archive.files, rest.files) == (2, 2)


def test_series_of_many_symbols_are_one_download(tmp_path):
    binance = Binance(NOW)
    for name in ("BTCUSDT", "ETHUSDT"):
        binance.bars[name, "1h"] = market(400, interval="1h", symbol=name)

    async def use(common):
        wanted = [klines("BTCUSDT", "1h"), klines("ETHUSDT", "1h")]
        options = {"folder": tmp_path, "source": "rest", **common}
        first = await download(wanted, 5, **options)
        again = await download(wanted, 5, **options)
        return first, again

    first, again = served(binance, use)
    assert (first.fetched, first.present) == (12, 0)
    assert (again.fetched, again.present) == (2, 10)  # the running day of each
    assert len(load(tmp_path, "ETHUSDT", interval="1h")) == 5 * 24 + 9


def test_open_interest_beyond_what_the_exchange_has_says_so(tmp_path):
    binance = Binance(NOW)
    last = NOW - NOW % (5 * MINUTE)
    binance.interest = sorted((last - i * 5 * MINUTE, 50.0) for i in range(10_000))

    async def use(common):
        options = {"folder": tmp_path, "source": "rest", **common}
        done = await bulk_download_open_interest("BTCUSDT", "5m", days=40, **options)
        with pytest.raises(DataError, match="30 days, from 2026-01-12 on: source='archive' has it"):
            await bulk_download_open_interest(
                "BTCUSDT", "5m", start=NOW - 60 * DAY_MS, end=NOW - 50 * DAY_MS, **options
            )
        within = await bulk_download_open_interest("BTCUSDT", "5m", days=3, **options)
        return done, within

    done, within = served(binance, use)
    (note,) = done.notes
    assert note.startswith("The exchange has open interest of 30 days, from 2026-01-12 on: source=")
    assert str(done).endswith(f"do not exist. {note}")
    assert within.notes == []


def test_wrong_options_are_refused_before_any_request(tmp_path):
    with pytest.raises(DataError, match="The archive has 5m only"):
        open_interest("BTCUSDT", "1h", "archive")
    with pytest.raises(DataError, match="period '7m': use one of"):
        open_interest("BTCUSDT", "7m", "rest")
    with pytest.raises(DataError, match="is not a symbol"):
        funding("../BTCUSDT")
    with pytest.raises(DataError, match="source 'ftp': use 'archive' or 'rest'"):
        asyncio.run(estimate([funding("BTCUSDT")], 3, source="ftp", folder=tmp_path))  # type: ignore[arg-type]
