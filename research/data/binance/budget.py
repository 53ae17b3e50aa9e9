"""Request budgets of a source, and the waits between attempts."""

import asyncio
import random
import time
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import cache
from typing import Final

FILES_PER_MINUTE: Final = 1_200
"""The archive publishes no limit; this one keeps us polite."""
SHARE: Final = 0.8
"""Share of each limit; the rest is left to a live ingest task at the same address."""
FIRST_WAIT_S: Final = 0.5
LONGEST_WAIT_S: Final = 60.0


@dataclass(frozen=True, slots=True)
class Timing:
    """The clock, the sleep and the randomness of downloads; tests inject their own."""

    now: Callable[[], float] = time.monotonic
    """Seconds, for measuring waits."""
    wall_ms: Callable[[], int] = lambda: int(time.time() * 1000)
    """ms since the epoch: what has been published by now."""
    sleep: Callable[[float], Awaitable[object]] = asyncio.sleep
    chance: Callable[[], float] = random.random
    """0 <= x < 1."""

    def backoff(self, tried: int) -> float:
        """Return seconds to wait after `tried` (1, 2, ...) failures: doubled, capped, jittered."""
        longest = min(FIRST_WAIT_S * 2.0 ** (tried - 1), LONGEST_WAIT_S)
        return longest * (0.5 + 0.5 * self.chance())


@dataclass(slots=True)
class Budget:
    """Weight used in the last `window_s` seconds by all users of it, as the source counts it."""

    limit: float
    window_s: float
    _used: deque[tuple[float, float]] = field(default_factory=deque)
    _closed_until: float = float("-inf")

    async def take(self, weight: float, timing: Timing) -> None:
        """Wait until `weight` more fits into the window, and take it."""
        while (wait := self._try_take(weight, timing.now())) > 0.0:
            await timing.sleep(wait)

    def observe(self, used: float, timing: Timing) -> None:
        """Adopt the source's own count of this address's use, where it is higher."""
        now = timing.now()
        known = self._sum(now)
        if used > known:
            self._used.append((now, used - known))

    def close(self, seconds: float, timing: Timing) -> None:
        """Grant nothing for this many seconds."""
        self._closed_until = max(self._closed_until, timing.now() + seconds)

    def _try_take(self, weight: float, now: float) -> float:
        if now < self._closed_until:
            return self._closed_until - now
        if self._used and self._sum(now) + weight > self.limit:
            return max(0.001, self._used[0][0] + self.window_s - now)
        self._used.append((now, weight))
        return 0.0

    def _sum(self, now: float) -> float:
        while self._used and self._used[0][0] <= now - self.window_s:
            self._used.popleft()
        return sum(weight for _, weight in self._used)


@dataclass(frozen=True, slots=True)
class Budgets:
    """The counters of one address, each of its own."""

    weight: Budget = field(default_factory=lambda: Budget(2_400 * SHARE, 60.0))
    """Klines and the like, counted by X-MBX-USED-WEIGHT-1M; shared by USD-M and COIN-M."""
    statistics: Budget = field(default_factory=lambda: Budget(1_000 * SHARE, 300.0))
    """/futures/data/*, requests."""
    funding: Budget = field(default_factory=lambda: Budget(500 * SHARE, 300.0))
    """/fapi/v1/fundingRate, requests."""
    files: Budget = field(default_factory=lambda: Budget(FILES_PER_MINUTE, 60.0))
    """Requests for files of the archive."""


@cache
def budgets_of(base_url: str) -> Budgets:
    """Return the budgets of a source: one set a process, as the limits are per address."""
    del base_url  # only the key
    return Budgets()
