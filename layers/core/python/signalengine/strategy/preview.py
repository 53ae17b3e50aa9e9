"""What parameter sets would have done over a past week, folded on from a state of that time (pure).

The engine's own functions on the facts that it folded: the same features, events, entries,
decisions and settlement. So the preview of a set as it is registered has the signals that it left.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any, Final

from ..decisions import decide
from ..errors import StrategyError
from ..facts.stream import Bar, BarsFact
from ..fold import SymbolState, advance, unwarm
from ..params import WARM_BARS
from ..policy import Policy
from ..rules import cool_down
from ..settlement import Position, StoredBar, opened
from ..settlement import advance as settle_on
from ..signals import RETURN_SCALE, Cooldown, Evaluation, Settlement, Signal
from .one_open import while_open
from .parameter_set import ParameterSet
from .running import due, fold_rows, row_of
from .set_states import Buffer, advance_sets, caught_up, not_warm
from .sets import StrategySet

CODE: Final = "preview"
OLDEST_MS: Final = 30 * 86_400_000
"""No cooldown, and no life of a signal, is longer."""


@dataclass(frozen=True, slots=True)
class Side:
    """A parameter set, and what a preview of it begins with."""

    rules: ParameterSet
    """A policy of `classic`, or a set of another strategy."""
    buffer: Buffer | None = None
    """Of another strategy: what it had folded by then; None for nothing."""
    before: tuple[Signal, ...] = ()
    """Signals that its set had opened by then, oldest first: cooldowns begin with them."""


@dataclass(frozen=True, slots=True)
class Previewed:
    """What a set would have done with one symbol."""

    symbol: str
    signals: tuple[Signal, ...]
    """Oldest first; one without a settlement was still open at the end."""
    closes: int
    """Closes within the span at which it was asked."""
    not_warm: int
    """Of them, those at which it had fewer bars than its warm-up."""


def check_preview(one: ParameterSet) -> None:
    """Raise StrategyError where what decides is not known of one symbol alone."""
    several = isinstance(one, StrategySet) and one.loaded.strategy.compares
    reads = {
        "compares symbols, and a preview has one at a time": several,
        "has protections, which look at the signals of all symbols": one.protections.on,
        "has a model, which a preview has not": one.ai.mode != "off",
    }
    for words, is_so in reads.items():
        if is_so:
            raise StrategyError(
                f"{one.key} {words}: `signalengine backtest` shows it on recorded data"
            )


def memory_ms(one: ParameterSet) -> int:
    """Return how long (ms) a signal of a set may keep others from opening."""
    return min(max(one.cooldown_ms, one.rearm_ms, one.ttl_ms), OLDEST_MS)


def risk_multiple(signal: Signal, end: Settlement) -> float | None:
    """Return the net result in units of what the stop risked; None where it risked nothing."""
    risk = abs(signal.entry_price - signal.sl_price) / signal.entry_price
    return end.net_return / RETURN_SCALE / risk if risk > 0.0 else None


class SymbolPreview:
    """One symbol's week under several sets; facts are given in the order they were folded in."""

    def __init__(
        self, state: SymbolState, policy: Policy, sides: Sequence[Side], start: int
    ) -> None:
        """`state` is that of the symbol by the deployed `policy`, at or before `start` (ms)."""
        self.symbol = state.symbol
        self._start = start
        self._bars: dict[int, StoredBar] = {}
        self._live = _key(policy)
        self._policies = {self._live: policy}
        self._states: dict[tuple[float, ...], SymbolState | None] = {self._live: state}
        for side in sides:
            if isinstance(side.rules, Policy) and _key(side.rules) not in self._policies:
                self._policies[_key(side.rules)] = side.rules
                self._states[_key(side.rules)] = state
        self._sides = [_Side(state.symbol, side, self._bars) for side in sides]

    def begin_again(self, state: SymbolState | None, missed: Sequence[Bar]) -> None:
        """Go on with a state that history has made, None for one that is unknown.

        `missed` are the 1m bars of that history which had not come before.
        """
        self._states = dict.fromkeys(self._states, state)
        self._bars |= {one.open_time: _fill(one) for one in missed}
        for side in self._sides:
            side.begin_again(missed)

    def correct(self, buffers: Sequence[Buffer | None]) -> None:
        """Replace what sets have folded by what history has made of it; None keeps a side's own."""
        for side, buffer in zip(self._sides, buffers, strict=True):
            side.buffer = side.buffer if buffer is None else buffer

    def fold(self, fact: BarsFact, fill: StoredBar) -> None:
        """Fold a fact; `fill` is its minute as settlement reads it."""
        counted = fact.close_time >= self._start
        found: dict[tuple[float, ...], Evaluation | None] = {}
        for key, state in self._states.items():
            if state is not None:
                step = advance(state, fact, self._policies[key])
                self._states[key], found[key] = step.state, step.evaluation
        shared = self._states[self._live]
        self._bars[fill.open_time] = fill
        for side in self._sides:
            if isinstance(side.rules, Policy):
                state = self._states[_key(side.rules)]
                if state is not None:
                    side.close(state, found[_key(side.rules)], counted=counted)
            elif shared is not None:
                events = found[self._live] is not None
                side.close_set(fact, shared, events=events, counted=counted)

    def results(self) -> list[Previewed]:
        """Return what each side did, in the order they were given."""
        return [side.result() for side in self._sides]


def _key(policy: Policy) -> tuple[float, ...]:
    """Return what a policy's fold depends on: its events and their bars."""
    return policy.numbers[WARM_BARS:]


def _fill(bar: Bar) -> StoredBar:
    return StoredBar(bar.open_time, bar.open, bar.high, bar.low, bar.close)


@dataclass(slots=True)
class _Opened:
    """A signal of the preview."""

    signal: Signal
    position: Position
    end: Settlement | None = None


class _Side:
    """What one set does."""

    def __init__(self, symbol: str, side: Side, bars: dict[int, StoredBar]) -> None:
        self.rules = side.rules
        self._symbol, self._bars = symbol, bars
        self.buffer = side.buffer
        self._before = side.before
        self._cooldown = _cooled(symbol, side.before, side.rules)
        self._signals: list[_Opened] = []
        self._open: list[_Opened] = []
        self._leaves: dict[int, int] = {}
        self._closes = self._not_warm = 0

    def begin_again(self, missed: Sequence[Bar]) -> None:
        if isinstance(self.rules, StrategySet):
            self.buffer = caught_up(self.rules, self.buffer, missed)
        self._settle()

    def close(self, state: SymbolState, found: Evaluation | None, *, counted: bool) -> None:
        """Decide a close of `classic`, after its minute has settled what is open."""
        self._settle()
        rules = self.rules
        if not counted or not isinstance(rules, Policy):
            return
        self._closes += 1
        self._not_warm += bool(unwarm(state.buffer, rules.intervals, rules.warm_bars))
        if found is not None:
            self._decide(found)

    def close_set(
        self, fact: BarsFact, shared: SymbolState, *, events: bool, counted: bool
    ) -> None:
        """Fold a fact into a set's buffer, and decide its close; raises what the set raises."""
        one = self.rules
        if not isinstance(one, StrategySet):
            return
        before = {} if self.buffer is None else {one.key: self.buffer}
        done = advance_sets([one], before, fact, shared, events=events)
        if done.failed:
            raise StrategyError(done.failed[one.key])
        self.buffer = done.buffers.get(one.key)
        if one.digest in done.leaves:
            self._leaves[fact.close_time] = done.leaves[one.digest]
        self._settle()
        if not counted:
            return
        closed = any(bar.interval == one.loaded.strategy.every for bar in fact.bars)
        if closed and due(one.loaded.strategy, fact.close_time) and self.buffer is not None:
            self._closes += 1
            self._not_warm += bool(not_warm(one, self.buffer, shared))
        for found in done.evaluations:
            self._decide(found)

    def _settle(self) -> None:
        """Move each open signal on over the bars that follow the last one it has."""
        for one in self._open:
            while one.end is None and (bar := self._bars.get(one.position.until)) is not None:
                side = self._leaves.get(bar.close_time)
                leaves = (bar.close_time,) if side in (0, one.signal.side) else ()
                one.position, one.end = settle_on(one.signal, one.position, [bar], leaves)
        self._open = [one for one in self._open if one.end is None]

    def _decide(self, close: Evaluation) -> None:
        rules, cooldown = self.rules, self._cooldown
        before = self._newest_open(close.close_time)
        if before is not None and isinstance(rules, StrategySet) and rules.one_open:
            found = while_open(before, close, cooldown, rules, CODE)
        else:
            found = decide(close, cooldown, rules, CODE)
        self._cooldown = found.cooldown
        if found.signal is not None:
            one = _Opened(found.signal, opened(found.signal))
            self._signals.append(one)
            self._open.append(one)

    def _newest_open(self, time: int) -> Signal | None:
        """Return the newest signal of these parameters while it is open at a time (ms)."""
        if self._signals:
            signal, end = self._signals[-1].signal, self._signals[-1].end
        elif self._before:
            signal, end = self._before[-1], self._before[-1].settlement
        else:
            return None
        ended = end is not None and end.closed_at <= time
        is_own = signal.policy_digest == self.rules.digest
        return signal if is_own and not ended and time < signal.expires_at else None

    def result(self) -> Previewed:
        signals = tuple(replace(one.signal, settlement=one.end) for one in self._signals)
        return Previewed(self._symbol, signals, self._closes, self._not_warm)


def _cooled(symbol: str, before: Sequence[Signal], rules: ParameterSet) -> Cooldown:
    """Return the cooldown that past signals leave under these rules."""
    cool = [0.0] * 4
    for signal in before:
        cool_down(cool, float(signal.close_time), float(signal.side), rules.numbers)
    last = before[-1].signal_id if before else None
    last_scored, until, long_until, short_until = map(int, cool)
    return Cooldown(symbol, last_scored, until, long_until, short_until, last)


# --- what a set has folded -----------------------------------------------------------------------


class _Watched(Sequence[float]):
    """Parameters of a set that record which of them are read."""

    def __init__(self, values: Sequence[float]) -> None:
        self._values = values
        self.read: set[int] = set()

    def __len__(self) -> int:
        return len(self._values)

    def __getitem__(self, at: Any) -> Any:
        self.read.update(range(len(self))[at : at + 1] if isinstance(at, int) else range(len(self)))
        return self._values[at]


def folds_alike(one: StrategySet, other: StrategySet, bars: Iterable[Bar]) -> bool:
    """Return whether two sets of one strategy fold alike: no bar reads what differs between them.

    False without bars. Then what one has folded is what the other would have.
    """
    differ = {
        at for at, (a, b) in enumerate(zip(one.parameters, other.parameters, strict=True)) if a != b
    }
    watched, several = _Watched(one.parameters), sorted(bars, key=lambda bar: bar.close_time)
    s: list[float] = one.loaded.strategy.fresh()
    for bar in islice(several, 2_000):
        fold_rows(one.loaded, s, [row_of(bar)], watched)
    return bool(several) and not differ & watched.read
