"""One item a symbol in the state table: a checkpoint, the state after an entry of its group's log.

The same table stores items about the whole feed: the newest heartbeat, the sizes of contracts, and
the progress of compute_features.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import astuple, dataclass
from typing import Any, Final

from pynamodb.exceptions import PutError
from pynamodb.expressions.condition import Condition
from signalengine.facts.lots import ContractSizes, LotSize
from signalengine.intervals import MINUTE_MS

from ..runtime.aws_errors import CONDITION, code_of, mapped, ours
from ..runtime.stored_fields import read_body, read_item, versioned
from .items.base import bind
from .items.state import CONTRACTS_KEY, HEARTBEAT_KEY, PROBE_KEY, PROGRESS_KEY, StateItem


@dataclass(frozen=True, slots=True)
class StoredState:
    """A checkpoint: the bytes of a state, and the entry that it was made after."""

    data: bytes
    close_time: int = 0
    """Close of the newest 1m bar, ms; 0 when it is unknown: an older version stored the state."""
    evaluated: int = 0
    """Close of the newest evaluation, ms; 0 when there is none or it is unknown."""
    known_from: str = ""
    """Sequence number of the symbol's first history; empty when an older version stored it."""
    entry: int = 0
    """Number of the log entry after which it is the state."""


UNSETTLED_MS: Final = 2 * MINUTE_MS


def settled_until(time: int) -> int:
    """Return the close up to which minutes are settled at an exchange time (both ms)."""
    return time - time % MINUTE_MS - UNSETTLED_MS


@dataclass(frozen=True, slots=True)
class Progress:
    """How far bars are folded and stored."""

    close_time: int = 0
    """Close (ms) up to which all bars on the stream are; 0 before the first."""
    late_at: int = 0
    """Wall time (ms) at which bars came last for minutes that were settled; 0 for never."""
    late_from: int = 0
    """The earliest close (ms) of such bars that came within a day before `late_at`; 0 for none."""


class DynamoStates:
    """The checkpoints of all symbols."""

    def __init__(self, table: str) -> None:
        bind(StateItem, table)

    def of(self, symbols: Iterable[str]) -> dict[str, StoredState]:
        """Return the checkpoints (consistent reads), 100 symbols a call."""
        with mapped("read states"):
            found = StateItem.batch_get(list(dict.fromkeys(symbols)), consistent_read=True)
            return {item.symbol: _stored(item) for item in found}

    def put(self, symbol: str, state: StoredState) -> bool:
        """Store a checkpoint; False when one of the same entry or a newer one is stored."""
        item = StateItem(
            symbol=symbol,
            data=state.data,
            close_time=state.close_time,
            evaluated=state.evaluated,
            known_from=state.known_from or None,
            entry=state.entry,
        )
        # an earlier version stored states without an entry
        older: Condition = StateItem.entry.does_not_exist() | (StateItem.entry < state.entry)
        try:
            item.save(older)
        except PutError as error:
            if code_of(error) == CONDITION:
                return False
            raise ours(error, "put state") from error
        return True


def trading(beat: Mapping[str, Any] | None) -> frozenset[str]:
    """Return the symbols of a stored heartbeat whose bars are to come; none before the first."""
    if beat is None:
        return frozenset()
    return frozenset(beat.get("symbols", ())).difference(beat.get("halted", ()))


def _stored(item: StateItem) -> StoredState:
    return StoredState(
        item.data,
        item.close_time or 0,
        item.evaluated or 0,
        item.known_from or "",
        item.entry or 0,
    )


def _unchanged(time: int) -> Condition:
    """Return the condition that the stored heartbeat is the one of a time (ms), 0 for none."""
    if time == 0:
        return StateItem.symbol.does_not_exist()
    older = StateItem.last.does_not_exist()  # stored by a version that did not store the time
    same: Condition = (StateItem.last == time) | older
    return same


_TIMES: Final = ("time", "watermark", "received_at", "up_since")
_TYPES: Final[Mapping[str, type]] = {
    **dict.fromkeys((*_TIMES, "reconnects", "backlog", "gaps"), int),
    **dict.fromkeys(("market", "task"), str),
    **dict.fromkeys(("symbols", "halted", "silent", "paced"), list),
    **dict.fromkeys(("prices", "stream_ages_ms", "sent", "metrics"), dict),
}
"""Of the fields of a stored heartbeat that this version reads."""


def _heartbeat(text: str) -> dict[str, Any]:
    """Read a stored heartbeat; raises TypeError for a field of another type."""
    raw = read_body(text)
    for name, kind in _TYPES.items():
        if name in raw and type(raw[name]) is not kind:
            raise TypeError(f"{name}: {raw[name]!r:.60} is of another type")
    for name in ("symbols", "halted"):
        if not all(isinstance(one, str) for one in raw.get(name, ())):
            raise TypeError(f"{name}: {raw[name]!r:.60} is no list of symbols")
    return raw


def _contracts(text: str) -> ContractSizes:
    """Read stored sizes of contracts; raises one of UNREADABLE for what are none."""
    raw = read_body(text)
    ticks = {symbol: float(tick) for symbol, tick in raw["tick_sizes"].items()}
    lots = {symbol: LotSize(*map(float, row)) for symbol, row in raw["lot_sizes"].items()}
    return ContractSizes(ticks, lots)


class DynamoFeed:
    """The heartbeat and the progress of the feed."""

    def __init__(self, table: str) -> None:
        bind(StateItem, table)
        self._unreadable = False
        """Whether the stored heartbeat, as last read, is one that this version cannot read."""

    def put_heartbeat(self, body: Mapping[str, Any], over: int | None = None) -> bool:
        """Replace the stored heartbeat; False when another is stored than the one of time `over`.

        `over` is ms, 0: none is stored yet; without it, whatever is stored is replaced.
        """
        text = versioned(json.dumps(body, separators=(",", ":"), sort_keys=True, allow_nan=False))
        item = StateItem(symbol=HEARTBEAT_KEY, body=text, last=body.get("time"))
        try:
            item.save(None if over is None or self._unreadable else _unchanged(over))
        except PutError as error:
            if code_of(error) == CONDITION:
                return False
            raise ours(error, "put heartbeat") from error
        return True

    def heartbeat(self) -> dict[str, Any] | None:
        """Return the stored heartbeat; None before the first.

        Nor while this version cannot read it: then the next one replaces it, whatever it is over.
        """
        self._unreadable = False
        with mapped("read heartbeat"):
            try:
                item = StateItem.get(HEARTBEAT_KEY, consistent_read=True)
            except StateItem.DoesNotExist:
                return None
        beat = read_item("heartbeat", HEARTBEAT_KEY, lambda: _heartbeat(item.body))
        self._unreadable = beat is None
        return beat

    def put_contracts(self, sizes: ContractSizes) -> None:
        """Replace the stored sizes of contracts."""
        lots = {symbol: list(astuple(lot)) for symbol, lot in sizes.lot_sizes.items()}
        rows = {"tick_sizes": dict(sizes.tick_sizes), "lot_sizes": lots}
        body = json.dumps(rows, separators=(",", ":"), sort_keys=True, allow_nan=False)
        with mapped("put contracts"):
            StateItem(symbol=CONTRACTS_KEY, body=versioned(body)).save()

    def contracts(self) -> ContractSizes:
        """Return the stored sizes of contracts; none before the first are known."""
        with mapped("read contracts"):
            try:
                item = StateItem.get(CONTRACTS_KEY)
            except StateItem.DoesNotExist:
                return ContractSizes()
        found = read_item("contracts", CONTRACTS_KEY, lambda: _contracts(item.body))
        return found or ContractSizes()

    def trading(self) -> frozenset[str]:
        """Return the symbols whose bars are to come; none before the first heartbeat."""
        return trading(self.heartbeat())

    def put_progress(self, progress: Progress, over: Progress | None) -> bool:
        """Store the progress if the stored one is still `over` (None: whatever is stored)."""
        item = StateItem(
            symbol=PROGRESS_KEY,
            last=progress.close_time,
            late_at=progress.late_at or None,
            late_from=progress.late_from or None,
        )
        try:
            item.save(None if over is None else _still(over))
        except PutError as error:
            if code_of(error) == CONDITION:
                return False
            raise ours(error, "put progress") from error
        return True

    def read_progress(self) -> Progress:
        """Return the stored progress."""
        with mapped("read progress"):
            try:
                item = StateItem.get(PROGRESS_KEY, consistent_read=True)
            except StateItem.DoesNotExist:
                return Progress()
        return Progress(item.last or 0, item.late_at or 0, item.late_from or 0)

    def progress(self) -> int:
        """Return the close time up to which bars are stored; 0 before the first."""
        return self.read_progress().close_time

    def put_probed_at(self, time: int) -> None:
        """Store when the probe saw a heartbeat as a WebSocket client (wall ms)."""
        with mapped("put the probe"):
            StateItem(symbol=PROBE_KEY, last=time).save()

    def probed_at(self) -> int | None:
        """Return when the probe last saw a heartbeat (wall ms); None for never."""
        with mapped("read the probe"):
            try:
                return StateItem.get(PROBE_KEY).last
            except StateItem.DoesNotExist:
                return None


def _still(progress: Progress) -> Condition:
    """The stored progress is the one that was read."""
    if progress == Progress():
        return StateItem.symbol.does_not_exist()
    still: Condition = StateItem.last == progress.close_time
    late = ((StateItem.late_at, progress.late_at), (StateItem.late_from, progress.late_from))
    for attribute, value in late:
        still &= attribute == value if value else attribute.does_not_exist()
    return still
