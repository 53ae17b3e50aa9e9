"""The player: takes one minute after the other from the source and publishes it.

Order within a minute, which is also the order of the event times:

1. kline updates, on a grid that divides the minute (for a simulated symbol also at each second with
   a new extreme, so that no running high or low depends on the speed), and each second the largest
   liquidation of a symbol, then the marks of that second (the last ones at the end of the minute);
2. a few ms later the closing klines, symbol by symbol, shorter intervals first.

The clock does not start until a client subscribes to klines. At a finite speed it then follows wall
time, with one update per 250 ms of it (but 6 to 240 a minute). At full speed it publishes
`FULL_SPEED_UPDATES` a minute, waits at the end of each minute until all clients have read it, stays
within its `Pace`, and pauses while no client subscribes to klines.
"""

import asyncio
import itertools
from collections.abc import Callable, Iterator
from typing import Final

from ..market.bars import MINUTE_MS
from ..market.clock import Clock
from ..market.price_path import FIRST_MS
from ..market.source import Liquidation, Minute, Source
from ..protocol.hub import Hub
from .market_state import MarketState
from .pace import Pace
from .stream_publisher import StreamPublisher

FULL_SPEED_UPDATES: Final = 10
GATHER_S: Final = 0.25
"""Wall seconds between the first subscription and the start, for further subscriptions."""
GRIDS: Final = (240, 120, 60, 40, 30, 24, 20, 12, 10, 8, 6)
"""Updates a minute: divisors of the minute on whole 250 ms."""
_LATE_S: Final = 2.0
"""A playback this late (a suspended laptop) continues from here instead of catching up."""


def updates_a_minute(speed: float | None) -> int:
    """Return the number of kline updates per minute at that speed (None: full speed)."""
    if speed is None:
        return FULL_SPEED_UPDATES
    return next((grid for grid in GRIDS if grid <= 240.0 / speed), GRIDS[-1])


class Player:
    """Plays one source to its end."""

    def __init__(
        self,
        source: Source,
        state: MarketState,
        clock: Clock,
        hub: Hub,
        pace: Pace | None = None,
        before_publishing: Callable[[], None] = lambda: None,
        updates: int | None = None,
    ) -> None:
        """`before_publishing` runs at every step, before its messages; `updates`: per minute."""
        self._before_publishing = before_publishing
        self._source = source
        self._state = state
        self._clock = clock
        self._hub = hub
        self._pace = pace or Pace()
        self._publisher = StreamPublisher(state, hub)
        self._step_ms = MINUTE_MS // (updates or updates_a_minute(clock.speed))
        grid = {FIRST_MS, *range(self._step_ms, MINUTE_MS + 1, self._step_ms)}
        self._moments = sorted(grid | {*range(1_000, MINUTE_MS + 1, 1_000)})
        self._anchor = (0.0, 0)

    async def run(self) -> None:
        """Play until the source ends; returns when everything is published."""
        await self._wait_for_subscribers()
        minutes = self._minutes()
        minute = next(minutes, None)
        while minute is not None:
            if self._clock.speed is None and not self._hub.klines_subscribed.is_set():
                await self._wait_for_subscribers()
            if self._clock.speed is None:
                await self._pace.reach(minute.open_time)
            await self._play(minute)
            read = self._hub.checkpoint() if self._clock.speed is None else []
            await asyncio.sleep(0)  # let the queues be written
            minute = next(minutes, None)  # computed while the clients read the previous one
            await asyncio.gather(*read)
        self._clock.state = "ended"

    def _minutes(self) -> Iterator[Minute]:
        end = self._source.end
        for open_time in itertools.count(self._source.start, MINUTE_MS):
            if end is not None and open_time >= end:
                return
            yield self._source.minute(open_time)

    async def _wait_for_subscribers(self) -> None:
        """Wait for a subscription to klines, and for those that follow it."""
        self._clock.state = "waiting"
        await self._hub.klines_subscribed.wait()
        await asyncio.sleep(GATHER_S)
        self._clock.state = "playing"
        self._anchor = (asyncio.get_running_loop().time(), self._clock.now)

    async def _play(self, minute: Minute) -> None:
        self._state.begin(minute)
        orders = list(minute.liquidations)
        for offset in self._moments:
            time = minute.open_time + offset
            await self._until(time)
            self._clock.reach(time)
            self._before_publishing()
            self._publish(offset, time, orders)
        closed = self._state.close()
        self._clock.reach(self._publisher.closings(minute, closed))

    def _publish(self, offset: int, time: int, orders: list[Liquidation]) -> None:
        if offset % self._step_ms == 0 and offset < MINUTE_MS:
            self._publisher.updates(time)
        else:
            self._publisher.extremes(time)
        if offset % 1_000:
            return
        due = list(itertools.takewhile(lambda order: order.time <= time, orders))
        del orders[: len(due)]
        self._publisher.liquidations(due, time)
        self._publisher.marks(time)
        self._publisher.contracts(time)
        self._publisher.tickers(time)

    async def _until(self, time: int) -> None:
        """Wait until wall time reaches an event time; not at full speed."""
        if self._clock.speed is None:
            return
        loop = asyncio.get_running_loop()
        wall, event = self._anchor
        wait = wall + (time - event) / 1_000.0 / self._clock.speed - loop.time()
        if wait < -_LATE_S:
            self._anchor = (loop.time(), time)
        await asyncio.sleep(max(wait, 0.0))
