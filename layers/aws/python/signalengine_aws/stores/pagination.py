"""Lists, newest first, in pages, from partitions that are read in chunks of bounded size.

A page ends when it is full, when nothing is left, or when a limit of reads is reached (a filter
that matches rarely). The place after it is where the next page begins. Rows that are stored
meanwhile shift nothing, so all pages together are the list, each row once.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from typing import Any, Final, Generic, NamedTuple, TypeAlias, TypeVar

from pynamodb.expressions.condition import Condition
from signalengine.intervals import DAY_MS

from ..runtime.aws_errors import mapped
from ..runtime.clock import day_of, month_of
from ..runtime.packed_json import text_of
from ..runtime.stored_fields import UNREADABLE, read_item
from .strategies import Strategy, without_strategy

MAX_QUERIES: Final = 40
"""Queries that one page may cost; one takes a few ms."""
MAX_READ: Final = 1_000
"""Items that one page may read; an item is 1 to 6 KB."""
FILTERED_CHUNK: Final = 250
EMPTY_DAYS: Final = 14
"""A list without a lower bound ends after this many days in a row without an item."""
AHEAD_MS: Final = 300_000
"""The newest items may be this much newer than the stored heartbeat."""

T = TypeVar("T")
Key: TypeAlias = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Span:
    """Times in ms: start <= time < end."""

    start: int
    end: int

    def __contains__(self, time: int) -> bool:
        return self.start <= time < self.end


EVER: Final = Span(0, 10**14)


class Place(NamedTuple):
    """After an item of a list; without `name` at the newest item not later than `time`."""

    time: int
    name: str | None = None
    skip: int = 0
    """Rows of the next item that were returned already (an item may have several)."""
    strategy: str = ""
    """Key of the parameter set of that item; empty for `classic`."""


class Chunk(NamedTuple, Generic[T]):
    """The result of one query: rows, each with the place after it."""

    rows: list[tuple[Place, T]]
    last: Place | None
    """Where the next chunk begins; None at the partition's end."""
    read: int
    unreadable: tuple[int, ...] = ()
    """Of each item that this version cannot read: how many rows come before it."""
    queries: int = 1

    def passed_over(self, rows: int | None = None) -> int:
        """Return how many unreadable items come before the last of the first `rows` (None: all)."""
        return sum(rows is None or before < rows for before in self.unreadable)


class Page(NamedTuple, Generic[T]):
    """Rows, and the place after them: None at the list's end."""

    rows: list[T]
    after: Place | None
    unreadable: int = 0
    """Items between them that this version cannot read."""


Part: TypeAlias = tuple[str, Span]
Read: TypeAlias = Callable[[str, Span, Place | None, int], Chunk[T]]


class Items(NamedTuple, Generic[T]):
    """A table or an index with a time as its range key: how to query it and to read its items."""

    what: str
    """What an item is."""
    source: Any
    """PynamoDB's model or index."""
    time: Any
    """The attribute of its range key."""
    row: Callable[[Key], T]
    place: Callable[[Key], Place]
    attributes: list[str] | None = None
    """The attributes to return, keys included (None: all): each takes time to read."""

    def chunk(
        self,
        value: str,
        span: Span,
        limit: int,
        key: Key | None,
        only: Condition | None = None,
        keep: Callable[[Key], bool] | None = None,
    ) -> Chunk[T]:
        """Query the newest `limit` items of a partition in `span` after a key.

        `only` is DynamoDB's filter, `keep` one of the items that it returns.
        """
        found = self.source.query(
            value,
            self.time.between(span.start, span.end - 1),
            only,
            scan_index_forward=False,
            page_size=limit,
            attributes_to_get=self.attributes,
            last_evaluated_key=None if key is None else dict(key),
        )
        with mapped("query a page"):
            raw = next(found.page_iter)
        rows: list[tuple[Place, T]] = []
        unreadable: list[int] = []
        for item in filter(keep, raw["Items"]):
            place = self.place(item)
            row = read_item(self.what, f"{place.name} {place.time}", partial(self.row, item))
            if row is None:
                unreadable.append(len(rows))
            else:
                rows.append((place, row))
        last = raw.get("LastEvaluatedKey")
        after = None if last is None else self.place(last)
        return Chunk(rows, after, int(raw["ScannedCount"]), tuple(unreadable))


def having(name: str, value: str | None) -> Callable[[Key], bool] | None:
    """Return a filter of items whose body has a field of that text (None: of none).

    The stored JSON is compact, and a text in it has no bare quotes. A body that cannot be unpacked
    passes: whoever reads it says so.
    """
    part = f'"{name}":"{value}"'

    def keep(raw: Key) -> bool:
        try:
            return part in text_of(raw["body"])
        except UNREADABLE:
            return True

    return None if value is None else keep


def series_key(strategy: Strategy, place: Place | None, **index: str) -> dict[str, Any] | None:
    """Return DynamoDB's key of a place among items by (series, close_time), or in an index.

    The place is named by the symbol.
    """
    if place is None:
        return None
    series = strategy.key(place.name or "")
    own = {"series": {"S": series}, "close_time": {"N": str(place.time)}}
    return own | {name: {"S": value} for name, value in index.items()}


def series_place(raw: Key) -> Place:
    """Return the place of an item or a key (the inverse of `series_key`)."""
    return Place(int(raw["close_time"]["N"]), without_strategy(raw["series"]["S"]))


def days(span: Span) -> Iterator[Part]:
    """Yield the UTC days of a span, newest first, each with its part of the span."""
    start = (span.end - 1) - (span.end - 1) % DAY_MS
    while span.start < start + DAY_MS and start >= 0:
        yield day_of(start), Span(max(span.start, start), min(span.end, start + DAY_MS))
        start -= DAY_MS


def months(span: Span) -> Iterator[Part]:
    """Yield the UTC months of a span, newest first, each with its part of the span."""
    for name, parts in groupby(days(span), key=lambda part: month_of(part[1].start)):
        within = [span for _, span in parts]
        yield name, Span(within[-1].start, within[0].end)


def parts_of(symbol: str | None, span: Span, after: Place | None = None) -> Iterable[Part]:
    """Return the parts of a list: a symbol's one, or the days, from a place on.

    A span may have a million days before the place; none of them is looked at.
    """
    if after is not None:
        span = Span(span.start, min(span.end, after.time + 1))
    return days(span) if symbol is None else [(symbol, span)]


def from_place(parts: Iterable[Part], after: Place | None) -> Iterator[tuple[Part, Place | None]]:
    """Yield the parts after a place, the first of them with the place to begin after."""
    for name, span in parts:
        if span.start >= span.end:
            continue
        if after is None:
            yield (name, span), None
        elif after.time >= span.start:
            cut = Span(span.start, min(span.end, after.time + 1))
            # a place before the whole part is not in it
            yield (name, cut), after if after.name is not None and after.time in span else None
            after = None


def walk(
    read: Read[T],
    parts: Iterable[Part],
    after: Place | None,
    size: int,
    *,
    filtered: bool = False,
    max_empty: int | None = None,
) -> Page[T]:
    """Return the page of `size` rows after a place.

    The list ends after `max_empty` parts in a row without an item (None: after the last part).
    """
    rows: list[T] = []
    queries = items = empty = unreadable = 0
    remaining = from_place(parts, after)
    part = next(remaining, None)
    while part is not None:
        (name, span), place = part
        before = items
        while True:
            room = size - len(rows)
            chunk = read(name, span, place, FILTERED_CHUNK if filtered else room + 1)
            queries, items = queries + chunk.queries, items + chunk.read
            rows += [row for _, row in chunk.rows[:room]]
            if len(chunk.rows) > room:
                passed_over = chunk.passed_over(room)
                return Page(rows, chunk.rows[room - 1][0], unreadable + passed_over)
            place, unreadable = chunk.last, unreadable + chunk.passed_over()
            if place is None:
                break
            if len(rows) == size or queries >= MAX_QUERIES or items >= MAX_READ:
                return Page(rows, place, unreadable)
        part, empty = next(remaining, None), 0 if items > before else empty + 1
        if empty == max_empty:
            break
        if part and (len(rows) == size or queries >= MAX_QUERIES or items >= MAX_READ):
            return Page(rows, Place(span.start - 1), unreadable)
    return Page(rows, None, unreadable)
