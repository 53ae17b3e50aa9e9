"""How long a stream may be silent before that means something, learnt from its own silences.

Marks come as long as a market is open. Liquidations come when there are some: every second on a
wild day, once in ten minutes on a calm one. Klines come when there are trades, which of one small
symbol may be a minute apart. No fixed patience is right for all of them: a stream is not expected
to stay silent for more than three times its longest silence of the last two hours. For arrivals at
random that is exceeded once in thousands of hours; a market that calms down alarms at most a few
times, as every alarm doubles what is expected from then on.
"""

from collections import deque
from dataclasses import dataclass
from typing import Final

FACTOR: Final = 3
BLOCK_MS: Final = 600_000
BLOCKS: Final = 12
"""Longest silences are kept by ten minutes, for two hours."""
ENOUGH: Final = 20
"""Silences to be heard, over one block at least, before they say anything."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """Least and most ms of patience, and what it is until enough has been heard."""

    least_ms: int
    most_ms: int
    unlearnt_ms: int


LIQUIDATIONS: Final = Bounds(60_000, 900_000, 900_000)
SIMULATED: Final = Bounds(60_000, 7_200_000, 7_200_000)
"""Of liquidations where a few symbols are all there is: they may be silent for longer."""
KLINES: Final = Bounds(30_000, 300_000, 30_000)


class SilenceThreshold:
    """Silences of one stream. Times are exchange ms."""

    def __init__(self, bounds: Bounds = LIQUIDATIONS) -> None:
        self._bounds = bounds
        self._last: int | None = None
        self._began: int | None = None
        self._count = 0
        self._longest: deque[list[int]] = deque(maxlen=BLOCKS + 1)

    def heard(self, time: int) -> None:
        """Note that the stream said something."""
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
        bounds, since = self._bounds, now // BLOCK_MS - BLOCKS
        longest = max((silence for block, silence in self._longest if block >= since), default=0)
        expected = min(bounds.most_ms, max(bounds.least_ms, FACTOR * longest))
        if self._began is None or self._count < ENOUGH or now - self._began < BLOCK_MS:
            return max(bounds.unlearnt_ms, expected)
        return expected

    def _learn(self, time: int, silence: int) -> None:
        self._began = time if self._began is None else self._began
        self._count += 1
        block = time // BLOCK_MS
        if self._longest and self._longest[-1][0] >= block:
            self._longest[-1][1] = max(self._longest[-1][1], silence)
        else:
            self._longest.append([block, silence])
