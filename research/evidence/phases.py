"""One span of the protocol: its signals, purged at its end, and what they show."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np
from signalengine.intervals import INTERVALS, MINUTE_MS
from signalengine.policy import Policy
from signalengine.signals import RETURN_SCALE
from signalengine.strategy.parameter_set import ParameterSet
from signalengine.strategy.sets import StrategySet

from research.backtest.feed import WARM_MS, warm_ms
from research.backtest.market import simulate_market
from research.backtest.result import Run
from research.backtest.strategy_run import StrategyRun, simulate_set_market
from research.data.bars import BarTable
from research.data.times import moment
from research.evidence.errors import EvidenceError
from research.statistics.conclusion import Conclusion, conclude
from research.statistics.summary import Estimate, mean
from research.statistics.trades import Trades

AnyRun: TypeAlias = Run | StrategyRun


@dataclass(frozen=True, eq=False)
class Phase:
    """What the signals of one span show."""

    name: str
    start: int
    end: int
    found: Conclusion
    purged: int
    """Signals left out: opened so late that they could end after the span."""
    double_costs: Estimate
    """Mean net return of a signal at twice the fees and slippage."""
    p: float | None
    """One-sided, of a mean net return above zero, by bootstrap; None with too few blocks."""

    @property
    def trades(self) -> Trades:
        return self.found.trades

    @property
    def mean_net(self) -> Estimate:
        return self.found.summary.mean_net


def measure(
    name: str,
    span: tuple[int, int],
    tables: Sequence[BarTable],
    one: ParameterSet,
    tried: int,
    *,
    seed: int = 0,
    draws: int = 2_000,
) -> Phase:
    """Run a parameter set over a span of a market; no bar after its end is read.

    Bars before the span warm up. `draws`: of the shift and random tests. Raises EvidenceError
    where no symbol has bars.
    """
    start, end = span
    past = past_ms(one)
    inside = [table.between(start - past, end) for table in tables]
    inside = [table for table in inside if len(table) and table.end > start]
    if not inside:
        raise EvidenceError(f"{name}: no bars from {moment(start)} to {moment(end)}.")
    whole = _simulated(inside, one, start)
    fair = [purged(run, end - one.ttl_ms) for run in whole]
    lost = sum(len(run.signals) for run in whole) - sum(len(run.signals) for run in fair)
    found = conclude(fair, trials=tried, seed=seed, draws=draws)
    trades, boot = found.trades, found.draws
    cost = np.array([end.cost for end in trades.settlements], dtype=np.int64)
    counted = trades.daily(np.ones(len(trades)))
    p = boot.one_sided(trades.daily(trades.net), counted) if len(trades) else None
    double = mean(boot, trades, (trades.net - cost) / RETURN_SCALE)
    return Phase(name, start, end, found, lost, double, p)


def coarse_note(bars: str) -> list[str]:
    """Return a sentence about bars longer than 1m; none about 1m bars."""
    if bars == INTERVALS[0]:
        return []
    sentence = (
        f"Coarse: signals are settled by {bars} bars. A bar that reaches a target and the stop "
        "counts as the stop; stops move and signals expire at the closes of these bars."
    )
    return [sentence]


def past_ms(one: ParameterSet) -> int:
    """Return how far before a span bars are read to warm up."""
    if not isinstance(one, StrategySet):
        return WARM_MS
    return warm_ms(one.loaded.intervals or (INTERVALS[0],))


def purged(run: AnyRun, last: int) -> AnyRun:
    """Return a run with only the signals that were opened at `last` (ms) or before.

    Of later ones only those that ended early would be known: they are not a fair sample.
    """
    if isinstance(run, StrategyRun):
        return replace(run, signals=tuple(s for s in run.signals if s.close_time <= last))
    closes = run.feed.bars[run.signal_rows[:, 1].astype(int), 0] + MINUTE_MS
    fair = closes <= last
    return replace(run, signal_rows=run.signal_rows[fair], outcome_rows=run.outcome_rows[fair])


def _simulated(tables: Sequence[BarTable], one: ParameterSet, start: int) -> Sequence[AnyRun]:
    if isinstance(one, StrategySet):
        return simulate_set_market(tables, one, start=start)
    assert isinstance(one, Policy)  # noqa: S101 - there are these two
    return simulate_market(tables, one, start=start)
