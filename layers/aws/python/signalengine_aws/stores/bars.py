"""Stored bars, read from the logs of groups: the first bar of a minute stays, unchanged.

A symbol's 1m bars are in its group's log in the order of time. Longer bars are in series of their
own, by time.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from typing import Final

from signalengine.facts.stream import Bar, BarsFact
from signalengine.intervals import MINUTE_MS
from signalengine.settlement import StoredBar

from ..runtime.stored_fields import read_item
from .log.entry import Entry, unpack_bar
from .log.groups import DynamoGroups
from .log.log import DynamoLog, Numbered, bars_of
from .pagination import Span

MAX_ENTRIES: Final = 1_500
"""Entries of a group that a process keeps, a day's: some 2 KB each."""
LATE_MS: Final = 12 * 60 * MINUTE_MS
"""Bars come no later than this after others of their minute: the stream retains them no longer."""
PER_BAR: Final = 8
"""Items that are read at most for each bar that is asked for."""
MIN_ITEMS: Final = 500
"""Of those, for few bars: a group may have many entries a minute, or none of a symbol for hours."""


@dataclass(slots=True)
class _Tail:
    """The newest entries of a group: all that have bars from a time on."""

    since: int
    """That time, ms."""
    number: int
    """Of the newest entry."""
    entries: list[Numbered] = field(default_factory=list)

    def add(self, entries: list[Numbered]) -> None:
        if entries:
            self.number = entries[-1].number
        self.entries += entries

    def trim(self) -> None:
        """Remove the oldest entries when there are too many."""
        removed = self.entries[: max(0, len(self.entries) - MAX_ENTRIES)]
        if removed:
            entry = removed[-1].entry()
            self.since = self.since if entry is None else max(self.since, entry.newest)
            del self.entries[: len(removed)]


class DynamoBars:
    """The bars in the table of logs."""

    def __init__(self, table: str, state_table: str) -> None:
        self._log = DynamoLog(table)
        self._groups = DynamoGroups(state_table)
        self._tails: dict[int, _Tail] = {}

    def minutes(self, symbol: str, since: int, until: int) -> list[StoredBar]:
        """Return the stored 1m bars that open in [since, until), in order, with any holes.

        A consistent read of what has come since this process read the group's log last.
        """
        group = self._groups.of([symbol]).get(symbol)
        if group is None:
            return []
        found: list[StoredBar] = []
        for numbered in self._entries(group, since):
            entry = numbered.entry()
            if entry is None or entry.newest <= since:
                continue
            for fact, bar in entry.minutes(symbol):
                if bar.open_time >= until:
                    return found
                if bar.open_time >= since:
                    found.append(stored_bar(fact, bar))
        return found

    def _entries(self, group: int, since: int) -> list[Numbered]:
        """Return the entries of a group that have bars from a time on, and others before them."""
        tail = self._tails.get(group)
        if tail is None or since < tail.since:
            begin = self._log.reaching(group, since)
            tail = self._tails[group] = _Tail(since, begin - 1)
        tail.add(self._log.after(group, tail.number))
        entries = [*tail.entries]
        tail.trim()
        return entries

    def candles(
        self, symbol: str, interval: str, span: Span, limit: int, *, newest: bool
    ) -> tuple[list[Bar], int]:
        """Return up to `limit` bars that open in `span`, oldest first.

        And how many items this version cannot read. `newest`: the last rather than the first.
        """
        group = self._groups.of([symbol]).get(symbol)
        if group is None or limit < 1:
            return [], 0
        read = self._minutes if interval == "1m" else self._longer
        found: list[Bar] = []
        unreadable = 0
        items = read(group, symbol, interval, span, newest=newest)
        for bars in islice(items, max(PER_BAR * limit, MIN_ITEMS)):
            unreadable += bars is None
            found += bars or ()
            if len(found) >= limit:
                break
        found.sort(key=lambda bar: bar.open_time)
        return (found[-limit:] if newest else found[:limit]), unreadable

    def _longer(
        self, group: int, symbol: str, interval: str, span: Span, *, newest: bool
    ) -> Iterator[list[Bar] | None]:
        """Yield each item's bars of a symbol; None for one that cannot be read."""
        for position, data in self._log.bars(
            group, interval, span.start, span.end, newest_first=newest
        ):
            where = f"{bars_of(group, interval)} {position}"
            bars = read_item("bars", where, partial(_one, data, symbol, interval))
            yield None if bars is None else _within(bars, span)

    def _minutes(
        self, group: int, symbol: str, _interval: str, span: Span, *, newest: bool
    ) -> Iterator[list[Bar] | None]:
        """Yield each entry's bars of a symbol; None for one that cannot be read."""
        begin = self._log.reaching(group, span.end if newest else span.start)
        onwards = self._onwards(group, symbol, span, begin)
        if not newest:
            yield from onwards
            return
        yield from reversed(list(onwards))  # those that came later than others of their time
        for numbered in self._log.before(group, begin):
            entry = numbered.entry()
            yield None if entry is None else _within(_of(entry, symbol), span)
            if entry is not None and entry.newest <= span.start:
                return

    def _onwards(
        self, group: int, symbol: str, span: Span, begin: int
    ) -> Iterator[list[Bar] | None]:
        """Yield the same from an entry on, until the symbol has passed the span."""
        for numbered in self._log.onwards(group, begin):
            entry = numbered.entry()
            if entry is None:
                yield None
                continue
            bars = _of(entry, symbol)
            yield _within(bars, span)
            passed = bool(bars) and bars[-1].open_time >= span.end - MINUTE_MS
            if passed or entry.newest >= span.end + LATE_MS:
                return


def _of(entry: Entry, symbol: str) -> list[Bar]:
    return [bar for _, bar in entry.minutes(symbol)]


def _one(data: bytes, symbol: str, interval: str) -> list[Bar]:
    bar = unpack_bar(data, symbol, interval)
    return [] if bar is None else [bar]


def _within(bars: list[Bar], span: Span) -> list[Bar]:
    return [bar for bar in bars if span.start <= bar.open_time < span.end]


def stored_bar(fact: BarsFact | None, bar: Bar) -> StoredBar:
    """Return what settlement needs of a 1m bar; history has no funding and no path."""
    return StoredBar(
        open_time=bar.open_time,
        open=bar.open,
        high=bar.high,
        low=bar.low,
        close=bar.close,
        funding_paid=None if fact is None else fact.funding_paid,
        path=None if fact is None else fact.path,
    )
