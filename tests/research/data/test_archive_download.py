"""Binance's archive, played by a local server: which files, and how they arrive unharmed."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from signalengine.intervals import DAY_MS

from research.data.errors import ChecksumError, DataError, SourceAwayError
from research.data.licence import MARKER
from research.data.loader import (
    bulk_download_funding,
    bulk_download_klines,
    bulk_download_open_interest,
    load,
)
from research.data.times import day_of
from research.data.vision import plan
from tests.research.data.binance_double import Binance, Fault, VirtualTime
from tests.research.data.recordings import MINUTE, START, checksum, csv, market, same, zipped

pytestmark = pytest.mark.enable_socket

NOW = START + 10 * DAY_MS + 9 * 60 * MINUTE
"""2026-02-11 09:00."""
FIRST = "futures/um/daily/klines/BTCUSDT/1m/BTCUSDT-1m-2026-02-01.zip"


@cache
def published_day(day: int) -> tuple[str, bytes]:
    """Return path and zip of a day of 1m bars, counted from START's."""
    start = START + day * DAY_MS
    name = f"BTCUSDT-1m-{day_of(start)}"
    bars = market((day + 1) * 1440).between(start)
    text = csv(bars, header=day % 2 == 0)
    return f"futures/um/daily/klines/BTCUSDT/1m/{name}.zip", zipped(f"{name}.csv", text)


def with_binance(
    use: Callable[[Binance, VirtualTime], Awaitable[object]], days: int = 3
) -> tuple[Binance, VirtualTime]:
    clock, binance = VirtualTime(NOW), Binance(NOW)
    for day in range(days):
        binance.publish(*published_day(day))

    async def run() -> None:
        async with binance.running():
            await use(binance, clock)

    asyncio.run(run())
    return binance, clock


def get(folder: Path, days: int = 3, symbol: str = "BTCUSDT"):
    """Return a use that downloads the first days."""

    async def use(binance: Binance, clock: VirtualTime):
        return await bulk_download_klines(
            symbol, "1m", start=START, end=START + days * DAY_MS,
            folder=folder, base_url=binance.base_url, timing=clock.timing(),
        )  # fmt: skip

    return use


def test_days_are_fetched_verified_and_read_back(tmp_path):
    async def use(binance: Binance, clock: VirtualTime) -> None:
        done = await get(tmp_path)(binance, clock)
        assert (done.fetched, done.kept, done.missing) == (3, 0, [])
        assert done.bytes == sum(len(c) for p, c in binance.files.items() if p.endswith("zip"))

    with_binance(use)
    assert same(load(tmp_path, "BTCUSDT"), market(3 * 1440))
    assert not list(tmp_path.rglob("*.part"))


def test_what_is_here_and_verified_is_not_fetched_again(tmp_path):
    async def use(binance: Binance, clock: VirtualTime) -> None:
        await get(tmp_path, 2)(binance, clock)
        asked = binance.asked.total()
        done = await get(tmp_path, 2)(binance, clock)
        assert (done.fetched, done.kept) == (0, 2)
        assert binance.asked.total() == asked
        done = await get(tmp_path, 3)(binance, clock)
        assert (done.fetched, done.kept) == (1, 2)

    with_binance(use)


def test_a_zip_damaged_here_is_fetched_again(tmp_path):
    async def use(binance: Binance, clock: VirtualTime) -> None:
        await get(tmp_path)(binance, clock)
        (tmp_path / FIRST).write_bytes(b"damaged")
        done = await get(tmp_path)(binance, clock)
        assert (done.fetched, done.kept) == (1, 2)
        assert (tmp_path / FIRST).read_bytes() == binance.files[FIRST]

    with_binance(use)


def test_a_zip_without_its_checksum_is_kept_if_it_is_the_right_one(tmp_path):
    async def use(binance: Binance, clock: VirtualTime) -> None:
        await get(tmp_path)(binance, clock)
        (tmp_path / f"{FIRST}.CHECKSUM").unlink()
        before = binance.asked[f"/data/{FIRST}"]
        done = await get(tmp_path)(binance, clock)
        assert (done.fetched, done.kept) == (0, 3)
        assert binance.asked[f"/data/{FIRST}"] == before

    with_binance(use)
    assert (tmp_path / f"{FIRST}.CHECKSUM").exists()


def test_a_wrong_checksum_is_an_error_and_nothing_of_the_file_is_kept(tmp_path):
    async def use(binance: Binance, clock: VirtualTime) -> None:
        binance.files[f"{FIRST}.CHECKSUM"] = checksum(FIRST.rsplit("/", 1)[-1], b"else").encode()
        with pytest.raises(ChecksumError, match=r"2026-02-01.zip has SHA-256 .* published is"):
            await get(tmp_path, 1)(binance, clock)
        assert binance.asked[f"/data/{FIRST}"] == 2  # it may have been issued anew: asked twice

    with_binance(use)
    assert not list(tmp_path.rglob("*.zip*"))
    assert not list(tmp_path.rglob("*.part"))


def test_a_checksum_of_something_else_is_an_error(tmp_path):
    async def use(binance: Binance, clock: VirtualTime) -> None:
        binance.files[f"{FIRST}.CHECKSUM"] = b"<html>oops</html>"
        with pytest.raises(ChecksumError, match="is not the checksum of BTCUSDT-1m"):
            await get(tmp_path, 1)(binance, clock)

    with_binance(use)


def test_a_broken_line_is_tried_again_and_leaves_no_half_file(tmp_path):
    async def use(binance: Binance, clock: VirtualTime) -> None:
        binance.cut.add(FIRST)
        done = await get(tmp_path, 1)(binance, clock)
        assert done.fetched == 1

    _, clock = with_binance(use)
    assert clock.waits == [0.375]  # half a second, jittered
    assert len(load(tmp_path, "BTCUSDT")) == 1440
    assert not list(tmp_path.rglob("*.part"))


def test_missing_days_are_recorded_and_not_fatal(tmp_path):
    async def use(binance: Binance, clock: VirtualTime) -> None:
        gone = {path: binance.files.pop(path) for path in (FIRST, f"{FIRST}.CHECKSUM")}
        done = await get(tmp_path)(binance, clock)
        assert (done.fetched, done.missing) == (2, [FIRST])
        assert "1 do not exist" in str(done)
        assert json.loads((tmp_path / "missing.json").read_text()) == {"missing": [FIRST]}
        binance.files.update(gone)
        await get(tmp_path)(binance, clock)
        assert json.loads((tmp_path / "missing.json").read_text()) == {"missing": []}

    with_binance(use)


def test_a_symbol_without_any_file_is_an_error_that_says_what_to_check(tmp_path):
    async def use(binance: Binance, clock: VirtualTime) -> None:
        with pytest.raises(DataError, match=r"none of the 3 files of NOPEUSDT .* Check the symbol"):
            await get(tmp_path, symbol="NOPEUSDT")(binance, clock)

    with_binance(use)


@pytest.mark.parametrize("symbol", ["../../etc", "BTC/USDT", "btcusdt", ""])
def test_what_can_be_no_symbol_is_refused_before_anything_is_asked(tmp_path, symbol):
    async def use(binance: Binance, clock: VirtualTime) -> None:
        with pytest.raises(DataError, match="write it as Binance does, like BTCUSDT"):
            await get(tmp_path, symbol=symbol)(binance, clock)

    binance, _ = with_binance(use)
    assert not binance.asked


def test_retry_after_is_honoured_by_everybody(tmp_path):
    async def use(binance: Binance, clock: VirtualTime) -> None:
        binance.faults.append(Fault(429, {"Retry-After": "7"}))
        await get(tmp_path)(binance, clock)

    _, clock = with_binance(use)
    assert clock.now == pytest.approx(7.35)  # as told, and a little jitter


def test_a_source_that_stays_away_is_an_error_after_six_growing_waits(tmp_path):
    async def use(binance: Binance, clock: VirtualTime) -> None:
        binance.faults.extend([Fault(503)] * 6)
        with pytest.raises(SourceAwayError, match=r"HTTP 503 .* 6 times. Try the same call later"):
            await get(tmp_path, 1)(binance, clock)

    _, clock = with_binance(use)
    assert clock.waits == [0.375, 0.75, 1.5, 3.0, 6.0]


def test_a_long_ban_is_not_waited_for(tmp_path):
    async def use(binance: Binance, clock: VirtualTime) -> None:
        binance.faults.append(Fault(418, {"Retry-After": "259200"}))
        with pytest.raises(SourceAwayError, match="wants nothing asked for 259200 s"):
            await get(tmp_path, 1)(binance, clock)

    _, clock = with_binance(use)
    assert clock.waits == []


def test_the_licence_is_shown_once_a_folder_and_stays_in_it(tmp_path, capsys):
    async def use(binance: Binance, clock: VirtualTime) -> None:
        await get(tmp_path, 1)(binance, clock)
        assert "CC" not in capsys.readouterr().out
        await get(tmp_path, 1)(binance, clock)
        assert "BY-NC-SA" not in capsys.readouterr().err
        await get(tmp_path / "other", 1)(binance, clock)
        assert "non-commercial" in capsys.readouterr().err

    with_binance(use)
    text = (tmp_path / MARKER).read_text()
    assert "Creative Commons BY-NC-SA 4.0" in text
    assert "2026-08-26" in text


def test_open_interest_and_funding_come_from_the_archive_too(tmp_path):
    stamp = "2026-02-01 00:00:00,BTCUSDT,50.5,1,1,1,1,1\n"
    metrics = "futures/um/daily/metrics/BTCUSDT/BTCUSDT-metrics-2026-02-01.zip"
    paid = "futures/um/monthly/fundingRate/BTCUSDT/BTCUSDT-fundingRate-2026-02.zip"

    async def use(binance: Binance, clock: VirtualTime) -> None:
        binance.publish(metrics, zipped("BTCUSDT-metrics-2026-02-01.csv", stamp))
        binance.publish(paid, zipped("BTCUSDT-fundingRate-2026-02.csv", f"{START},8,0.0001\n"))
        span = {"start": START, "end": START + DAY_MS, "folder": tmp_path}
        rest = {"base_url": binance.base_url, "timing": clock.timing()}
        await get(tmp_path, 1)(binance, clock)
        await bulk_download_open_interest("BTCUSDT", "5m", **span, **rest)
        await bulk_download_funding("BTCUSDT", **span, **rest)
        with pytest.raises(DataError, match="The archive has 5m only: use that, or source='rest'"):
            await bulk_download_open_interest("BTCUSDT", "1h", days=1, folder=tmp_path, **rest)

    with_binance(use)
    found = load(tmp_path, "BTCUSDT")
    assert found.open_interest is not None
    assert found.open_interest.time.tolist() == [START + 5 * MINUTE]
    assert found.funding is not None
    assert found.funding.value.tolist() == [0.0001]


def test_a_month_that_is_not_there_is_fetched_day_by_day(tmp_path):
    async def use(binance: Binance, clock: VirtualTime) -> None:
        clock.wall_ms = START + 40 * DAY_MS
        done = await get(tmp_path, 4)(binance, clock)
        assert binance.asked[f"/data/{MONTHLY}.CHECKSUM"] == 1
        assert (done.fetched, done.missing) == (4, [])
        text = csv(market(28 * 1440))
        binance.publish(MONTHLY, zipped("BTCUSDT-1m-2026-02.csv", text))
        assert (await get(tmp_path / "new", 6)(binance, clock)).fetched == 1

    with_binance(use, days=4)
    assert len(load(tmp_path / "new", "BTCUSDT")) == 28 * 1440


MONTHLY = "futures/um/monthly/klines/BTCUSDT/1m/BTCUSDT-1m-2026-02.zip"


@given(st.integers(-500, 100), st.integers(1, 500), st.integers(0, DAY_MS), st.integers(-90, 90))
def test_every_day_that_is_over_is_in_exactly_one_file(first, days, offset, now):
    start = START + first * DAY_MS + offset
    end, clock = start + days * DAY_MS, START + now * DAY_MS + 5 * MINUTE
    files = plan("klines", "BTCUSDT", "1m", start, end, clock)
    held = []
    for file in files:
        held += [day.stamp for day in file.instead] or [file.stamp]
        assert all(day.stamp.startswith(file.stamp) for day in file.instead)
    last = min(end, clock // DAY_MS * DAY_MS)
    midnights = range(start // DAY_MS * DAY_MS, last, DAY_MS) if start < last else []
    assert held == [day_of(time) for time in midnights]
    assert all(a < b for a, b in pairwise(held))


def test_metrics_come_by_day_and_funding_by_month():
    span = (START, START + 20 * DAY_MS, START + 40 * DAY_MS)
    assert {file.span for file in plan("metrics", "BTCUSDT", "", *span)} == {"daily"}
    assert [file.path for file in plan("fundingRate", "BTCUSDT", "", *span)] == [
        "futures/um/monthly/fundingRate/BTCUSDT/BTCUSDT-fundingRate-2026-02.zip"
    ]


def test_a_span_needs_days_or_a_start_and_must_be_in_the_past(tmp_path):
    async def use(binance: Binance, clock: VirtualTime) -> None:
        common = {"folder": tmp_path, "base_url": binance.base_url, "timing": clock.timing()}
        for wrong, said in (
            ({}, "Say either days=90 or start="),
            ({"days": 3, "start": START}, "Say either days=90 or start="),
            ({"days": 0}, "at least one"),
            ({"start": NOW + DAY_MS}, "empty or in the future"),
            ({"start": START, "end": START}, "empty or in the future"),
            ({"start": NOW - MINUTE}, "publishes a day after it is over"),
            ({"days": 3, "source": "ftp"}, "use 'archive' or 'rest'"),
        ):
            with pytest.raises(DataError, match=said):
                await bulk_download_klines("BTCUSDT", "1m", **wrong, **common)
        with pytest.raises(DataError, match="interval '3m': use one of"):
            await bulk_download_klines("BTCUSDT", "3m", days=3, **common)
        done = await bulk_download_klines("BTCUSDT", "1m", days=9, **common)
        assert (done.fetched, len(done.missing)) == (2, 7)

    with_binance(use)
