"""The forming minute, sampled once a second: its tick, and the path of its extremes."""

from typing import Final

from ..facts.stream import Bar, PathPoint, Tick
from ..intervals import MINUTE_MS

PATHS: Final = 12
"""Minutes whose paths are stored for bars that come late: older ones come as history."""


class FormingMinute:
    """The newest minute and the one before it, as received while they formed."""

    def __init__(self) -> None:
        self._bar: Bar | None = None
        self._before: Bar | None = None
        self._paths: dict[int, list[PathPoint]] = {}

    @property
    def last(self) -> float | None:
        """The last trade price."""
        return None if self._bar is None else self._bar.close

    def update(self, bar: Bar) -> None:
        """Take the forming bar as it is now."""
        if self._bar is not None and bar.open_time != self._bar.open_time:
            if bar.open_time < self._bar.open_time:
                return
            self._before = self._bar
        self._bar = bar

    def contradicts(self, bar: Bar) -> bool:
        """Return whether a closed bar has less than its minute already had while it formed.

        A minute only grows: its extremes widen, its volume and trades add up, its open stays.
        """
        known = self._last_of(bar.open_time)
        return known is not None and (
            bar.open != known.open
            or bar.high < known.high
            or bar.low > known.low
            or bar.volume < known.volume
            or (bar.trades or 0) < (known.trades or 0)
        )

    def is_unseen(self, bar: Bar) -> bool:
        """Return whether a bar has trades in a minute of which no forming kline was received.

        A bar without trades, at the last price, is not unseen: nothing would have been streamed.
        """
        calm = bar.volume == 0.0 and bar.low == bar.high == self.last
        return not calm and self._last_of(bar.open_time) is None

    def _last_of(self, open_time: int) -> Bar | None:
        """Return the last state of a minute, if it is the newest one or the one before it."""
        of_minute = (bar for bar in (self._bar, self._before) if bar is not None)
        return next((bar for bar in of_minute if bar.open_time == open_time), None)

    def is_of(self, open_time: int) -> bool:
        """Return whether the newest kline is of this minute."""
        return self._bar is not None and self._bar.open_time == open_time

    def sample(self, time: int) -> Tick | None:
        """Return the tick at exchange time `time`, and add a new extreme to the path."""
        bar = self._bar
        if bar is None or not bar.open_time < time <= bar.close_time:
            return None
        points = self._paths.setdefault(bar.open_time, [])
        _extend(points, (time - bar.open_time) // 1000, bar)
        if len(self._paths) > PATHS:
            del self._paths[next(iter(self._paths))]
        return Tick(bar.open_time, bar.open, bar.high, bar.low, bar.close)

    def is_sampled(self, open_time: int) -> bool:
        """Return whether a minute has a path, of which ticks were made."""
        return open_time in self._paths

    def path(self, bar: Bar) -> tuple[PathPoint, ...] | None:
        """Return the path of a closed bar, up to its extremes; None if the two disagree."""
        points = [*self._paths.get(bar.open_time, ())]
        _extend(points, MINUTE_MS // 1000, bar)
        agree = points[-1].low == bar.low and points[-1].high == bar.high
        return tuple(points) if agree else None


def _extend(points: list[PathPoint], second: int, bar: Bar) -> None:
    if not points or bar.low < points[-1].low or bar.high > points[-1].high:
        points.append(PathPoint(second, bar.low, bar.high))
