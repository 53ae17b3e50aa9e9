"""What a parameter set would have done over closed bars that are stored (pure).

The engine's own functions: the same folds, entries, decisions and settlement. What is not stored
bar by bar is not made up: strategies that read shared features, events or other symbols, and sets
with protections, have no preview. Signals are settled on longer bars than 1m: a target and the stop
in one of them is the stop. Funding is not stored with them, so it is not among the costs.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from ..decisions import decide
from ..errors import StrategyError
from ..facts.stream import Bar, Market, Quality
from ..settlement import StoredBar, settle
from ..signals import Cooldown, Direction, Evaluation, Signal
from ..snapshot import CONTEXT, flat
from .one_open import while_open
from .running import (
    beyond,
    due,
    entries,
    entry_events,
    fold_rows,
    holed,
    leaves_of,
    named_values,
    row_of,
    unwarm,
)
from .set_states import days_of, wanted
from .sets import StrategySet

CODE: Final = "preview"


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
    bars: int
    """Bars of the strategy's own intervals that were there."""


def check_preview(one: StrategySet) -> None:
    """Raise StrategyError where what a set reads is not stored bar by bar."""
    strategy = one.loaded.strategy
    reads = {
        "compares symbols": strategy.compares,
        "reads the engine's shared features": bool(strategy.features or strategy.on_events),
        "has protections": one.protections.on,
    }
    for words, is_so in reads.items():
        if is_so:
            raise StrategyError(
                f"{one.key} {words}, and what that needs is not stored bar by bar: "
                "`signalengine backtest` shows it on recorded data"
            )


def preview(
    one: StrategySet,
    symbol: str,
    bars: Iterable[Bar],
    fills: Sequence[StoredBar],
    start: int,
    *,
    market: Market,
    tick_size: float | None = None,
) -> Previewed:
    """Return what a set would have done from `start` (ms) on; raises what the strategy raises.

    `bars` are those of its own intervals, in any order, with those before `start` that warm it up;
    `fills` settle, oldest first.
    """
    check_preview(one)
    ends: dict[int, list[Bar]] = {}
    for bar in bars:
        if bar.interval in wanted(one):
            ends.setdefault(bar.close_time, []).append(bar)
    fold = _Fold(one, symbol, fills, market, tick_size)
    for end in sorted(ends):
        fold.close(end, ends[end], counted=end >= start)
    return fold.result(sum(map(len, ends.values())))


class _Fold:
    """One symbol's closes, in the order of time."""

    def __init__(
        self,
        one: StrategySet,
        symbol: str,
        fills: Sequence[StoredBar],
        market: Market,
        tick_size: float | None,
    ) -> None:
        self._one, self._symbol, self._fills = one, symbol, fills
        self._market, self._tick_size = market, tick_size
        self._s: list[float] = one.loaded.strategy.fresh()
        self._cooldown = Cooldown(symbol, last_scored=0)
        self._signals: list[Signal] = []
        self._leaves: dict[int, int] = {}
        self._closes = self._not_warm = 0

    def close(self, end: int, bars: Sequence[Bar], *, counted: bool) -> None:
        """Fold the bars that end together, and decide where the set is asked."""
        loaded, p = self._one.loaded, self._one.parameters
        if not fold_rows(loaded, self._s, [row_of(bar) for bar in bars], p) or not counted:
            return
        price = next(bar.close for bar in bars if bar.interval == loaded.strategy.every)
        f = flat(_features(price), dict.fromkeys(CONTEXT))
        leaves = leaves_of(loaded, self._s, f, p)
        if leaves is not None:
            self._leaves[end] = leaves
        if not due(loaded.strategy, end):
            return
        self._closes += 1
        lacking = unwarm(loaded.strategy, self._s, loaded.intervals)
        self._not_warm += bool(lacking)
        sides = entries(loaded, self._s, f, p)
        outside = beyond(loaded.strategy, self._symbol, days_of(self._s))
        if sides and not outside:
            self._decide(self._evaluation(end, price, sides, lacking))

    def _evaluation(
        self, end: int, price: float, sides: Sequence[Direction], lacking: tuple[str, ...]
    ) -> Evaluation:
        strategy, own = self._one.loaded.strategy, self._one.loaded.intervals
        return Evaluation(
            symbol=self._symbol,
            close_time=end,
            market=self._market,
            source=CODE,
            sent_at=end,
            quality=Quality(),
            events=entry_events(strategy, sides),
            features=_features(price),
            context=dict.fromkeys(CONTEXT),
            unwarm=lacking,
            tainted=holed(strategy, self._s, own),
            values=named_values(strategy, self._s),
            strategy=self._one.key,
            digest=self._one.digest,
            tick_size=self._tick_size,
        )

    def _decide(self, evaluation: Evaluation) -> None:
        before = self._signals[-1] if self._signals else None
        if self._one.one_open and before is not None and self._is_open(before, evaluation):
            found = while_open(before, evaluation, self._cooldown, self._one, CODE)
        else:
            found = decide(evaluation, self._cooldown, self._one, CODE)
        self._cooldown = found.cooldown
        if found.signal is not None:
            self._signals.append(found.signal)

    def _is_open(self, signal: Signal, at: Evaluation) -> bool:
        ended = self._settled(signal, at.close_time).settlement
        return ended is None or ended.closed_at > at.close_time

    def _settled(self, signal: Signal, until: float) -> Signal:
        """Return a signal as the bars that close by a time (ms) settle it."""
        bars = [bar for bar in self._fills if bar.close_time <= until]
        left = [end for end, side in self._leaves.items() if side in (0, signal.side)]
        return replace(signal, settlement=settle(signal, bars, left))

    def result(self, bars: int) -> Previewed:
        signals = tuple(self._settled(one, float("inf")) for one in self._signals)
        return Previewed(self._symbol, signals, self._closes, self._not_warm, bars)


def _features(price: float) -> dict[str, dict[str, float | None]]:
    """Return what an evaluation of a set without shared features has: the price."""
    return {"1m": {"close": price}}
