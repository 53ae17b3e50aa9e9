"""The market's clock: the newest event time received, never the wall's time of day.

Decisions use the exchange's time alone, so a machine whose own clock is hours off decides the
same. The wall only measures how long nothing has been received: a live market goes on meanwhile.
"""

from collections.abc import Callable
from time import monotonic
from typing import Final

LEAP_MS: Final = 180_000
"""An event time further ahead than this is accepted when a second message agrees."""
STILL_MS: Final = 2_000
"""Wall time without any event after which a live market's clock advances by the wall."""


class MarketClock:
    """Exchange time, ms. It never goes back. Not thread-safe: its owner locks."""

    def __init__(self, *, live: bool, wall: Callable[[], float] = monotonic) -> None:
        """`live`: it advances while nothing is received; a replay may be over. `wall`: seconds."""
        self.live, self._wall = live, wall
        self._time = 0
        self._leap = 0  # an event time not accepted yet
        self._moved = self._wall()

    @property
    def time(self) -> int:
        """The newest event time; 0 before the first."""
        return self._time

    @property
    def silent_s(self) -> float:
        """Wall seconds since a live market's last event; 0 for a replay."""
        return self._wall() - self._moved if self.live else 0.0

    def now(self) -> int:
        """Return the newest event time, advanced by the wall in a live market."""
        still_ms = int(self.silent_s * 1000)
        return self._time + (still_ms if still_ms > STILL_MS else 0)

    def accepts(self, event_time: int) -> bool:
        """Return whether to move to an event time: one broken frame must not move the clock far.

        Two that agree are accepted, however far ahead: the connection was silent meanwhile.
        """
        if not self._time or event_time <= self.now() + LEAP_MS:
            return True
        agreed = abs(event_time - self._leap) <= LEAP_MS
        self._leap = event_time
        return agreed

    def reach(self, event_time: int) -> None:
        """Move to an event time that is accepted; an older one changes nothing."""
        if event_time > self._time:
            self._time = event_time
            self._moved = self._wall()

    def begin(self, server_time: int) -> None:
        """Take the exchange's own time, before anything has been streamed."""
        self.reach(server_time)
        self._moved = self._wall()
