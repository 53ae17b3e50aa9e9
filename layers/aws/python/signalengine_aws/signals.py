"""Stored signals: opened once, closed once, found by day, symbol, openness and last change."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from pynamodb.exceptions import TransactWriteError
from pynamodb.transactions import TransactWrite
from signalengine.errors import TransientError
from signalengine.performance import add
from signalengine.signals import (
    Settlement,
    Signal,
    settled,
    settlement_from_dict,
    signal_from_json,
    to_json,
)

from .clock import Clock, day_of, wall_ms
from .failures import lost_conditions, mapped
from .performance import DAY_PREFIX, DynamoPerformance, day_actions, row_item, unchanged
from .retries import attempts
from .tables import PerformanceItem, SignalItem, bind, client

OPEN: Final = "1"
OUTBOX: Final = "1"


@dataclass(frozen=True, slots=True)
class StoredSignal:
    """A signal, with its settlement once it has one, and what the table knows beside it."""

    signal: Signal
    updated_at: int
    """Wall ms of its last commit: the opening's, then the closing's."""
    pending: frozenset[str]
    """What has not been told yet: "opened", "closed"."""


class DynamoSignals:
    """The table of signals, for reading."""

    def __init__(self, table: str) -> None:
        bind(SignalItem, table)

    def open(self) -> list[StoredSignal]:
        """Return all open signals, the soonest to expire first (from an index: ms behind)."""
        with mapped("query open signals"):
            return [stored_signal(item) for item in SignalItem.by_open.query(OPEN)]

    def changed(self, day: str, since: int, limit: int) -> list[StoredSignal]:
        """Return up to `limit` signals last changed on a wall day at or after `since`, in order."""
        with mapped("query changed signals"):
            found = SignalItem.by_update.query(day, SignalItem.updated_at >= since, limit=limit)
            return [stored_signal(item) for item in found]

    def newest_of_day(
        self, day: str, limit: int, after: Mapping[str, Any] | None
    ) -> tuple[list[StoredSignal], Mapping[str, Any] | None]:
        """Return a page of a day's signals, newest first, and the key to go on from."""
        found = SignalItem.by_day.query(
            day, scan_index_forward=False, limit=limit, last_evaluated_key=_key(after)
        )
        return _page(found)

    def newest_of_symbol(
        self, symbol: str, limit: int, after: Mapping[str, Any] | None
    ) -> tuple[list[StoredSignal], Mapping[str, Any] | None]:
        """Return a page of a symbol's signals, newest first, and the key to go on from."""
        found = SignalItem.by_symbol.query(
            symbol, scan_index_forward=False, limit=limit, last_evaluated_key=_key(after)
        )
        return _page(found)


class DynamoClosings:
    """Closing signals: the settlement and the statistics are stored together or not at all."""

    def __init__(self, signals: str, performance: str, clock: Clock = wall_ms) -> None:
        self._clock = clock
        self._performance = DynamoPerformance(performance)
        bind(SignalItem, signals)

    def close(self, signal: Signal, settlement: Settlement) -> bool:
        """Close an open signal; False when it was closed before. Raises TransientError."""
        for _ in attempts():
            done = self._try(signal, settlement)
            if done is not None:
                return done
        raise TransientError(f"close signal: {signal.signal_id} stays contested")

    def _try(self, signal: Signal, settlement: Settlement) -> bool | None:
        """True: closed now. False: was closed. None: contested."""
        row = self._performance.read(signal.stats_key, signal.symbol)
        after = row_item(signal.stats_key, signal.symbol, add(row, settlement))
        day = PerformanceItem(signal.stats_key, DAY_PREFIX + day_of(signal.close_time))
        now = self._clock()
        try:
            with TransactWrite(connection=client()) as write:
                # puts go before updates, and so do the reasons below
                write.save(after, unchanged(row))
                write.update(
                    SignalItem(signal.signal_id),
                    actions=[
                        SignalItem.settlement.set(to_json(settlement)),
                        SignalItem.outbox.set(OUTBOX),
                        SignalItem.updated_at.set(now),
                        SignalItem.updated_day.set(day_of(now)),
                        SignalItem.open.remove(),
                        SignalItem.pending.add({"closed"}),
                    ],
                    condition=SignalItem.signal_id.exists()
                    & SignalItem.settlement.does_not_exist(),
                )
                write.update(day, actions=day_actions(settlement))
        except TransactWriteError as error:
            _, closed_before, _ = lost_conditions(error, "close signal")
            return False if closed_before else None
        return True


def opened_item(signal: Signal, now: int) -> SignalItem:
    """Return the item of a signal as it opens at wall time `now`."""
    return SignalItem(
        signal_id=signal.signal_id,
        opening=to_json(signal),
        symbol=signal.symbol,
        close_time=signal.close_time,
        day=day_of(signal.close_time),
        open=OPEN,
        expires_at=signal.expires_at,
        outbox=OUTBOX,
        pending={"opened"},
        updated_at=now,
        updated_day=day_of(now),
    )


def stored_signal(item: SignalItem) -> StoredSignal:
    """Read an item of the table or of its stream."""
    signal = signal_from_json(item.opening)
    if item.settlement is not None:
        signal = settled(signal, settlement_from_dict(json.loads(item.settlement)))
    return StoredSignal(signal, item.updated_at, frozenset(item.pending or ()))


def _page(found: Any) -> tuple[list[StoredSignal], Mapping[str, Any] | None]:
    with mapped("query signals"):
        return [stored_signal(item) for item in found], found.last_evaluated_key


def _key(after: Mapping[str, Any] | None) -> dict[str, dict[str, Any]] | None:
    return None if after is None else dict(after)
