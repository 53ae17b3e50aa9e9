"""How long a stream may be silent before that means something, learnt from its own silences.

Klines and marks come as long as a market trades. Liquidations come when there are some: every
second on a wild day, once in ten minutes on a calm one, and no fixed patience is right for both. A
stream is not expected to stay silent for more than three times its longest silence of the last two
hours. For arrivals at random that is exceeded once in thousands of hours; a market that calms
down alarms at most a few times, as every alarm doubles what is expected from then on.
"""

from collections import deque
from typing import Final

LEAST_MS: Final = 60_000
MOST_MS: Final = 900_000
"""Bounds of it; the upper one holds until enough has been heard."""
MOST_SIMULATED_MS: Final = 7_200_000
"""A simulated market of a few symbols may be silent for longer than all of Binance ever is."""
FACTOR: Final = 3
BLOCK_MS: Final = 600_000
BLOCKS: Final = 12
"""Longest silences are kept by ten minutes, for two hours."""
ENOUGH: Final = 20
"""Silences to be heard, over one block at least, before they say anything."""


class Patience:
    """Silences of one stream. Times are exchange ms."""

    def __init__(self, most_ms: int = MOST_MS) -> None:
        self._most_ms = most_ms
        self._last: int | None = None
        self._began: int | None = None
        self._count = 0
        self._longest: deque[list[int]] = deque(maxlen=BLOCKS + 1)

    def heard(self, time: int) -> None:
        """Note that the stream said something."""
        self._began = time if self._began is None else self._began
        if self._last is not None and time > self._last:
            self._learn(time, time - self._last)
        self._last = time if self._last is None else max(time, self._last)

    def alarmed(self, time: int) -> None:
        """Note that it said something after a silence too long: that long is half expected now."""
        self._learn(time, 2 * self.ms(time) // FACTOR)
        self._last = time

    def interrupted(self) -> None:
        """Learn nothing from the silence that goes on: it is known not to be the stream's own."""
        self._last = None

    def ms(self, now: int) -> int:
        """Return how long a silence may be at a time."""
        since = now // BLOCK_MS - BLOCKS
        longest = max((silence for block, silence in self._longest if block >= since), default=0)
        if self._began is None or self._count < ENOUGH or now - self._began < BLOCK_MS:
            return self._most_ms
        return min(self._most_ms, max(LEAST_MS, FACTOR * longest)) if longest else self._most_ms

    def _learn(self, time: int, silence: int) -> None:
        self._count += 1
        block = time // BLOCK_MS
        if self._longest and self._longest[-1][0] >= block:
            self._longest[-1][1] = max(self._longest[-1][1], silence)
        else:
            self._longest.append([block, silence])
