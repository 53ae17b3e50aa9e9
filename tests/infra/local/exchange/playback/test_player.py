"""The grid of updates, and a play that breaks."""

import asyncio
from pathlib import Path

import pytest

from infra.local.exchange.market.recording import RecordedMarket, Request
from infra.local.exchange.market.source import Minute
from infra.local.exchange.playback.player import FULL_SPEED_UPDATES, updates_a_minute
from infra.local.exchange.protocol.hub import Subscriber
from infra.local.exchange.server import Exchange
from tests.infra.local.exchange.samples import MIDNIGHT, kline_rows, write_klines


@pytest.mark.parametrize(
    ("speed", "updates"),
    [(0.1, 240), (1.0, 240), (2.0, 120), (10.0, 24), (40.0, 6), (60.0, 6), (10_000.0, 6),
     (None, FULL_SPEED_UPDATES)],
)  # fmt: skip
def test_updates_come_every_250_ms_of_the_wall_but_6_to_240_a_minute(
    speed: float | None, updates: int
) -> None:
    assert updates_a_minute(speed) == updates


@pytest.mark.parametrize("speed", [0.5, 1.0, 1.7, 3.0, 4.2, 7.0, 13.0, 25.0, 60.0])
def test_a_grid_divides_the_minute_into_quarters_of_a_second(speed: float) -> None:
    count = updates_a_minute(speed)
    assert 60_000 % count == 0
    assert 60_000 // count % 250 == 0
    assert count <= max(240 / speed, 6)


class BrokenMarket(RecordedMarket):
    """A market whose second minute fails."""

    def minute(self, open_time: int) -> Minute:
        if open_time > self.start:
            raise RuntimeError("no more minutes")
        return super().minute(open_time)


def test_a_play_that_breaks_is_not_silent(tmp_path: Path) -> None:
    write_klines(tmp_path, "AAAUSDT", kline_rows(MIDNIGHT, 5))
    request = Request(tmp_path, None, MIDNIGHT, None, "1")

    async def play() -> None:
        exchange = Exchange(BrokenMarket(request, lambda line: None), speed=1e5)
        await exchange.start(0)
        subscriber = Subscriber("market", combined=False, drop=lambda: None)
        exchange.hub.join(subscriber)
        exchange.hub.subscribe(subscriber, ["aaausdt@kline_1m"])
        try:
            await asyncio.wait_for(exchange.broken(), 5)
        finally:
            await exchange.stop()

    with pytest.raises(RuntimeError, match="no more minutes"):
        asyncio.run(play())
