"""What other threads wait for: room, open interest, the end of a minute, all under one lock."""

import threading
from typing import Final

from signalengine.bars.builder import BuilderOutput
from signalengine.intervals import MINUTE_MS

from .market_clock import MarketClock

HELD_BOUND: Final = 600
"""Bars of one symbol that may wait for a hole to be filled before reading stops."""
OPEN_INTEREST_WITHIN_S: Final = 15.0
"""Wall seconds a replay waits for open interest, before bars are sent without it."""


class Waits:
    """The recorder's lock and its conditions. Waiting releases the lock meanwhile."""

    def __init__(self, clock: MarketClock) -> None:
        self.lock = threading.RLock()
        self._clock = clock
        self._minute_over = threading.Condition(self.lock)
        self._room = threading.Condition(self.lock)
        self._open_interest = threading.Condition(self.lock)
        self._crowded: set[str] = set()
        self._awaiting: dict[str, int] = {}
        """Close time of the next bar of each symbol that waits for its open interest."""
        self._ending = False

    @property
    def crowded(self) -> bool:
        """Whether too many bars wait for a hole to be filled."""
        return bool(self._crowded)

    @property
    def awaiting(self) -> tuple[str, ...]:
        """The symbols whose next bar waits for its open interest, sorted."""
        return tuple(sorted(self._awaiting))

    def wait_for_room(self, timeout: float) -> bool:
        """Wait until not crowded; False when it still is after `timeout` seconds."""
        with self._room:
            return self._room.wait_for(lambda: not self._crowded, timeout)

    def wait_minute(self, after: int, timeout: float) -> int:
        """Return the exchange's minute once it is later than `after`, or after `timeout` s."""
        with self._minute_over:
            self._minute_over.wait_for(lambda: self._clock.time // MINUTE_MS > after, timeout)
            return self._clock.time // MINUTE_MS

    def wait_for_open_interest(self) -> bool:
        """Wait until the bars of minutes that are over have been sent; False when they have not."""
        return self._open_interest.wait_for(
            lambda: self._ending or all(end > self._clock.time for end in self._awaiting.values()),
            OPEN_INTEREST_WITHIN_S,
        )

    def note(self, symbol: str, output: BuilderOutput) -> None:
        """Take over from a builder's output what its symbol waits for."""
        if output.awaits_open_interest_of is not None:
            self._awaiting[symbol] = output.awaits_open_interest_of
        elif self._awaiting.pop(symbol, None) is not None:
            self._open_interest.notify_all()
        if output.held > HELD_BOUND:
            self._crowded.add(symbol)
        elif symbol in self._crowded:
            self._crowded.discard(symbol)
            self._room.notify_all()

    def drop(self, symbol: str) -> None:
        """Wait no longer for a symbol."""
        self._crowded.discard(symbol)
        self._awaiting.pop(symbol, None)
        self._room.notify_all()
        self._open_interest.notify_all()

    def minute_over(self) -> None:
        """Wake what waits for the next minute."""
        self._minute_over.notify_all()

    def end(self) -> None:
        """Wait for no open interest any more: none will come."""
        self._ending = True
        self._open_interest.notify_all()
