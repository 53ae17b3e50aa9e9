"""How many closing klines a minute may be doubted only because nothing was heard before them.

Each costs one of 2,400 request weights and some 100 ms. Right after a new connection there can be
hundreds of them at once, quiet symbols most of them: the first thirty are looked up, the others
believed, so that neither the budget nor the bars of everybody wait for it.
"""

from typing import Final

from signalengine.intervals import MINUTE_MS

A_MINUTE: Final = 30


class VerificationBudget:
    """An allowance by exchange minute."""

    def __init__(self) -> None:
        self._minute, self._taken = -1, 0

    def take(self, now: int) -> bool:
        """Take one at an exchange time, ms; False when this minute's are used up."""
        if now // MINUTE_MS != self._minute:
            self._minute, self._taken = now // MINUTE_MS, 0
        if self._taken == A_MINUTE:
            return False
        self._taken += 1
        return True
