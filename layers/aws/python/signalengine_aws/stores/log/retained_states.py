"""States of the past, in the table of bars: with one, and the bars after it, any close is known.

A symbol's checkpoint is only ever the newest. Of its states one in four hours is retained as long
as bars are, and each that history has made: `BTCUSDT#states` and `BTCUSDT#resets`, by the close, to
which the number of the entry is added that it was made after, as for longer bars.
"""

from base64 import b64decode, b64encode
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Final

from signalengine.fold import SymbolState
from signalengine.intervals import MINUTE_MS
from signalengine.strategy.set_states import Buffers, from_bytes, to_bytes

from ...runtime.aws_errors import mapped
from ...runtime.stored_fields import read_item
from ..items.bars import BarItem
from ..items.base import bind
from .entry import deflated, inflated
from .log import DynamoLog
from .replay import readable

if TYPE_CHECKING:
    from signalengine.strategy.sets import StrategySet

FORM: Final = 1
MOST: Final = 300
"""Retained states that are read at once, the first: of 35 days there are some 210."""


@dataclass(frozen=True, slots=True)
class RetainedState:
    """A state as it was after an entry of its group's log."""

    number: int
    """Of that entry."""
    close_time: int
    """Close (ms) of the symbol's newest 1m bar."""
    state: bytes
    sets: Mapping[str, bytes] = field(default_factory=dict)
    """Buffers of the parameter sets that ran, by key."""

    def read(self, symbol: str) -> SymbolState | None:
        """Return the state; None for one of another version."""
        return readable(symbol, self.state)

    def buffer(self, one: "StrategySet") -> list[float] | None:
        """Return a set's buffer; None where it has none, or one of other code or parameters.

        Raises StateVersionError for damaged bytes.
        """
        data = self.sets.get(one.key)
        return None if data is None else from_bytes(one, data)


def packed(number: int, state: SymbolState, sets: "Sequence[StrategySet]", of: Buffers) -> bytes:
    """Return the bytes of a state after an entry, with the buffers of sets."""
    buffers = {
        one.key: b64encode(to_bytes(one, of[one.key])).decode() for one in sets if one.key in of
    }
    return deflated([FORM, number, b64encode(state.to_bytes()).decode(), buffers])


def _unpacked(item: BarItem) -> RetainedState:
    form, number, state, sets, *_ = inflated(item.data)
    if form != FORM:
        raise ValueError(f"a retained state of form {form!r}, this code reads {FORM}")
    return RetainedState(
        number,
        item.position - item.position % MINUTE_MS,
        b64decode(state),
        {key: b64decode(data) for key, data in sets.items()},
    )


class DynamoRetainedStates:
    """The retained states of all symbols."""

    def __init__(self, table: str) -> None:
        self._log = DynamoLog(table)
        bind(BarItem, table)

    def put(
        self,
        number: int,
        state: SymbolState,
        sets: "Sequence[StrategySet]",
        of: Buffers,
        reset: bool,
    ) -> None:
        """Retain a state after an entry; `reset`: one that history has made."""
        position = state.last_close_time + number % MINUTE_MS
        self._log.put(_series(state.symbol, reset), position, packed(number, state, sets, of))

    def newest(self, symbol: str, until: int) -> RetainedState | None:
        """Return the newest retained state of a close at or before a time (ms)."""
        found = [
            next(self._of(symbol, reset, 0, until + MINUTE_MS, newest_first=True), None)
            for reset in (False, True)
        ]
        known = [one for one in found if one is not None]
        return max(known, key=lambda one: (one.close_time, one.number), default=None)

    def between(self, symbol: str, start: int, end: int, *, resets: bool) -> list[RetainedState]:
        """Return the retained states of closes in (start, end], in order.

        `resets`: only those that history has made.
        """
        begin, last = start + MINUTE_MS, end + MINUTE_MS
        found = list(self._of(symbol, True, begin, last))
        if not resets:
            found += self._of(symbol, False, begin, last)
        return sorted(found, key=lambda one: (one.close_time, one.number))

    def _of(
        self, symbol: str, reset: bool, start: int, end: int, *, newest_first: bool = False
    ) -> Iterator[RetainedState]:
        series = _series(symbol, reset)
        with mapped("read retained states"):
            for item in BarItem.query(
                series,
                BarItem.position.between(start, end - 1),
                scan_index_forward=not newest_first,
                limit=1 if newest_first else MOST,
            ):
                one = read_item("state", f"{series} {item.position}", partial(_unpacked, item))
                if one is not None:
                    yield one


def _series(symbol: str, reset: bool) -> str:
    return f"{symbol}#{'resets' if reset else 'states'}"
