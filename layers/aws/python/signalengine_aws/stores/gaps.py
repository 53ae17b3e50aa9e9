"""The feed's ledger of gaps: one item an entry, by the day of its detection (exchange time).

An entry is written once (one write unit: some 500 bytes), or twice when it is opened and closed.
"""

import json
from collections.abc import Iterable, Sequence
from typing import Any, Final, NamedTuple

from pynamodb.exceptions import PutError
from signalengine.facts.feed import GapFact, gap_body, read_gap
from signalengine.intervals import DAY_MS

from ..runtime.aws_errors import CONDITION, code_of, mapped, ours
from ..runtime.clock import Clock, day_of, ttl, wall_ms
from ..runtime.stored_fields import read_body, read_item, versioned
from .items.base import bind
from .items.gaps import GAPS_TTL_S, GapItem

OPEN: Final = "open"
STARTED: Final = "started"
"""Cause of the entry that a task writes at its start: it closes the entries left open."""
SUMMARISED: Final = 1_000
"""Entries of a day that a summary reads at most, the newest."""


class GapSummary(NamedTuple):
    """The ledger of the last 24 h, in counts."""

    open: int
    last_24h: int
    """Entries of missing data, open or closed."""
    lost_bars_24h: int
    """Bars that could not be recovered, each counted once."""


class GapPage(NamedTuple):
    """Entries, newest first."""

    entries: list[GapFact]
    unreadable: int
    """Entries between them that this version cannot read."""
    last: str | None
    """The `gap_id` after which the next page begins; None at the day's end."""


class DynamoGaps:
    """The table of ledger entries."""

    def __init__(self, table: str, clock: Clock = wall_ms) -> None:
        self._clock = clock
        bind(GapItem, table)

    def put(self, entries: Iterable[GapFact]) -> None:
        """Store entries; an older record never reopens a closed one."""
        for entry in entries:
            item = GapItem(
                day=day_of(entry.noticed_at),
                gap_id=entry.gap_id,
                body=versioned(json.dumps(gap_body(entry), separators=(",", ":"))),
                ttl=ttl(self._clock, GAPS_TTL_S),
            )
            try:
                item.save(GapItem.day.does_not_exist() if entry.outcome == OPEN else None)
            except PutError as error:
                if code_of(error) != CONDITION:
                    raise ours(error, "put gap") from error

    def of_day(self, day: str, limit: int) -> list[GapFact]:
        """Return up to `limit` entries of a UTC day ("2025-05-19"), newest first."""
        return self.page(day, limit).entries

    def page(self, day: str, limit: int, before: str | None = None) -> GapPage:
        """Return the newest `limit` entries of a UTC day.

        `before`: only those older than this `gap_id`, the last of the page before.
        """
        older = None if before is None else GapItem.gap_id < before
        with mapped("read gaps"):
            items = list(GapItem.query(day, older, scan_index_forward=False, limit=limit + 1))
        read = [_read(item) for item in items[:limit]]
        entries = [entry for entry in read if entry is not None]
        last = items[limit - 1].gap_id if len(items) > limit else None
        return GapPage(entries, len(read) - len(entries), last)

    def summary(self, now: int) -> GapSummary:
        """Return the counts of the 24 h before exchange time `now` (ms): two queries."""
        days = (day_of(now), day_of(now - DAY_MS))
        found = [entry for day in days for entry in self.of_day(day, SUMMARISED)]
        return summarise([e for e in found if now - DAY_MS < e.noticed_at], now)


def summarise(entries: Sequence[GapFact], now: int) -> GapSummary:
    """Count entries (pure). A restart of a task closes the entries it left open."""
    started: dict[str, int] = {}
    for entry in entries:
        if entry.cause == STARTED:
            started[entry.task] = max(started.get(entry.task, 0), entry.noticed_at)
    lost: dict[tuple[str | None, int, int | None], int] = {}
    for entry in entries:
        span = (entry.symbol, entry.start, entry.end)
        lost[span] = max(lost.get(span, 0), entry.bars_lost)
    return GapSummary(
        open=sum(
            entry.outcome == OPEN and entry.noticed_at >= started.get(entry.task, 0)
            for entry in entries
            if entry.noticed_at <= now
        ),
        last_24h=sum(entry.outcome != "noted" for entry in entries),
        lost_bars_24h=sum(lost.values()),
    )


def public(entry: GapFact) -> dict[str, Any]:
    """Return an entry in the shape of the API."""
    return {"id": entry.gap_id, **gap_body(entry), "bars_lost": entry.bars_lost}


def _read(item: GapItem) -> GapFact | None:
    return read_item("gap", item.gap_id, lambda: read_gap(read_body(item.body)))
