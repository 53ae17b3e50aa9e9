"""Today's signals and events, for the published status.

The counts are stored with the heartbeat, so they need no writes of their own. Events of settled
minutes are counted once; those of the last two, which an index may still lack, again each minute.
When bars came for minutes that were counted already (a symbol is filled up after an outage), the
whole day is counted again, a part a minute. Signals are the closed ones of the day's row and those
that are open.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Final

from signalengine.intervals import DAY_MS, MINUTE_MS
from signalengine.signals import Signal

from ..ports import EvaluationLog, PerformanceRows
from ..runtime.clock import Clock, day_of, wall_ms
from ..runtime.stored_fields import read_fields
from ..stores.pagination import Place, Span
from ..stores.performance import DAY_PREFIX
from ..stores.state import UNSETTLED_MS, Progress, settled_until

MAX_READ: Final = 3_000
"""Closes read in one go at most; the count of a day with more is unknown from then on."""
PART_MS: Final = 60 * MINUTE_MS
"""A day is counted again in parts of this length, as many a minute as `MAX_READ` allows."""
INDEXED_MS: Final = 2 * MINUTE_MS
"""Wall time after which an index certainly has what was stored."""


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
    day_closes: int | None = None
    """Those of the day alone; None when an older version counted."""
    again_since: int = 0
    """Wall time (ms) at which the day was last begun to be counted again."""
    again_until: int = 0
    """The close (ms) up to which it is counted again; 0 while it is not."""
    again_events: int = 0
    again_closes: int = 0

    @property
    def of_today(self) -> int | None:
        return None if self.today is None else self.today + self.recent


def stored_form(counted: Counted) -> dict[str, int | None]:
    """Return the form that is stored with a heartbeat, without what is absent (pure)."""
    needed = {"until", "today", "total", "recent", "closes", "day_closes"}
    return {name: value for name, value in asdict(counted).items() if value or name in needed}


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
        progress: Callable[[], Progress] | None = None,
        clock: Clock = wall_ms,
    ) -> None:
        """`progress` returns how far events are stored."""
        self._events = events
        self._performance = performance
        self._policy_digest = policy_digest
        self._progress = progress
        self._clock = clock

    def events(self, before: Counted | None, watermark: int) -> Counted:
        """Return the counts at an exchange time (ms), continued from those before."""
        until = settled_until(watermark)
        if before is not None and before.until - until > DAY_MS:
            before = None  # the time of another market
        if before is not None and until <= before.until:
            return before  # the same minute again, or an older record
        late_at = 0
        if self._progress is not None:
            progress = self._progress()
            until, late_at = min(until, settled_until(progress.close_time)), progress.late_at
        if before is not None and until <= before.until:
            return before  # no further minute is settled
        counted = self._continued(before, until)
        recent = self._between(Span(until, watermark + UNSETTLED_MS)).events
        return self._again(replace(counted, recent=recent), late_at)

    def _continued(self, before: Counted | None, until: int) -> Counted:
        """Count up to `until`, a later time than that of the counts before."""
        midnight = until - until % DAY_MS
        if before is None:
            day = self._between(Span(midnight, until))
            today = day.events if day.whole else None
            return Counted(until, today, day.events, closes=day.closes, day_closes=day.closes)
        yesterday = self._between(Span(before.until, min(until, midnight)))
        since = self._between(Span(max(before.until, midnight), until))
        going_on = before.until >= midnight
        whole = since.whole and not (going_on and before.today is None)
        today = since.events + (before.today or 0 if going_on else 0)
        closes = before.day_closes if going_on else 0
        continued = replace(
            before,
            until=until,
            today=today if whole else None,
            total=before.total + yesterday.events + since.events,
            closes=before.closes + yesterday.closes + since.closes,
            day_closes=None if closes is None else closes + since.closes,
        )
        return continued if going_on else replace(continued, again_until=0)

    def _again(self, counted: Counted, late_at: int) -> Counted:
        """Count the day again after bars of settled minutes came (wall ms), a part at a time."""
        if counted.again_until == 0:
            if late_at == 0 or counted.again_since >= late_at + INDEXED_MS:
                return counted
            counted = replace(
                counted,
                again_since=self._clock(),
                again_until=counted.until - counted.until % DAY_MS,
                again_events=0,
                again_closes=0,
            )
        left, whole = MAX_READ, True
        while counted.again_until < counted.until and left > 0 and whole:
            end = min(counted.until, counted.again_until + PART_MS)
            part = self._between(Span(counted.again_until, end))
            left, whole = left - part.closes, part.whole
            counted = replace(
                counted,
                again_until=end,
                again_events=counted.again_events + part.events,
                again_closes=counted.again_closes + part.closes,
            )
        if not whole:  # more closes than can be read: the day stays as it was counted
            return replace(counted, again_until=0)
        return counted if counted.again_until < counted.until else _corrected(counted)

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


def _corrected(counted: Counted) -> Counted:
    """Return the counts of a day that was counted again to its end."""
    events, closes = counted.again_events, counted.again_closes
    more_events = 0 if counted.today is None else events - counted.today
    more_closes = 0 if counted.day_closes is None else closes - counted.day_closes
    return replace(
        counted,
        today=events,
        total=counted.total + more_events,
        closes=counted.closes + more_closes,
        day_closes=closes,
        again_until=0,
        again_events=0,
        again_closes=0,
    )


@dataclass(frozen=True, slots=True)
class Found:
    """The counts of a span; `whole`: all of it was read."""

    events: int
    closes: int
    whole: bool
