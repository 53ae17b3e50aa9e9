"""Checkpoints of parameter sets, in the table of states: "donchian@fast#BTCUSDT".

A checkpoint is written with its symbol's, and only when a bar has changed it. One that is older
than its symbol's, or is not there at all, is brought up to it by the stored bars: so a set that
begins, or begins again, is as warm as the bars that are stored. History that comes to a running set
is in its checkpoint before the entry of the log that has it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from pynamodb.exceptions import PutError
from pynamodb.expressions.condition import Condition
from signalengine.errors import StateVersionError
from signalengine.facts.stream import Bar
from signalengine.intervals import INTERVAL_MS
from signalengine.strategy.lifecycle import failure
from signalengine.strategy.running import unwarm
from signalengine.strategy.set_states import (
    Buffer,
    Buffers,
    caught_up,
    from_bytes,
    lacking,
    to_bytes,
)

from ..runtime.aws_errors import CONDITION, code_of, mapped, ours
from .bars import DynamoBars
from .items.base import bind
from .items.state import StateItem
from .log.replay import SavedSets
from .pagination import Span
from .strategies import Strategy

if TYPE_CHECKING:
    from signalengine.strategy.sets import StrategySet


class DynamoSetStates:
    """The checkpoints of all sets and symbols."""

    def __init__(self, table: str, bars_table: str) -> None:
        self._bars = DynamoBars(bars_table, table)
        bind(StateItem, table)

    def of(self, sets: Sequence[StrategySet], closes: Mapping[str, int]) -> SavedSets:
        """Return the buffers of sets, with all stored bars up to these closes (ms) of symbols."""
        items = self._read(_key(one, symbol) for one in sets for symbol in closes)
        buffers: dict[str, Buffers] = {}
        failed: dict[str, str] = {}
        for symbol, close in closes.items():
            mine: dict[str, Buffer] = {}
            for one in sets:
                before = _readable(one, items.get(_key(one, symbol)))
                bars = self._lacking(one, symbol, before, close)
                try:
                    found = caught_up(one, before, bars)
                except Exception as error:  # of the strategy's own function
                    failed[one.key] = failure(error, one.loaded.origin)
                    continue
                if found is not None:
                    mine[one.key] = found
            buffers[symbol] = mine
        return SavedSets(buffers, {key: item.entry or 0 for key, item in items.items()}, failed)

    def unwarm(self, one: StrategySet, symbols: Iterable[str]) -> dict[str, tuple[str, ...]]:
        """Return, by symbol, the intervals that have fewer bars than the set's warm-up.

        As of the checkpoints, which are a quarter of an hour old at most; a symbol without one is
        left out.
        """
        names = {_key(one, symbol): symbol for symbol in symbols}
        found: dict[str, tuple[str, ...]] = {}
        for key, item in self._read(names).items():
            buffer = _readable(one, item)
            if buffer is not None:
                found[names[key]] = unwarm(one.loaded.strategy, buffer, one.loaded.intervals)
        return found

    def put(
        self, one: StrategySet, symbol: str, buffer: Buffer, entry: int, *, again: bool = False
    ) -> bool:
        """Store a checkpoint after an entry; False when one of the same or a newer is stored.

        `again`: also in the place of one of the same entry, because history has come after it.
        """
        item = StateItem(symbol=_key(one, symbol), data=to_bytes(one, buffer), entry=entry)
        stored = StateItem.entry
        older: Condition = stored.does_not_exist() | (stored <= entry if again else stored < entry)
        try:
            item.save(older)
        except PutError as error:
            if code_of(error) == CONDITION:
                return False
            raise ours(error, "put a set's state") from error
        return True

    def _read(self, keys: Iterable[str]) -> dict[str, StateItem]:
        wanted = list(dict.fromkeys(keys))
        if not wanted:
            return {}
        with mapped("read sets' states"):
            found = StateItem.batch_get(wanted, consistent_read=True)
            return {item.symbol: item for item in found}

    def _lacking(
        self, one: StrategySet, symbol: str, buffer: Buffer | None, until: int
    ) -> list[Bar]:
        """Return the stored bars that end by `until` (ms) and that a buffer lacks."""
        bars: list[Bar] = []
        for interval, (begin, end) in lacking(one, buffer, until).items():
            most = (end - begin) // INTERVAL_MS[interval]
            span = Span(begin, end)
            found, _ = self._bars.candles(symbol, interval, span, most, newest=False)
            bars += found
        return bars


def _key(one: StrategySet, symbol: str) -> str:
    return Strategy(one.key).key(symbol)


def _readable(one: StrategySet, item: StateItem | None) -> list[float] | None:
    """Return a stored buffer; None when it is of other code or parameters, or damaged."""
    if item is None or item.data is None:
        return None
    try:
        return from_bytes(one, item.data)
    except StateVersionError:
        return None
