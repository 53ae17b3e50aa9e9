"""What is known of the stream of liquidations: when it was heard, and which orders it has told.

Its sums are a lower bound in any case (Binance tells one order a second and symbol). While the
stream is down, or silent for longer than it is wont to be, they are not known at all.
"""

from typing import Final

from signalengine.bars.as_of import Coverage
from signalengine.exchanges.binance.messages import Liquidation

SAME_ORDERS: Final = 5_000
"""Orders remembered, lest one that two connections tell counts twice."""


class Liquidations:
    """One stream of all symbols. Times are exchange ms. Not thread-safe: its owner locks."""

    def __init__(self) -> None:
        self.coverage = Coverage()
        self._coming_up = False
        self._told: dict[Liquidation, None] = {}

    def subscribed(self) -> None:
        """Its connection is up: from the next message on, it would be heard."""
        self._coming_up = True

    def lost(self, time: int) -> None:
        """Its connection is gone."""
        self._coming_up = False
        self.coverage.down(time)

    def reached(self, time: int) -> None:
        """The market's clock is there, by a message of any kind."""
        if self._coming_up:
            self._coming_up = False
            self.coverage.up(time)

    def silent(self, since: int) -> None:
        """It has said nothing for too long: what happened since then is not known."""
        self.coverage.down(since)

    def heard(self, time: int, *, was_silent: bool) -> None:
        """It says something."""
        self.coverage.heard()
        if was_silent:
            self.coverage.up(time)

    def is_new(self, order: Liquidation) -> bool:
        """Return whether an order has not been told before."""
        if order in self._told:
            return False
        self._told[order] = None
        if len(self._told) > SAME_ORDERS:
            del self._told[next(iter(self._told))]
        return True
