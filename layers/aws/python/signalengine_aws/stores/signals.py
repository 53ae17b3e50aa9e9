"""Stored signals, indexed by day, symbol, status and last change; `closings` closes them."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import partial, reduce
from operator import and_
from typing import TYPE_CHECKING, Any, Final

from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action
from signalengine.signals import (
    Direction,
    Outcome,
    Signal,
    settled,
    settlement_from_dict,
    signal_from_dict,
    steps_from_dict,
    to_json,
)

from ..runtime.aws_errors import mapped
from ..runtime.clock import day_of
from ..runtime.stored_fields import UnreadableError, read_body, read_item, versioned
from .items.base import bind
from .items.signals import SignalItem
from .pagination import Chunk, Items, Key, Place, Span
from .strategies import CLASSIC, Strategy, strategy_of

if TYPE_CHECKING:
    from signalengine.stats.closed_signal import ClosedSignal

OPEN: Final = "1"
"""In the index of open signals: those that are published, of all strategies."""
SHADOW: Final = "shadow"
"""The same of those that are not."""
OUTBOX: Final = "1"
RECENT_MS: Final = 600_000
SETTLING_MS: Final = 10_000
"""How long an event may be under way to WebSocket clients before they should have it."""
RECENT: Final = 100
STATUSES: Final = ("open", "closed", *(outcome.value for outcome in Outcome))
"""Values of the filter by status; `closed` is every outcome."""


@dataclass(frozen=True, slots=True)
class StoredSignal:
    """A signal, with its settlement once it is closed, and the state of its publication."""

    signal: Signal
    updated_at: int
    """Wall ms of its last commit: the opening's, then those of its progress, then the closing's."""
    pending: frozenset[str]
    """Publications to come: "opened", names of steps, "closed"."""


@dataclass(frozen=True, slots=True)
class Only:
    """A filter of signals; None matches all."""

    direction: Direction | None = None
    status: str | None = None
    """One of `STATUSES`."""
    published: bool = False
    """Without those that opened in shadow."""

    @property
    def condition(self) -> Condition | None:
        """DynamoDB's filter. Direction and outcome are inside stored JSON, keys sorted, compact."""
        found: list[Condition] = []
        if self.direction is not None:
            found.append(SignalItem.opening.contains(f'"direction":"{self.direction}"'))
        match self.status:
            case None:
                pass
            case "open":
                found.append(SignalItem.open.exists())
            case "closed":
                found.append(SignalItem.open.does_not_exist())
            case outcome:
                found.append(SignalItem.settlement.contains(f'"outcome":"{outcome}"'))
        if self.published:
            found.append(~SignalItem.opening.contains('"shadow":true'))
        return reduce(and_, found) if found else None

    def __contains__(self, signal: Signal) -> bool:
        statuses = {None, signal.status, "open" if signal.status == "open" else "closed"}
        wanted = self.status in statuses and self.direction in (None, signal.direction)
        return wanted and not (self.published and signal.shadow)


EVERY: Final = Only()


class DynamoSignals:
    """The table of signals, for reading: lists are of one strategy, what is open of all."""

    def __init__(self, table: str, *, strategy: Strategy = CLASSIC) -> None:
        self._table, self._strategy = table, strategy
        bind(SignalItem, table)

    def of(self, strategy: Strategy) -> "DynamoSignals":
        """Return the same table for reading the lists of another strategy."""
        return DynamoSignals(self._table, strategy=strategy)

    def open(self) -> list[StoredSignal]:
        """Return all open signals, the soonest to expire first (from an index: ms behind)."""
        return self.read_open()[0]

    def shadows(self) -> list[StoredSignal]:
        """Return all open signals that are not published, the soonest to expire first."""
        with mapped("query open signals"):
            return readable(SignalItem.by_open.query(SHADOW))

    def read_open(self) -> tuple[list[StoredSignal], int]:
        """Return the open signals, and how many others this version cannot read."""
        with mapped("query open signals"):
            items = list(SignalItem.by_open.query(OPEN))
        found = readable(items)
        return found, len(items) - len(found)

    def changed(self, day: str, since: int, limit: int) -> list[StoredSignal]:
        """Return up to `limit` signals last changed on a wall day at or after `since`, in order."""
        with mapped("query changed signals"):
            found = SignalItem.by_update.query(day, SignalItem.updated_at >= since, limit=limit)
            return readable(found)

    def recent(self, now: int) -> list[tuple[str, int]]:
        """Return the newest event of signals that changed lately, with its commit (wall ms).

        Of `RECENT_MS` before `now`, but for the last `SETTLING_MS`; the newest `RECENT` at most.
        """
        since, until = now - RECENT_MS, now - SETTLING_MS
        with mapped("query changed signals"):
            found = [
                item
                for day in sorted({day_of(since), day_of(until)}, reverse=True)
                for item in SignalItem.by_update.query(
                    day,
                    SignalItem.updated_at.between(since, until),
                    scan_index_forward=False,
                    limit=RECENT,
                )
            ]
        return [(newest_event(one), one.updated_at) for one in readable(found[:RECENT])]

    def get(self, signal_id: str) -> StoredSignal | None:
        """Return a signal (consistent read); None when there is none with this id.

        Nor while this version cannot read it.
        """
        with mapped("read signal"):
            try:
                item = SignalItem.get(signal_id, consistent_read=True)
            except SignalItem.DoesNotExist:
                return None
        return read_item("signal", signal_id, partial(stored_signal, item))

    def of_day(
        self, day: str, span: Span, after: Place | None, limit: int, only: Only = EVERY
    ) -> Chunk[StoredSignal]:
        """Return signals of a day that are in `span`, newest first, reading `limit` at most."""
        day = self._strategy.key(day)
        return _BY_DAY.chunk(day, span, limit, _key("day", day, after), only.condition)

    def of_symbol(
        self, symbol: str, span: Span, after: Place | None, limit: int, only: Only = EVERY
    ) -> Chunk[StoredSignal]:
        """Return signals of a symbol that are in `span`, newest first, reading `limit` at most."""
        series = self._strategy.key(symbol)
        key = _key("series", series, after)
        return _BY_SYMBOL.chunk(series, span, limit, key, only.condition)

    def closed_of_month(
        self, month: str, span: Span, after: Place | None, limit: int
    ) -> "Chunk[ClosedSignal]":
        """Return closed signals of a month that are in `span`, newest first, `limit` at most."""
        month = self._strategy.key(month)
        return _CLOSED_BY_MONTH.chunk(month, span, limit, _key("month", month, after))

    def closed_of_symbol(
        self, symbol: str, span: Span, after: Place | None, limit: int
    ) -> "Chunk[ClosedSignal]":
        """Return closed signals of a symbol in `span`, newest first, reading `limit` at most."""
        series, closed = self._strategy.key(symbol), SignalItem.result.exists()
        key = _key("series", series, after)
        return _CLOSED_BY_SYMBOL.chunk(series, span, limit, key, closed)


def newest_event(stored: StoredSignal) -> str:
    """Return the event id of a signal's last change."""
    signal = stored.signal
    if signal.settlement is not None:
        name = "closed"
    else:
        name = signal.progress[-1].name if signal.progress else "opened"
    return f"{signal.signal_id}#{name}"


def to_publish(signal: Signal, now: int, names: set[str]) -> list[Action]:
    """Return the actions that put publications into the outbox; none for a signal in shadow."""
    if signal.shadow:
        return []
    return [
        SignalItem.outbox.set(OUTBOX),
        SignalItem.updated_day.set(day_of(now)),
        SignalItem.pending.add(names),
    ]


def opened_item(signal: Signal, now: int) -> SignalItem:
    """Return the item of a signal as it opens at wall time `now` (ms)."""
    strategy, published = strategy_of(signal), not signal.shadow
    return SignalItem(
        signal_id=signal.signal_id,
        opening=versioned(to_json(signal)),
        series=strategy.key(signal.symbol),
        close_time=signal.close_time,
        day=strategy.key(day_of(signal.close_time)),
        open=OPEN if published else SHADOW,
        expires_at=signal.expires_at,
        outbox=OUTBOX if published else None,
        pending={"opened"} if published else None,
        updated_at=now,
        updated_day=day_of(now) if published else None,
    )


def readable(items: Iterable[SignalItem]) -> list[StoredSignal]:
    """Read items; those that this version cannot read are left out, and wait for one that can."""
    found = [read_item("signal", one.signal_id, partial(stored_signal, one)) for one in items]
    return [stored for stored in found if stored is not None]


def stored_signal(item: SignalItem) -> StoredSignal:
    """Read an item of the table; raises one of `UNREADABLE`."""
    if item.updated_at is None:
        raise UnreadableError("a signal without the time of its last change")
    signal = _signal(item.opening, item.progress, item.settlement)
    return StoredSignal(signal, item.updated_at, frozenset(item.pending or ()))


def _signal(opening: str, progress: str | None, end: str | None) -> Signal:
    signal = signal_from_dict(read_body(opening))
    if progress is not None:
        signal = replace(signal, progress=steps_from_dict(read_body(progress)))
    return signal if end is None else settled(signal, settlement_from_dict(read_body(end)))


def _key(name: str, value: str, place: Place | None) -> dict[str, Any] | None:
    """Return DynamoDB's key of a place in the index on (`name`, close_time)."""
    if place is None:
        return None
    return {
        "signal_id": {"S": place.name},
        name: {"S": value},
        "close_time": {"N": str(place.time)},
    }


def _place(raw: Key) -> Place:
    return Place(int(raw["close_time"]["N"]), raw["signal_id"]["S"])


def _row(raw: Key) -> StoredSignal:
    """Read DynamoDB's raw item: takes a third of the time of `stored_signal`."""
    progress, end = (raw[name]["S"] if name in raw else None for name in ("progress", "settlement"))
    signal = _signal(raw["opening"]["S"], progress, end)
    pending = frozenset(raw["pending"]["SS"]) if "pending" in raw else frozenset()
    return StoredSignal(signal, int(raw["updated_at"]["N"]), pending)


def _closed(raw: Key) -> "ClosedSignal":
    from signalengine.stats.closed_signal import closed_from_dict  # of a few functions alone

    return closed_from_dict(read_body(raw["result"]["S"]))


_BY_DAY: Final = Items("signal", SignalItem.by_day, SignalItem.close_time, _row, _place)
_BY_SYMBOL: Final = Items("signal", SignalItem.by_symbol, SignalItem.close_time, _row, _place)
_RESULT: Final = ["signal_id", "close_time", "result"]
_CLOSED_BY_MONTH: Final = Items(
    "closed signal", SignalItem.by_month, SignalItem.close_time, _closed, _place, attributes=_RESULT
)
_CLOSED_BY_SYMBOL: Final = Items(
    "closed signal",
    SignalItem.by_symbol,
    SignalItem.close_time,
    _closed,
    _place,
    attributes=_RESULT,
)
