"""Signals, newest first. Every read is by a key or an index; no table is scanned."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, Self

from signalengine.signals import Direction, public

from ...stores.pagination import EMPTY_DAYS, Page, Place, Span, parts_of, walk
from ...stores.signals import DynamoSignals, Only, StoredSignal
from ..parameters import DEFAULT_LIMIT, check_signal_cursor, write_cursor
from .feed import newest_time, window

if TYPE_CHECKING:
    from ..services import Services


class SignalQueries:
    """Pages of signals, open and closed."""

    def __init__(self, *, signals: DynamoSignals, newest_time: Callable[[], int]) -> None:
        self._signals = signals
        self._newest_time = newest_time

    @classmethod
    def of(cls, services: "Services") -> Self:
        return cls(signals=services.signals, newest_time=partial(newest_time, services.feed))

    def page(
        self,
        symbol: str | None = None,
        limit: int = DEFAULT_LIMIT,
        cursor: Place | None = None,
        *,
        direction: Direction | None = None,
        status: str | None = None,
        start: int | None = None,
        end: int | None = None,
    ) -> dict[str, Any]:
        """Return a page of signals, newest first; `status` is one of `signals.STATUSES`."""
        check_signal_cursor(cursor, end)
        span = window(start, end, self._newest_time())
        only = Only(direction, status)
        if status == "open":
            found = self._open_page(span, only, symbol, limit, cursor)
        else:
            filtered = only != Only()
            max_empty = EMPTY_DAYS if start is None and symbol is None else None
            parts = parts_of(symbol, span, cursor)
            read = self._signals.of_day if symbol is None else self._signals.of_symbol
            found = walk(
                lambda part, within, after, size: read(part, within, after, size, only),
                parts, cursor, limit, filtered=filtered, max_empty=max_empty,
            )  # fmt: skip
        return {
            "signals": [public(stored.signal) for stored in found.rows],
            "count": len(found.rows),
            "cursor": write_cursor(found.after),
            "unreadable": found.unreadable,
        }

    def _open_page(
        self, span: Span, only: Only, symbol: str | None, limit: int, after: Place | None
    ) -> Page[StoredSignal]:
        """Open signals have an index of their own and are few: all are read, a page is cut out."""
        every, unreadable = self._signals.read_open()
        found = [
            stored
            for stored in every
            if stored.signal in only
            and stored.signal.close_time in span
            and symbol in (None, stored.signal.symbol)
            and (after is None or _rank(stored) < (after.time, after.name or "~"))
        ]
        found.sort(key=_rank, reverse=True)
        rows = found[:limit]
        return Page(rows, Place(*_rank(rows[-1])) if len(found) > limit else None, unreadable)


def _rank(stored: StoredSignal) -> tuple[int, str]:
    return stored.signal.close_time, stored.signal.signal_id
