"""Downloads from Binance's archive: verified, resumed, and planned without overlap."""

import json
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from signalengine.intervals import DAY_MS

from research.data.binance.vision import plan
from research.data.errors import ChecksumError, DataError
from research.data.loader import (
    bulk_download_funding,
    bulk_download_open_interest,
    load,
)
from research.data.times import day_of
from tests.research.data.archive_double import FIRST, get, with_binance
from tests.research.data.binance_double import Binance, VirtualTime
from tests.research.data.recordings import MINUTE, START, checksum, csv, market, same, zipped

pytestmark = pytest.mark.enable_socket


def test_days_are_fetched_verified_and_read_back(tmp_path):
    async def use(binance: Binance, clock: VirtualTime) -> None:
        done = await get(tmp_path)(binance, clock)
        assert (done.fetched, done.present, done.missing) == (3, 0, [])
        assert done.bytes == sum(len(c) for p, c in binance.files.items() if p.endswith("zip"))

    with_binance(use)
    assert same(load(tmp_path, "BTCUSDT"), market(3 * 1440))
    assert not list(tmp_path.rglob("*.part"))


def test_what_is_here_and_verified_is_not_fetched_again(tmp_path):
    async def use(binance: Binance, clock: VirtualTime) -> None:
        await get(tmp_path, 2)(binance, clock)
        before = binance.requested.total()
        done = await get(tmp_path, 2)(binance, clock)
        assert (done.fetched, done.present) == (0, 2)
        assert binance.requested.total() == before
        done = await get(tmp_path, 3)(binance, clock)
        assert (done.fetched, done.present) == (1, 2)

    with_binance(use)


def test_a_zip_damaged_here_is_fetched_again(tmp_path):
    async def use(binance: Binance, clock: VirtualTime) -> None:
        await get(tmp_path)(binance, clock)
        (tmp_path / FIRST).write_bytes(b"damaged")
        done = await get(tmp_path)(binance, clock)
        assert (done.fetched, done.present) == (1, 2)
        assert (tmp_path / FIRST).read_bytes() == binance.files[FIRST]

    with_binance(use)


def test_a_zip_without_its_checksum_is_reused_if_it_is_the_right_one(tmp_path):
    async def use(binance: Binance, clock: VirtualTime) -> None:
        await get(tmp_path)(binance, clock)
        (tmp_path / f"{FIRST}.CHECKSUM").unlink()
        before = binance.requested[f"/data/{FIRST}"]
        done = await get(tmp_path)(binance, clock)
        assert (done.fetched, done.present) == (0, 3)
        assert binance.requested[f"/data/{FIRST}"] == before

    with_binance(use)
    assert (tmp_path / f"{FIRST}.CHECKSUM").exists()


def test_a_wrong_checksum_is_an_error_and_the_file_is_not_stored(tmp_path):
    async def use(binance: Binance, clock: VirtualTime) -> None:
        binance.files[f"{FIRST}.CHECKSUM"] = checksum(FIRST.rsplit("/", 1)[-1], b"else").encode()
        with pytest.raises(ChecksumError, match=r"2026-02-01.zip has SHA-256 .* published is"):
            await get(tmp_path, 1)(binance, clock)
        assert binance.requested[f"/data/{FIRST}"] == 2  # it may have been published anew

    with_binance(use)
    assert not list(tmp_path.rglob("*.zip*"))
    assert not list(tmp_path.rglob("*.part"))


def test_a_checksum_of_something_else_is_an_error(tmp_path):
    async def use(binance: Binance, clock: VirtualTime) -> None:
        binance.files[f"{FIRST}.CHECKSUM"] = b"<html>oops</html>"
        with pytest.raises(ChecksumError, match="is not the checksum of BTCUSDT-1m"):
            await get(tmp_path, 1)(binance, clock)

    with_binance(use)


def test_unreadable_notes_of_a_download_are_made_again(tmp_path):
    async def use(binance: Binance, clock: VirtualTime) -> None:
        await get(tmp_path)(binance, clock)
        note = next(tmp_path.rglob("*.CHECKSUM"))
        note.write_bytes(b"\xff\xfe\x00")
        (tmp_path / "missing.json").write_text('{"miss')
        binance.files.pop(FIRST)
        binance.files.pop(f"{FIRST}.CHECKSUM")
        (tmp_path / FIRST).unlink()
        await get(tmp_path)(binance, clock)
        assert json.loads((tmp_path / "missing.json").read_text()) == {"missing": [FIRST]}

    with_binance(use)


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


def test_a_symbol_without_any_file_is_an_error_that_names_the_checks(tmp_path):
    async def use(binance: Binance, clock: VirtualTime) -> None:
        with pytest.raises(
            DataError, match=r"none of the 3 requested files of NOPE.* Check the symbol"
        ):
            await get(tmp_path, symbol="NOPEUSDT")(binance, clock)

    with_binance(use)


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
        assert binance.requested[f"/data/{MONTHLY}.CHECKSUM"] == 1
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
