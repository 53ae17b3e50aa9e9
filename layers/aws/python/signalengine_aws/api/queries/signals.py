"""Signals, newest first. Every read is by a key or an index; no table is scanned."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, Self

from signalengine.signals import Direction, public

from ...stores.merging import merged
from ...stores.pagination import EMPTY_DAYS, Page, Place, Read, Span, parts_of, walk
from ...stores.signals import DynamoSignals, Only, StoredSignal
from ..parameters import DEFAULT_LIMIT, check_signal_cursor, write_cursor
from .feed import newest_time, window
from .sets import Chosen, RegisteredSets

if TYPE_CHECKING:
    from ..services import Services


class SignalQueries:
    """Pages of signals, open and closed."""

    def __init__(
        self,
        *,
        signals: DynamoSignals,
        sets: RegisteredSets,
        newest_time: Callable[[], int],
    ) -> None:
        self._signals = signals
        self._sets = sets
        self._newest_time = newest_time

    @classmethod
    def of(cls, services: "Services") -> Self:
        return cls(
            signals=services.signals,
            sets=services.query(RegisteredSets),
            newest_time=partial(newest_time, services.feed),
        )

    def page(
        self,
        symbol: str | None = None,
        limit: int = DEFAULT_LIMIT,
        cursor: Place | None = None,
        **filters: Any,
    ) -> dict[str, Any]:
        """Return a page of signals, newest first, as the API writes it; `filters` are `found`'s."""
        found = self.found(symbol, limit, cursor, **filters)
        return {
            "signals": [public(stored.signal) for stored in found.rows],
            "count": len(found.rows),
            "cursor": write_cursor(found.after),
            "unreadable": found.unreadable,
        }

    def found(
        self,
        symbol: str | None = None,
        limit: int = DEFAULT_LIMIT,
        cursor: Place | None = None,
        *,
        direction: Direction | None = None,
        status: str | None = None,
        start: int | None = None,
        end: int | None = None,
        strategy: str | None = None,
        shadow: bool = False,
    ) -> Page[StoredSignal]:
        """Return a page of signals, newest first; `status` is one of `signals.STATUSES`.

        Of the parameter sets that `RegisteredSets.chosen` names.
        """
        check_signal_cursor(cursor, end)
        chosen = self._sets.chosen(strategy, shadow=shadow)
        span = window(start, end, self._newest_time())
        only = Only(direction, status, published=chosen.published)
        if status == "open":
            return self._open_page(span, only, chosen, symbol, limit, cursor)
        filtered = only != Only()
        max_empty = EMPTY_DAYS if start is None and symbol is None else None
        parts = parts_of(symbol, span, cursor)
        reads = {
            key: _source(self._signals.of(one), only, by_day=symbol is None)
            for key, one in chosen.sets.items()
        }
        return walk(merged(reads), parts, cursor, limit, filtered=filtered, max_empty=max_empty)

    def _open_page(
        self,
        span: Span,
        only: Only,
        chosen: Chosen,
        symbol: str | None,
        limit: int,
        after: Place | None,
    ) -> Page[StoredSignal]:
        """Open signals have an index of their own and are few: all are read, a page is cut out."""
        every, unreadable = self._signals.read_open()
        if chosen.shadows:
            every = [*every, *self._signals.shadows()]
        found = [
            stored
            for stored in every
            if stored.signal in only
            and stored.signal.strategy in chosen.sets
            and stored.signal.close_time in span
            and symbol in (None, stored.signal.symbol)
            and (after is None or _rank(stored) < (after.time, after.name or "~"))
        ]
        found.sort(key=_rank, reverse=True)
        rows = found[:limit]
        return Page(rows, Place(*_rank(rows[-1])) if len(found) > limit else None, unreadable)


def _source(signals: DynamoSignals, only: Only, *, by_day: bool) -> Read[StoredSignal]:
    read = signals.of_day if by_day else signals.of_symbol
    return lambda part, within, after, size: read(part, within, after, size, only)


def _rank(stored: StoredSignal) -> tuple[int, str]:
    return stored.signal.close_time, stored.signal.signal_id
