"""How long a stream may be silent before it is reported, learnt from its own silences.

Marks arrive while a market is open. Liquidations arrive when there are any: every second on a
volatile day, once in ten minutes on a calm one. Klines arrive when there are trades, which for one
small symbol may be a minute apart. No fixed threshold fits all of them: a stream counts as silent
after three times its longest silence of the last two hours. Random arrivals exceed that once in
thousands of hours; a market that calms down alarms at most a few times, as every alarm raises the
threshold.
"""

from collections import deque
from dataclasses import dataclass
from typing import Final

FACTOR: Final = 3
BLOCK_MS: Final = 600_000
BLOCKS: Final = 12
"""The longest silence of each ten minutes is stored, for two hours."""
ENOUGH: Final = 20
"""Silences to be observed, over one block at least, before the threshold uses them."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """Least and most ms of a threshold, and its value until enough has been observed."""

    least_ms: int
    most_ms: int
    unlearnt_ms: int


LIQUIDATIONS: Final = Bounds(60_000, 900_000, 900_000)
SIMULATED: Final = Bounds(60_000, 7_200_000, 7_200_000)
"""Of liquidations in a market of a few symbols: they may be silent for longer."""
KLINES: Final = Bounds(30_000, 300_000, 30_000)


class SilenceThreshold:
    """The threshold of one stream. Times are exchange ms."""

    def __init__(self, bounds: Bounds = LIQUIDATIONS) -> None:
        self._bounds = bounds
        self._last: int | None = None
        self._began: int | None = None
        self._count = 0
        self._longest: deque[list[int]] = deque(maxlen=BLOCKS + 1)

    def received(self, time: int) -> None:
        """Note a message of the stream."""
        if self._last is not None and time > self._last:
            self._learn(time, time - self._last)
        self._last = time if self._last is None else max(time, self._last)

    def alarmed(self, time: int) -> None:
        """Note a message after a reported silence: the threshold rises to twice what it was."""
        self._learn(time, 2 * self.ms(time) // FACTOR)
        self._last = time

    def interrupted(self) -> None:
        """Learn nothing from the current silence: it has another cause than the stream."""
        self._last = None

    def ms(self, now: int) -> int:
        """Return the threshold at an exchange time, ms."""
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
