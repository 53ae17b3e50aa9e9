"""How far a full-speed play may go: whoever runs it may keep it near what it feeds.

A reader of the socket is not the end of the line: behind the ingest task stands the engine, and a
play that only waits for the reader piles up hours of market in between.
"""

import asyncio


class Pace:
    """A limit in event time (ms); None, as at the start, is no limit."""

    def __init__(self) -> None:
        self._limit: int | None = None
        self._moved = asyncio.Event()

    def allow_until(self, limit: int | None) -> None:
        """Let the play tell minutes that open before `limit`."""
        self._limit = limit
        self._moved.set()

    async def reach(self, time: int) -> None:
        """Wait until a minute that opens at `time` may be told."""
        while self._limit is not None and time >= self._limit:
            self._moved.clear()
            await self._moved.wait()
