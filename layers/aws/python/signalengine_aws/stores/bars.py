"""Stored bars, read from the logs of groups: the first bar of a minute stays, unchanged.

A symbol's 1m bars are in its group's log in the order of time. Longer bars are in series of their
own, by time.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import islice
from typing import Final, NamedTuple

from signalengine.facts.stream import Bar, BarsFact
from signalengine.intervals import MINUTE_MS
from signalengine.settlement import StoredBar

from ..runtime.stored_fields import read_item
from .log.entry import Entry, unpack_bar
from .log.groups import DynamoGroups
from .log.log import DynamoLog, Numbered, bars_of
from .pagination import Span

RETAINED_MS: Final = 4 * 60 * MINUTE_MS
"""How much of a group's newest bars a process keeps, some 5 MB: signals are open for an hour."""
LATE_MS: Final = 12 * 60 * MINUTE_MS
"""Bars come no later than this after others of their minute: the stream retains them no longer."""
PER_BAR: Final = 8
"""Items that are read at most for each bar that is asked for."""
MIN_ITEMS: Final = 500
"""Of those, for few bars: a group may have many entries a minute, or none of a symbol for hours."""


class _Minutes(NamedTuple):
    """The 1m bars of an entry."""

    number: int
    newest: int
    """Close (ms) of the newest 1m bar of any symbol, in this entry or before it."""
    bars: Mapping[str, Sequence[StoredBar]]


@dataclass(slots=True)
class _Tail:
    """The newest entries of a group: all that have bars from a time on."""

    since: int
    """That time, ms."""
    first: int
    """Number from which on entries were read."""
    number: int
    """Of the newest entry; before `first` when there is none."""
    entries: list[_Minutes] = field(default_factory=list)

    def begin(self, since: int, first: int, entries: Iterable[Numbered]) -> None:
        """Begin at an earlier time, with the entries before those it has."""
        later, self.entries = self.entries, []
        self._add(_read(entries))
        self._add(later)
        self.since, self.first = since, first

    def go_on(self, entries: Sequence[Numbered]) -> None:
        """Add the entries that have come."""
        self._add(_read(entries))
        if entries:
            self.number = entries[-1].number

    def _add(self, several: Iterable[_Minutes]) -> None:
        for one in several:
            newest = max(one.newest, self.entries[-1].newest if self.entries else 0)
            self.entries.append(one._replace(newest=newest))

    def bars(self, symbol: str, since: int, until: int) -> list[StoredBar]:
        """Return a symbol's bars that open in [since, until)."""
        found: list[StoredBar] = []
        for entry in islice(self.entries, self._after(since), None):
            for bar in entry.bars.get(symbol, ()):
                if bar.open_time >= until:
                    return found
                if bar.open_time >= since:
                    found.append(bar)
        return found

    def trim(self) -> None:
        """Remove the entries of which all bars are older than is kept."""
        count = self._after(self.entries[-1].newest - RETAINED_MS) if self.entries else 0
        if count:
            self.since = max(self.since, self.entries[count - 1].newest)
            self.first = self.entries[count].number
            del self.entries[:count]

    def _after(self, time: int) -> int:
        """Return the place of the first entry that may have a bar that closes after a time."""
        return bisect_right(self.entries, time, key=lambda one: one.newest)


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
        tail = self._tail(group, since)
        found = tail.bars(symbol, since, until)
        tail.trim()
        return found

    def _tail(self, group: int, since: int) -> _Tail:
        """Return all entries of a group that have bars from a time on; each is read once."""
        tail = self._tails.get(group)
        if tail is None:
            first = self._log.reaching(group, since)
            tail = self._tails[group] = _Tail(since, first, first - 1)
        elif since < tail.since:
            first = min(self._log.reaching(group, since), tail.first)
            tail.begin(since, first, self._log.between(group, first, tail.first))
        tail.go_on(self._log.after(group, tail.number))
        return tail

    def over(self, wanted: Sequence[tuple[str, Span]]) -> list[list[StoredBar]]:
        """Return the 1m bars of each symbol that open in its span, in order, with any holes.

        They are not retained: old ones are read once. Spans of one group that overlap are read
        together, as an entry has the bars of all its symbols.
        """
        groups = self._groups.of(symbol for symbol, _ in wanted)
        lives: dict[int, list[tuple[str, Span]]] = {}
        for symbol, span in wanted:
            if symbol in groups:
                lives.setdefault(groups[symbol], []).append((symbol, span))
        found: dict[str, list[StoredBar]] = {}
        for group, several in lives.items():
            for symbols, span in joined(several):
                for symbol, bars in self._span(group, symbols, span):
                    found.setdefault(symbol, []).extend(bars)
        return [
            [bar for bar in found.get(symbol, ()) if bar.open_time in span]
            for symbol, span in wanted
        ]

    def _span(
        self, group: int, symbols: Iterable[str], span: Span
    ) -> Iterator[tuple[str, list[StoredBar]]]:
        """Yield bars of some symbols of a group, until all of them have passed the span."""
        left = set(symbols)
        for numbered in self._log.onwards(group, self._log.reaching(group, span.start)):
            entry = numbered.entry()
            if entry is None:
                continue
            for symbol, bars in _stored_bars(entry).items():
                if symbol in left:
                    yield symbol, [bar for bar in bars if bar.open_time in span]
                    if bars[-1].open_time >= span.end - MINUTE_MS:
                        left.remove(symbol)
            if not left or entry.newest >= span.end + LATE_MS:
                return

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


def joined(lives: Iterable[tuple[str, Span]]) -> Iterator[tuple[set[str], Span]]:
    """Yield spans that overlap or touch as one, with its symbols, in the order of time (pure)."""
    symbols, whole = set[str](), Span(0, -1)
    for symbol, span in sorted(lives, key=lambda life: (life[1].start, life[1].end)):
        if symbols and span.start > whole.end:
            yield symbols, whole
            symbols = set()
        if not symbols:
            whole = span
        symbols.add(symbol)
        whole = Span(whole.start, max(whole.end, span.end))
    if symbols:
        yield symbols, whole


def _read(entries: Iterable[Numbered]) -> Iterator[_Minutes]:
    """Yield the bars of the entries that this version can read."""
    for numbered in entries:
        entry = numbered.entry()
        if entry is not None:
            yield _Minutes(numbered.number, entry.newest, _stored_bars(entry))


def _stored_bars(entry: Entry) -> dict[str, list[StoredBar]]:
    found = {
        symbol: [stored_bar(None, bar) for bar in bars] for symbol, bars in entry.missed.items()
    }
    for fact in entry.facts:
        bar = stored_bar(fact, fact.bars[0])
        leaves = entry.leaves.get(fact.symbol, {}).get(fact.close_time)
        found.setdefault(fact.symbol, []).append(replace(bar, leaves=leaves) if leaves else bar)
    return found


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
