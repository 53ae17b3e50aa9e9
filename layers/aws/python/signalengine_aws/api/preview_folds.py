"""Weeks of symbols, folded on from their retained states by the log of their group."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from signalengine.errors import StateVersionError, StrategyError
from signalengine.facts.stream import Bar
from signalengine.intervals import INTERVAL_MS
from signalengine.policy import Policy
from signalengine.signals import Signal
from signalengine.strategy.parameter_set import ParameterSet
from signalengine.strategy.preview import (
    Previewed,
    Side,
    SymbolPreview,
    folds_alike,
    memory_ms,
)
from signalengine.strategy.set_states import Buffer, caught_up, lacking
from signalengine.strategy.sets import StrategySet

from ..stores.bars import LATE_MS, DynamoBars, stored_bar
from ..stores.log.entry import Entry
from ..stores.log.groups import DynamoGroups
from ..stores.log.log import DynamoLog
from ..stores.log.replay import readable
from ..stores.log.retained_states import DynamoRetainedStates, RetainedState
from ..stores.pagination import Span
from ..stores.signals import DynamoSignals
from ..stores.strategies import CLASSIC, Strategy

MOST_SIGNALS: Final = 20
"""Of a set, before the week: those whose cooldowns may reach into it."""
LOOKS: Final = 64
"""Entries between two looks at the time."""


class TooSlowError(StrategyError):
    """A week takes longer than the caller waits."""


@dataclass(frozen=True, slots=True)
class Week:
    """What sets would have done with one symbol."""

    symbol: str
    since: int
    """From when on (ms) its closes are known."""
    sides: Sequence[Previewed]
    """In the order of the sets."""


@dataclass(slots=True)
class _Folding:
    """A symbol while its group's log is read."""

    symbol: str
    begun: RetainedState
    fold: SymbolPreview
    resets: Mapping[int, RetainedState] = field(default_factory=dict)
    """Retained states that history has made, by the number of their entry."""
    passed: bool = False


class PreviewFolds:
    """Folds weeks of symbols."""

    def __init__(
        self,
        *,
        bars_table: str,
        state_table: str,
        signals_table: str,
        policy: Policy,
        seconds: Callable[[], float] = time.monotonic,
    ) -> None:
        self._log, self._groups = DynamoLog(bars_table), DynamoGroups(state_table)
        self._retained, self._bars = (
            DynamoRetainedStates(bars_table), DynamoBars(bars_table, state_table),
        )  # fmt: skip
        self._signals = DynamoSignals(signals_table)
        self._policy, self._seconds = policy, seconds

    def groups(self, symbols: Sequence[str]) -> list[tuple[int, list[str]]]:
        """Return the symbols by their groups; those that were never folded are left out."""
        places = self._groups.of(symbols)
        found: dict[int, list[str]] = {}
        for symbol in dict.fromkeys(symbols):
            if symbol in places:
                found.setdefault(places[symbol], []).append(symbol)
        return list(found.items())

    def weeks(
        self,
        group: int,
        symbols: Sequence[str],
        sets: Sequence[ParameterSet],
        span: Span,
        until_s: float,
    ) -> list[Week]:
        """Return what sets would have done with symbols of one group; one without a state is left
        out.

        Raises what the sets raise, and TooSlowError past `until_s` (of `seconds`).
        """
        begun = [one for symbol in symbols if (one := self._begun(symbol, sets, span)) is not None]
        number = min((one.begun.number for one in begun), default=0) + 1
        entries = self._log.onwards(group, number, page=None) if begun else ()
        for count, numbered in enumerate(entries):
            if count % LOOKS == 0 and self._seconds() > until_s:
                raise TooSlowError(f"a week of {', '.join(symbols)} takes too long")
            entry = numbered.entry()
            for one in begun:
                if numbered.number > one.begun.number and not one.passed:
                    self._fold(one, numbered.number, entry, sets, span)
            late = entry is not None and entry.newest >= span.end + LATE_MS
            if late or all(one.passed for one in begun):
                break
        return [
            Week(one.symbol, max(span.start, one.begun.close_time), one.fold.results())
            for one in begun
        ]

    def _begun(self, symbol: str, sets: Sequence[ParameterSet], span: Span) -> _Folding | None:
        """Return a symbol's fold at the newest state before the week, or at the first one in it."""
        begun = self._retained.newest(symbol, span.start)
        if begun is None:
            within = self._retained.between(symbol, span.start, span.end, resets=False)
            begun = next(iter(within), None)
        state = None if begun is None else begun.read(symbol)
        if begun is None or state is None:
            return None
        buffers = self._buffers(symbol, begun, sets)
        sides = [
            Side(one, buffer, self._before(one, symbol, max(span.start, begun.close_time + 1)))
            for one, buffer in zip(sets, buffers, strict=True)
        ]
        resets: list[RetainedState] = []
        if any(buffer is not None for buffer in buffers):
            resets = self._retained.between(symbol, begun.close_time - 1, span.end, resets=True)
        fold = SymbolPreview(state, self._policy, sides, span.start)
        return _Folding(symbol, begun, fold, {one.number: one for one in resets})

    def _before(self, one: ParameterSet, symbol: str, start: int) -> tuple[Signal, ...]:
        """Return the newest signals of a set that opened before the week, oldest first."""
        key = CLASSIC if isinstance(one, Policy) else Strategy(one.key)
        span = Span(start - memory_ms(one), start)
        found = self._signals.of(key).of_symbol(symbol, span, None, MOST_SIGNALS).rows
        return tuple(stored.signal for _, stored in reversed(found))

    def _fold(
        self,
        one: _Folding,
        number: int,
        entry: Entry | None,
        sets: Sequence[ParameterSet],
        span: Span,
    ) -> None:
        if entry is None:
            one.fold.begin_again(None, ())
            return
        reset = entry.resets.get(one.symbol)
        if reset is not None:
            state = readable(one.symbol, reset.data)
            one.fold.begin_again(state, entry.missed.get(one.symbol, ()))
        for fact in entry.facts:
            if fact.symbol == one.symbol and fact.close_time <= span.end:
                one.fold.fold(fact, stored_bar(fact, fact.bars[0]))
                one.passed = fact.close_time >= span.end
        if number in one.resets:
            one.fold.correct([_buffer(one.resets[number], each) for each in sets])

    # --- what sets had folded --------------------------------------------------------------------

    def _buffers(
        self, symbol: str, begun: RetainedState, sets: Sequence[ParameterSet]
    ) -> list[Buffer | None]:
        """Return what each set had folded by a retained state.

        One that did not run is like another of its strategy where both fold alike; else it begins
        with the stored bars.
        """
        found: list[Buffer | None] = [_buffer(begun, one) for one in sets]
        known = [(one, s) for one, s in zip(sets, found, strict=True) if s is not None]
        for at, one in enumerate(sets):
            if found[at] is None and isinstance(one, StrategySet):
                bars = self._stored(one, symbol, begun.close_time)
                alike = (
                    s
                    for other, s in known
                    if isinstance(other, StrategySet)
                    and other.loaded.digest == one.loaded.digest
                    and folds_alike(one, other, bars)
                )
                found[at] = next(alike, None) or caught_up(one, None, bars)
        return found

    def _stored(self, one: StrategySet, symbol: str, until: int) -> list[Bar]:
        """Return the stored bars of a set's intervals that end by a time (ms)."""
        found: list[Bar] = []
        for interval, (begin, end) in lacking(one, None, until).items():
            most = (end - begin) // INTERVAL_MS[interval]
            bars, _ = self._bars.candles(symbol, interval, Span(begin, end), most, newest=True)
            found += bars
        return found


def _buffer(retained: RetainedState, one: ParameterSet) -> Buffer | None:
    try:
        return retained.buffer(one) if isinstance(one, StrategySet) else None
    except StateVersionError:
        return None
