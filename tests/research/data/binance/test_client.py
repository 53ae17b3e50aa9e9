"""Retries and bans: how long a source is left alone, and when an error is raised."""

import pytest

from research.data.errors import SourceAwayError
from research.data.loader import (
    load,
)
from tests.research.data.archive_double import FIRST, get, with_binance
from tests.research.data.binance_double import Binance, Fault, VirtualTime

pytestmark = pytest.mark.enable_socket


def test_a_broken_line_is_tried_again_and_leaves_no_half_file(tmp_path):
    async def use(binance: Binance, clock: VirtualTime) -> None:
        binance.cut.add(FIRST)
        done = await get(tmp_path, 1)(binance, clock)
        assert done.fetched == 1

    _, clock = with_binance(use)
    assert clock.waits == [0.375]  # half a second, jittered
    assert len(load(tmp_path, "BTCUSDT")) == 1440
    assert not list(tmp_path.rglob("*.part"))


def test_retry_after_applies_to_all_requests(tmp_path):
    async def use(binance: Binance, clock: VirtualTime) -> None:
        binance.faults.append(Fault(429, {"Retry-After": "7"}))
        await get(tmp_path)(binance, clock)

    _, clock = with_binance(use)
    assert clock.now == pytest.approx(7.35)  # as requested, with a little jitter


def test_a_source_that_stays_away_is_an_error_after_six_growing_waits(tmp_path):
    async def use(binance: Binance, clock: VirtualTime) -> None:
        binance.faults.extend([Fault(503)] * 6)
        with pytest.raises(SourceAwayError, match=r"HTTP 503 .* 6 times. Repeat the same"):
            await get(tmp_path, 1)(binance, clock)

    _, clock = with_binance(use)
    assert clock.waits == [0.375, 0.75, 1.5, 3.0, 6.0]


def test_a_long_ban_is_not_waited_for(tmp_path):
    async def use(binance: Binance, clock: VirtualTime) -> None:
        binance.faults.append(Fault(418, {"Retry-After": "259200"}))
        with pytest.raises(SourceAwayError, match="refuses requests for 259200 s"):
            await get(tmp_path, 1)(binance, clock)

    _, clock = with_binance(use)
    assert clock.waits == []
