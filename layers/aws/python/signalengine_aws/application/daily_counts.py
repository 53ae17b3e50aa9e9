"""Today's signals and events, for the published status.

The counts are stored with the heartbeat, so they need no writes of their own. Events of settled
minutes are counted once; those of the last two, which an index may still lack, again each minute.
Signals are the closed ones of the day's row and those that are open.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from signalengine.intervals import DAY_MS, MINUTE_MS
from signalengine.signals import Signal

from ..ports import EvaluationLog, PerformanceRows
from ..runtime.clock import day_of
from ..runtime.stored_fields import read_fields
from ..stores.pagination import Place, Span
from ..stores.performance import DAY_PREFIX

UNSETTLED_MS: Final = 2 * MINUTE_MS
MAX_READ: Final = 3_000
"""Closes read in one go at most; the count of a day with more is unknown from then on."""


@dataclass(frozen=True, slots=True)
class Counted:
    """Events up to `until` (exchange ms): of that day, and since counting began."""

    until: int
    today: int | None
    """None when counting began during a day with too many closes to read."""
    total: int
    recent: int = 0
    """Events after `until`, which are counted again."""
    closes: int = 0
    """Closes with events up to `until`, since counting began."""

    @property
    def of_today(self) -> int | None:
        return None if self.today is None else self.today + self.recent


def read_counted(beat: Mapping[str, Any] | None) -> Counted | None:
    """Return the counts of a stored heartbeat (pure); None when it has none that can be read."""
    return read_fields(Counted, (beat or {}).get("counted"))


class DailyCounts:
    """Counts events by reading each close once, and signals from the performance rows."""

    def __init__(
        self,
        *,
        events: EvaluationLog,
        performance: PerformanceRows,
        policy_digest: str,
        progress: Callable[[], int] | None = None,
    ) -> None:
        """`progress` returns the close time (ms) up to which events are stored."""
        self._events = events
        self._performance = performance
        self._policy_digest = policy_digest
        self._progress = progress

    def events(self, before: Counted | None, watermark: int) -> Counted:
        """Return the counts at an exchange time (ms), continued from those before."""
        until = _settled(watermark)
        if before is not None and before.until - until > DAY_MS:
            before = None  # the time of another market
        if before is not None and until <= before.until:
            return before  # the same minute again, or an older record
        if self._progress is not None:
            until = min(until, _settled(self._progress()))
        if before is not None and until <= before.until:
            return before  # no further minute is settled
        midnight = until - until % DAY_MS
        recent = self._between(Span(until, watermark + UNSETTLED_MS)).events
        if before is None:
            day = self._between(Span(midnight, until))
            today = day.events if day.whole else None
            return Counted(until, today, day.events, recent, day.closes)
        yesterday = self._between(Span(before.until, min(until, midnight)))
        since = self._between(Span(max(before.until, midnight), until))
        going_on = before.until >= midnight
        whole = since.whole and not (going_on and before.today is None)
        today = since.events + (before.today or 0 if going_on else 0)
        return Counted(
            until=until,
            today=today if whole else None,
            total=before.total + yesterday.events + since.events,
            recent=recent,
            closes=before.closes + yesterday.closes + since.closes,
        )

    def signals(self, market: str, still_open: Iterable[Signal], time: int) -> int:
        """Return how many signals opened on the UTC day of an exchange time, on a market."""
        day, stats_key = day_of(time), f"{self._policy_digest}:{market}"
        closed = self._performance.read(stats_key, DAY_PREFIX + day).closed
        return closed + sum(
            one.stats_key == stats_key and day_of(one.close_time) == day for one in still_open
        )

    def _between(self, span: Span) -> "Found":
        """Count a span of one day."""
        events, closes, left = 0, 0, MAX_READ
        place: Place | None = None
        while span.start < span.end:
            chunk = self._events.of_day(day_of(span.start), span, place, left)
            events += sum(len(one.events) for _, one in chunk.rows)
            closes += len(chunk.rows)
            place, left = chunk.last, left - chunk.read
            if place is None:
                break
            if left <= 0:
                return Found(events, closes, whole=False)
        return Found(events, closes, whole=True)


def _settled(time: int) -> int:
    """Return the time up to which minutes are settled at a time (both ms)."""
    return time - time % MINUTE_MS - UNSETTLED_MS


@dataclass(frozen=True, slots=True)
class Found:
    """The counts of a span; `whole`: all of it was read."""

    events: int
    closes: int
    whole: bool
