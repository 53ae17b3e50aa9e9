"""Bars of a standby task: the same bars as the lease holder's, sent a few seconds later.

A bar is folded once, and the first one sent wins. The data beside a bar differs between two tasks
(when open interest was polled, whether the whole minute was received), so which is first must not
be chance. The task without the lease holds its bars back for some seconds of wall time: while the
holder runs, the holder's bars arrive first, and the engine does what it would do with one task.
When the holder fails, no bar is missing.
"""

from collections import deque
from dataclasses import replace
from typing import Final

from signalengine.facts.stream import BarsFact

HOLD_BACK_S: Final = 3.0


class Standby:
    """Bars that wait, in order. Not thread-safe: its owner locks. Times are wall seconds."""

    def __init__(self, hold_back_s: float = HOLD_BACK_S) -> None:
        self._hold_back_s = hold_back_s
        self._held: deque[tuple[float, BarsFact]] = deque()

    def __len__(self) -> int:
        return len(self._held)

    def hold(self, fact: BarsFact, now: float) -> None:
        """Hold a fact back."""
        self._held.append((now + self._hold_back_s, fact))

    def release(self, now: float, clock: int, *, publishes: bool) -> list[BarsFact]:
        """Return the facts that have waited long enough, or all once this task `publishes`.

        `clock` is exchange time: it becomes `sent_at`, from which freshness is counted.
        """
        out = []
        while self._held and (publishes or self._held[0][0] <= now):
            _, fact = self._held.popleft()
            out.append(replace(fact, sent_at=max(fact.sent_at, clock)))
        return out
