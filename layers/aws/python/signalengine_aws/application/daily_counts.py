"""Today's signals and events, for the published status.

The counts are stored with the heartbeat, so they need no writes of their own. Events of settled
minutes are counted once; those of the last two, which an index may still lack, again each minute.
When bars came for minutes that were counted already (a symbol is filled up after an outage), the
whole day is counted again, a part a minute, and the day before it where they are of that. Signals
are the closed ones of the day's row and those that are open.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Final, NamedTuple

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
PAUSE_MS: Final = 7 * DAY_MS
"""After a longer pause of the feed, counting goes on with the day before its next minute."""
INDEXED_MS: Final = 2 * MINUTE_MS
"""Wall time after which an index certainly has what was stored."""


@dataclass(frozen=True)
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
    before_events: int | None = None
    """Those of the day before that of `until`; None when they are not known."""
    before_closes: int | None = None
    again_since: int = 0
    """Wall time (ms) at which a day was last begun to be counted again."""
    again_until: int = 0
    """The close (ms) up to which that day is counted again; 0 while none is."""
    again_events: int = 0
    again_closes: int = 0
    known_events: int | None = None
    """What that day was counted as, once it is over."""
    known_closes: int | None = None

    @property
    def of_today(self) -> int | None:
        return None if self.today is None else self.today + self.recent


def stored_form(counted: Counted) -> dict[str, int | None]:
    """Return the form that is stored with a heartbeat, without what is absent (pure)."""
    needed = {"until", "today", "total", "recent", "closes", "day_closes"}
    absent = {one.name for one in fields(counted) if getattr(counted, one.name) == one.default}
    return {name: value for name, value in asdict(counted).items() if name not in absent - needed}


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
        progress = None if self._progress is None else self._progress()
        if progress is not None:
            until = min(until, settled_until(progress.close_time))
        if before is not None and until <= before.until:
            return before  # no further minute is settled
        counted = self._continued(before, until)
        recent = self._between(Span(until, watermark + UNSETTLED_MS)).events
        counted = replace(counted, recent=recent)
        return counted if progress is None else self._again(counted, progress)

    def _continued(self, before: Counted | None, until: int) -> Counted:
        """Count up to `until`, a later time than that of the counts before, a day after another."""
        if before is None:
            day = self._between(Span(_midnight(until), until))
            today = day.events if day.whole else None
            return Counted(until, today, day.events, closes=day.closes, day_closes=day.closes)
        counted = before
        if until - before.until > PAUSE_MS:
            counted = replace(before, until=_midnight(until) - DAY_MS, today=0, day_closes=0)
        while counted.until < until:
            end = min(until, _midnight(counted.until) + DAY_MS)
            found = self._between(Span(counted.until, end))
            counted = _added(counted, found, end)
            if end == _midnight(end):
                counted = _next_day(counted)
        return counted

    def _again(self, counted: Counted, progress: Progress) -> Counted:
        """Count days again after bars of settled minutes came, a part at a time."""
        if counted.again_until == 0:
            if progress.late_at == 0 or counted.again_since >= progress.late_at + INDEXED_MS:
                return counted
            counted = _begun(counted, progress.late_from, self._clock())
        left = MAX_READ
        while 0 < counted.again_until < counted.until and left > 0:
            midnight = _midnight(counted.again_until)
            end = min(counted.until, counted.again_until + PART_MS)
            part = self._between(Span(counted.again_until, end))
            left -= part.closes
            if not part.whole:  # more closes than can be read: the day stays as it was counted
                counted = _onward(counted, midnight + DAY_MS)
                continue
            counted = replace(
                counted,
                again_until=end,
                again_events=counted.again_events + part.events,
                again_closes=counted.again_closes + part.closes,
            )
            if end == min(counted.until, midnight + DAY_MS):
                counted = _onward(_corrected(counted, midnight), end)
        return counted

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


def _midnight(time: int) -> int:
    """Return when the UTC day of an exchange time began (both ms)."""
    return time - time % DAY_MS


def _added(counted: Counted, found: "Found", until: int) -> Counted:
    """Return the counts with those of the same day up to `until`."""
    whole = found.whole and counted.today is not None
    closes = counted.day_closes
    return replace(
        counted,
        until=until,
        today=(counted.today or 0) + found.events if whole else None,
        total=counted.total + found.events,
        closes=counted.closes + found.closes,
        day_closes=None if closes is None else closes + found.closes,
    )


def _next_day(counted: Counted) -> Counted:
    """Return the counts when the next day begins; one that is counted again is so to its end."""
    events, closes = counted.today, counted.day_closes
    if counted.again_until >= counted.until - DAY_MS:
        counted = replace(counted, known_events=events, known_closes=closes)
    return replace(counted, today=0, day_closes=0, before_events=events, before_closes=closes)


def _begun(counted: Counted, late_from: int, now: int) -> Counted:
    """Return the counts with a day to be counted again: the one before, if bars of it came."""
    today = _midnight(counted.until)
    before = 0 < late_from < today and counted.before_events is not None
    return _to_count_again(replace(counted, again_since=now), today - before * DAY_MS)


def _to_count_again(counted: Counted, day: int) -> Counted:
    return replace(
        counted,
        again_until=day,
        again_events=0,
        again_closes=0,
        known_events=counted.before_events,
        known_closes=counted.before_closes,
    )


def _onward(counted: Counted, end: int) -> Counted:
    """Return the counts after a day was counted again: the next one is, if it has begun."""
    if end >= counted.until:
        return replace(counted, again_until=0, again_events=0, again_closes=0)
    return _to_count_again(counted, max(end, _midnight(counted.until) - DAY_MS))


def _corrected(counted: Counted, day: int) -> Counted:
    """Return the counts after the day that began at `day` was counted again to its end."""
    events, closes, today = counted.again_events, counted.again_closes, _midnight(counted.until)
    known_events, known_closes = counted.known_events, counted.known_closes
    if day == today:
        known_events, known_closes = counted.today, counted.day_closes
        counted = replace(counted, today=events, day_closes=closes)
    elif day == today - DAY_MS:
        counted = replace(counted, before_events=events, before_closes=closes)
    return replace(
        counted,
        total=counted.total + (0 if known_events is None else events - known_events),
        closes=counted.closes + (0 if known_closes is None else closes - known_closes),
    )


class Found(NamedTuple):
    """The counts of a span; `whole`: all of it was read."""

    events: int
    closes: int
    whole: bool
