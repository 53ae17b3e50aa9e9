"""The player: takes one minute after the other from the source and tells it, moment by moment.

Order within a minute, which is also the order of the event times:

1. kline updates, on a grid that divides the minute (and for a simulated symbol at each second with
   a new extreme, so that no running high or low depends on the speed), and each second the largest
   liquidation of a symbol, then the marks of that second (the last ones at the minute's very end);
2. a few ms later the closing klines, symbol by symbol, shorter intervals first.

The clock stands still at the start until somebody receives klines. At a finite speed it then
follows the wall, with one update per 250 ms of it (but 6 to 240 a minute). At full speed it makes
`FULL_SPEED_UPDATES` a minute, waits at each minute's end until all listeners have read it, goes no
further than its `Pace`, and stands still whenever nobody receives klines, because it would be
through in seconds.
"""

import asyncio
import itertools
from collections.abc import Callable, Iterator
from typing import Final

from ..market.bars import MINUTE_MS
from ..market.clock import Clock
from ..market.path import FIRST_MS
from ..market.source import Liquidation, Minute, Source
from ..protocol.hub import Hub
from .market_state import Tape
from .pace import Pace
from .stream_publisher import Announcer

FULL_SPEED_UPDATES: Final = 10
GATHER_S: Final = 0.25
"""Wall time between the first subscription and the start, for the ones that come with it."""
GRIDS: Final = (240, 120, 60, 40, 30, 24, 20, 12, 10, 8, 6)
"""Updates a minute: divisors of the minute on whole 250 ms."""
_LATE_S: Final = 2.0
"""A play that late (a suspended laptop) goes on from here, it does not make up for it."""


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
        tape: Tape,
        clock: Clock,
        hub: Hub,
        pace: Pace | None = None,
        first: Callable[[], None] = lambda: None,
        updates: int | None = None,
    ) -> None:
        """`first` is called at every moment, before anything of it is told; `updates`: a minute."""
        self._first = first
        self._source = source
        self._tape = tape
        self._clock = clock
        self._hub = hub
        self._pace = pace or Pace()
        self._announcer = Announcer(tape, hub)
        self._step_ms = MINUTE_MS // (updates or updates_a_minute(clock.speed))
        grid = {FIRST_MS, *range(self._step_ms, MINUTE_MS + 1, self._step_ms)}
        self._moments = sorted(grid | {*range(1_000, MINUTE_MS + 1, 1_000)})
        self._anchor = (0.0, 0)

    async def run(self) -> None:
        """Play until the source ends; returns then, with all of it told."""
        await self._audience()
        minutes = self._minutes()
        minute = next(minutes, None)
        while minute is not None:
            if self._clock.speed is None and not self._hub.klines_wanted.is_set():
                await self._audience()
            if self._clock.speed is None:
                await self._pace.reach(minute.open_time)
            await self._play(minute)
            read = self._hub.checkpoint() if self._clock.speed is None else []
            await asyncio.sleep(0)  # lets the queues be written
            minute = next(minutes, None)  # made while the listeners read the one before
            await asyncio.gather(*read)
        self._clock.state = "ended"

    def _minutes(self) -> Iterator[Minute]:
        end = self._source.end
        for open_time in itertools.count(self._source.start, MINUTE_MS):
            if end is not None and open_time >= end:
                return
            yield self._source.minute(open_time)

    async def _audience(self) -> None:
        """Wait for somebody who receives klines, and for what else they subscribe to."""
        self._clock.state = "waiting"
        await self._hub.klines_wanted.wait()
        await asyncio.sleep(GATHER_S)
        self._clock.state = "playing"
        self._anchor = (asyncio.get_running_loop().time(), self._clock.now)

    async def _play(self, minute: Minute) -> None:
        self._tape.begin(minute)
        orders = list(minute.liquidations)
        for offset in self._moments:
            time = minute.open_time + offset
            await self._until(time)
            self._clock.reach(time)
            self._first()
            self._tell(offset, time, orders)
        closed = self._tape.close()
        self._clock.reach(self._announcer.closings(minute, closed))

    def _tell(self, offset: int, time: int, orders: list[Liquidation]) -> None:
        if offset % self._step_ms == 0 and offset < MINUTE_MS:
            self._announcer.updates(time)
        else:
            self._announcer.extremes(time)
        if offset % 1_000:
            return
        due = list(itertools.takewhile(lambda order: order.time <= time, orders))
        del orders[: len(due)]
        self._announcer.liquidations(due, time)
        self._announcer.marks(time)
        self._announcer.contracts(time)
        self._announcer.tickers(time)

    async def _until(self, time: int) -> None:
        """Wait for the wall to reach an event time; at full speed not at all."""
        if self._clock.speed is None:
            return
        loop = asyncio.get_running_loop()
        wall, event = self._anchor
        wait = wall + (time - event) / 1_000.0 / self._clock.speed - loop.time()
        if wait < -_LATE_S:
            self._anchor = (loop.time(), time)
        await asyncio.sleep(max(wait, 0.0))
