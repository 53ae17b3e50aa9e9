"""A limit on how far a full-speed playback may run ahead.

Without it the playback waits for the ingest task only, and hours of market would queue up between
the ingest task and the engine.
"""

import asyncio


class Pace:
    """A limit in event time (ms); None, the initial value, means no limit."""

    def __init__(self) -> None:
        self._limit: int | None = None
        self._moved = asyncio.Event()

    def allow_until(self, limit: int | None) -> None:
        """Allow minutes that open before `limit`, ms."""
        self._limit = limit
        self._moved.set()

    async def reach(self, time: int) -> None:
        """Wait until a minute that opens at `time` (ms) is allowed."""
        while self._limit is not None and time >= self._limit:
            self._moved.clear()
            await self._moved.wait()
