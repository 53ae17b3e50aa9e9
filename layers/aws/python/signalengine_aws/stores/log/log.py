"""The logs of all groups, in the table of bars: entries 1, 2, 3, … of each, written once.

Whoever appends an entry has read all entries before it: the number is taken when another process
has appended one meanwhile. That is the only fence of the fold.
"""

from base64 import b64decode
from collections.abc import Iterator, Mapping
from enum import Enum
from typing import Any, Final, NamedTuple

from botocore.exceptions import BotoCoreError, ClientError
from pynamodb.expressions.condition import Condition
from signalengine.facts.stream import Bar
from signalengine.intervals import MINUTE_MS

from ...runtime.aws_errors import CONDITION, code_of, existing_item, mapped, ours
from ...runtime.clock import Clock, ttl, wall_ms
from ...runtime.stored_fields import read_item
from ..items.bars import BARS_TTL_S, BarItem
from ..items.base import bind, client
from .entry import Entry, pack_bars, unpack

LATEST: Final = 1 << 62
NEAR: Final = 32
"""Entries that are read at once rather than searched further."""


class Appended(Enum):
    """The result of appending an entry."""

    NEW = "new"
    SAME = "same"
    """The same entry is there: this process's own, or another's of the same facts."""
    TAKEN = "taken"
    """Another entry has the number."""


class Numbered(NamedTuple):
    """An entry as stored, with its number."""

    number: int
    data: bytes
    group: int

    def entry(self) -> Entry | None:
        """Return what it says; None, with a warning, when this version cannot read it."""
        where = f"{log_of(self.group)} {self.number}"
        return read_item("log entry", where, lambda: unpack(self.data))


class DynamoLog:
    """The logs, and the longer bars beside them."""

    def __init__(self, table: str, clock: Clock = wall_ms) -> None:
        self._clock, self._table = clock, table
        bind(BarItem, table)

    # --- writing ---------------------------------------------------------------------------------

    def append(self, group: int, number: int, data: bytes) -> Appended:
        """Store an entry unless its number is taken."""
        return self.put(log_of(group), number, data)

    def put_bars(self, group: int, number: int, bars: Mapping[str, Bar]) -> None:
        """Store the bars of one interval that close together, by symbol, of an entry.

        The number keeps them apart from those of the same time in another entry.
        """
        one = next(iter(bars.values()))
        position = one.open_time + number % MINUTE_MS
        self.put(bars_of(group, one.interval), position, pack_bars(bars))

    def put(self, series: str, position: int, data: bytes) -> Appended:
        """Store an item of a series unless its position is taken."""
        item: dict[str, dict[str, Any]] = {
            "series": {"S": series},
            "position": {"N": str(position)},
            "data": {"B": data},
            "ttl": {"N": str(ttl(self._clock, BARS_TTL_S))},
        }
        try:
            client().dispatch("PutItem", put_if_absent(self._table, item))
        except (ClientError, BotoCoreError) as error:
            if code_of(error) != CONDITION:
                raise ours(error, f"put {series}") from error
            existing = existing_item(error) or {}
            same = _bytes(existing.get("data", {}).get("B", b"")) == data
            return Appended.SAME if same else Appended.TAKEN
        return Appended.NEW

    # --- reading ---------------------------------------------------------------------------------

    def last(self, group: int) -> Numbered | None:
        """Return the newest entry (consistent read); None before the first."""
        found = self._query(group, None, newest_first=True, limit=1)
        return next(iter(found), None)

    def after(self, group: int, number: int) -> list[Numbered]:
        """Return all entries after a number, in order (consistent read)."""
        return list(self._query(group, BarItem.position > number))

    def between(self, group: int, start: int, end: int) -> Iterator[Numbered]:
        """Yield the entries with numbers in [start, end), in order (consistent read)."""
        if start >= end:
            return iter(())
        return self._query(group, BarItem.position.between(start, end - 1))

    def before(self, group: int, number: int) -> Iterator[Numbered]:
        """Yield the entries before a number, newest first, as they are asked for."""
        older = BarItem.position < number
        return self._query(group, older, newest_first=True, page=NEAR * 4, consistent=False)

    def onwards(self, group: int, number: int, *, page: int | None = NEAR) -> Iterator[Numbered]:
        """Yield the entries from a number on, in order, as they are asked for.

        `page` of them are read at once; None: as many as DynamoDB gives, for all of a long time.
        """
        return self._query(group, BarItem.position >= number, page=page, consistent=False)

    def reaching(self, group: int, time: int) -> int:
        """Return a number before which no entry has a bar that opens at or after `time` (ms).

        It is at most `NEAR` entries before the first that has one; 1 for an empty log.
        """
        first, last = next(self._query(group, None, limit=1), None), self.last(group)
        if first is None or last is None:
            return 1
        low, high = (first.number, _newest(first)), (last.number, _newest(last))
        if high[1] <= time:
            return high[0] + 1
        step = 0
        while low[1] <= time and high[0] - low[0] > NEAR:
            guess = _guess(low, high, time, step)
            found = next(self._query(group, BarItem.position >= guess, limit=1), last)
            close, step = _newest(found), step + 1
            if close <= time:
                low = (found.number, close)
            else:
                high = (guess, close)  # no entry is between: those of a hole have expired
        return low[0]

    def bars(
        self, group: int, interval: str, start: int, end: int, *, newest_first: bool
    ) -> Iterator[tuple[int, bytes]]:
        """Yield where the bars of a longer interval that open in [start, end) are, and their bytes.

        Items of a time come one after the other, each with other symbols.
        """
        until = (end - 1) // MINUTE_MS * MINUTE_MS + MINUTE_MS - 1
        with mapped("query bars"):
            for item in BarItem.query(
                bars_of(group, interval),
                BarItem.position.between(start - start % MINUTE_MS, until),
                scan_index_forward=not newest_first,
                page_size=NEAR * 4,
            ):
                yield item.position, item.data

    def _query(
        self,
        group: int,
        condition: Condition | None,
        *,
        newest_first: bool = False,
        limit: int | None = None,
        page: int | None = None,
        consistent: bool = True,
    ) -> Iterator[Numbered]:
        with mapped("query the log"):
            for item in BarItem.query(
                log_of(group),
                condition,
                consistent_read=consistent,
                scan_index_forward=not newest_first,
                limit=limit,
                page_size=page,
            ):
                yield Numbered(item.position, item.data, group)


def put_if_absent(table: str, item: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Return the request that stores a `BarItem` unless there is one, which is returned then.

    PynamoDB makes the same request in a third of the time of the whole call.
    """
    return {
        "TableName": table,
        "Item": item,
        "ConditionExpression": "attribute_not_exists (#0)",
        "ExpressionAttributeNames": {"#0": "series"},
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
    }


def _guess(low: tuple[int, int], high: tuple[int, int], time: int, step: int) -> int:
    """Return a number between two: entries come at an even rate, so it is soon between near ones.

    Each third guess is the middle, so that any rate comes to an end.
    """
    gap = high[0] - low[0]
    even = round((time - low[1]) / (high[1] - low[1]) * gap)
    offset = (even - NEAR // 2, even + NEAR // 2, gap // 2)[step % 3]
    return low[0] + min(max(offset, 1), gap - 1)


def _newest(one: Numbered) -> int:
    """Return the newest close (ms) of an entry; later than all for one that cannot be read."""
    entry = one.entry()
    return LATEST if entry is None else entry.newest


def _bytes(value: bytes | str) -> bytes:
    """An item in an error has its bytes as DynamoDB's JSON has them."""
    return b64decode(value) if isinstance(value, str) else value


def log_of(group: int) -> str:
    """Return the series of a group's log."""
    return f"{group}#log"


def bars_of(group: int, interval: str) -> str:
    """Return the series of a group's bars of a longer interval."""
    return f"{group}#{interval}"
