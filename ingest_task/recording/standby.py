"""A task that stands by says the same bars as the one that speaks, a little later.

Bars are folded once, whoever sends them: first wins. What two tasks know beside a bar differs (when
open interest was polled, whether the whole minute was heard), so that "first" must not be chance.
The task that does not hold the lease holds its bars back for some seconds of wall time: as long
as the other one lives, its bars are there before, and the engine does what it would do with one
task alone. When the other one dies, nothing is missing.
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
        """Keep a fact back."""
        self._held.append((now + self._hold_back_s, fact))

    def release(self, now: float, clock: int, *, speaks: bool) -> list[BarsFact]:
        """Return what may go: what has waited long enough, or everything once this task speaks.

        `clock` is exchange time: when they are really sent, which is what freshness counts from.
        """
        out = []
        while self._held and (speaks or self._held[0][0] <= now):
            _, fact = self._held.popleft()
            out.append(replace(fact, sent_at=max(fact.sent_at, clock)))
        return out
