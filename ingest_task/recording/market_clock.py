"""The market's clock: the newest event time heard, never the wall's time of day.

What reads it decides by the exchange's time alone, so a machine whose own clock is hours off does
the same. The wall only measures how long nothing has been heard: a live market goes on meanwhile.
"""

from collections.abc import Callable
from time import monotonic
from typing import Final

LEAP_MS: Final = 180_000
"""A clock further ahead than this is believed when a second message says so too."""
STILL_MS: Final = 2_000
"""Wall time without any event after which a live market's clock is reckoned on by the wall."""


class MarketClock:
    """Exchange time, ms. It never goes back. Not thread-safe: its owner locks."""

    def __init__(self, *, live: bool, wall: Callable[[], float] = monotonic) -> None:
        """`live`: it goes on while nothing is heard; a replay may be over. `wall`: seconds."""
        self._live, self._wall = live, wall
        self._time = 0
        self._leap = 0  # an event time not believed yet
        self._moved = self._wall()

    @property
    def time(self) -> int:
        """The newest event time; 0 before the first."""
        return self._time

    @property
    def silent_s(self) -> float:
        """Wall seconds since a live market's last event; 0 for a replay."""
        return self._wall() - self._moved if self._live else 0.0

    def now(self) -> int:
        """Return the newest event time, reckoned on by the wall in a live market."""
        still_ms = int(self.silent_s * 1000)
        return self._time + (still_ms if still_ms > STILL_MS else 0)

    def believes(self, event_time: int) -> bool:
        """Return whether to move there: one broken frame must not carry the clock away.

        Two that agree are believed, however far ahead: the market went on unheard.
        """
        if not self._time or event_time <= self.now() + LEAP_MS:
            return True
        agreed = abs(event_time - self._leap) <= LEAP_MS
        self._leap = event_time
        return agreed

    def reach(self, event_time: int) -> None:
        """Move on to an event time that is believed; an older one changes nothing."""
        if event_time > self._time:
            self._time = event_time
            self._moved = self._wall()

    def begin(self, server_time: int) -> None:
        """Take the exchange's own time, before anything has been streamed."""
        self.reach(server_time)
        self._moved = self._wall()
