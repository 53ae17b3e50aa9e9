"""How many closing klines a minute are verified only because no forming kline preceded them.

Each verification costs one request weight and some 100 ms. Right after a new connection there can
be hundreds at once, most of them of quiet symbols: the first thirty are verified, the others are
trusted, so that neither the weight budget nor the other bars wait for them.
"""

from typing import Final

from signalengine.intervals import MINUTE_MS

PER_MINUTE: Final = 30


class VerificationBudget:
    """An allowance by exchange minute."""

    def __init__(self) -> None:
        self._minute, self._taken = -1, 0

    def take(self, now: int) -> bool:
        """Take one at an exchange time, ms; False when those of this minute are used up."""
        if now // MINUTE_MS != self._minute:
            self._minute, self._taken = now // MINUTE_MS, 0
        if self._taken == PER_MINUTE:
            return False
        self._taken += 1
        return True
