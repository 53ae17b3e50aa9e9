"""The stream of liquidations: when it was up, and which of its orders have been received.

Its sums are lower bounds, as an exchange may sample the stream. While the stream is down, or
silent for longer than usual, they are unknown.
"""

from typing import Final

from signalengine.bars.as_of import Coverage
from signalengine.market_data import Liquidation

SAME_ORDERS: Final = 5_000
"""Orders remembered, so that one received on two connections counts once."""


class Liquidations:
    """One stream of all symbols. Times are exchange ms. Not thread-safe: its owner locks."""

    def __init__(self) -> None:
        self.coverage = Coverage()
        self._coming_up = False
        self._seen: dict[Liquidation, None] = {}

    def subscribed(self) -> None:
        """Note that its connection is up: the stream is, from the next message on."""
        self._coming_up = True

    def lost(self, time: int) -> None:
        """Note that its connection is lost."""
        self._coming_up = False
        self.coverage.down(time)

    def reached(self, time: int) -> None:
        """Note that a message of any stream has moved the clock to `time`."""
        if self._coming_up:
            self._coming_up = False
            self.coverage.up(time)

    def silent(self, since: int) -> None:
        """Note that it has been silent for too long: orders since then are unknown."""
        self.coverage.down(since)

    def received(self, time: int, *, was_silent: bool) -> None:
        """Note one of its messages."""
        self.coverage.received()
        if was_silent:
            self.coverage.up(time)

    def is_new(self, order: Liquidation) -> bool:
        """Return whether an order has not been received before."""
        if order in self._seen:
            return False
        self._seen[order] = None
        if len(self._seen) > SAME_ORDERS:
            del self._seen[next(iter(self._seen))]
        return True
