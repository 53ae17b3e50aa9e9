"""The outcome of an entry at every minute under the policy's exits.

TP, SL, time limit, fills, costs and funding are those of the core's settlement, to the last digit;
the only difference from a signal is that no rule chose the minute. One pass over the bars gives
both directions of every minute; random and shifted entries are then looked up, not simulated.

Intrabar paths are not read: where both levels are in one bar it is SL here, as in a recording.
"""

from dataclasses import dataclass
from functools import cache
from typing import Any, Final

import numpy as np
from numba import njit
from signalengine.indicators import PERIOD
from signalengine.intervals import INTERVAL_MS, INTERVALS, MINUTE_MS
from signalengine.layout import ATR, BLOCK, WINDOW
from signalengine.params import COST_NEED
from signalengine.policy import Policy

from research.backtest.kernel import OUTCOME_FIELDS, SIGNAL_FIELDS, kernel
from research.backtest.outcomes import returns_of
from research.backtest.strategy_run import StrategyRun
from research.compiled import core
from research.statistics.strategy_entries import first_fit, settled_closes
from research.statistics.trades import FeedLike, Floats, Ints, Mask, RunLike, Span

SIDES: Final = (1.0, -1.0)
"""Rows of `Entries.net` and `.gross`."""


@dataclass(frozen=True, eq=False)
class Entries:
    """By row of the run's bars (the bar that closes at the entry); returns in 1e-8.

    A row is a minute, but where a strategy was run on longer bars.
    """

    symbol: str
    close_time: Ints
    """Shape (n,), ms."""
    fit: Mask
    """Shape (n,): warm on every interval that the rules read, no hole inside a window, not late."""
    allowed: Mask
    """Shape (n,): fit, TP worth its costs, levels on ticks, and bars ahead to end the entry."""
    gross: Ints
    """Shape (2, n), rows by `SIDES`; 0 where not allowed."""
    net: Ints
    length_ms: int = MINUTE_MS
    """Time from one row to the next."""

    def minute(self, close_times: Ints) -> Ints:
        """Index of the minutes that close then, which must be among the bars."""
        return np.searchsorted(self.close_time, close_times).astype(np.int64)

    def next_allowed(self) -> Ints:
        """For every minute the first allowed one from it on, round the end; shape (n,).

        Undefined (0) when there is none at all.
        """
        n, places = len(self.allowed), np.flatnonzero(self.allowed)
        if not len(places):
            return np.zeros(n, dtype=np.int64)
        at = np.searchsorted(places, np.arange(n))
        return np.asarray(places[at % len(places)], dtype=np.int64)


def entries_of(run: RunLike) -> Entries:
    """Settle an entry at every minute of a run, long and short.

    Of a strategy at every close at which it decides.
    """
    if isinstance(run, StrategyRun):
        return _entries_of_strategy(run)
    feed, policy = run.feed, policy_of(run)
    n, life = len(feed.bars), policy.ttl_ms // MINUTE_MS
    close_time = feed.bars[:, 0].astype(np.int64) + MINUTE_MS
    atr = atr_by_minute(feed, policy)
    fit = fit_minutes(feed, policy)
    close = feed.bars[:, 4]
    with np.errstate(invalid="ignore"):
        affordable = (atr > 0.0) & (policy.tp_atr * atr / close >= policy.numbers[COST_NEED])
        in_range = max(policy.tp_atr, policy.sl_atr) * atr < close
    ahead = np.zeros(n, dtype=bool)
    if n > life:
        ahead[: n - life] = close_time[life:] - close_time[: n - life] == life * MINUTE_MS
    allowed = fit & affordable & in_range & ahead
    minutes = np.flatnonzero(allowed)
    both = [_signals(minutes, side, close[minutes], atr[minutes], policy) for side in SIDES]
    tradable = np.all([kernel().put_on_ticks(rows, feed.tick) for rows in both], axis=0)
    allowed[minutes[~tradable]] = False
    minutes = minutes[tradable]
    gross, net = np.zeros((2, n), dtype=np.int64), np.zeros((2, n), dtype=np.int64)
    for row, rows in enumerate(both):
        gross[row, minutes], net[row, minutes] = _settled(feed, rows[tradable], policy)
    return Entries(run.symbol, close_time, fit, allowed, gross, net)


def _entries_of_strategy(run: StrategyRun) -> Entries:
    minutes, fit, gross, net = settled_closes(run)
    n = len(run.feed.bars)
    allowed = np.zeros(n, dtype=bool)
    allowed[minutes] = fit
    each = np.zeros((2, 2, n), dtype=np.int64)
    each[0][:, minutes], each[1][:, minutes] = gross, net
    close_time = run.feed.bars[:, 0].astype(np.int64) + MINUTE_MS
    gross, net = each
    length = run.feed.length_ms
    return Entries(run.symbol, close_time, allowed.copy(), allowed, gross, net, length)


def policy_of(run: RunLike) -> Policy:
    """Return the policy of a run of `classic`."""
    policy = run.policy
    assert isinstance(policy, Policy)  # noqa: S101 - runs of strategies are told apart before
    return policy


def span_of(run: RunLike) -> Span:
    """From the first minute at which the engine was fit to open a signal to the last bar.

    Before it the engine warmed up: such days are not days on which it chose not to act.
    """
    if isinstance(run, StrategyRun):
        first = first_fit(run)
        return Span(run.symbol, 0, 0) if first is None else Span(run.symbol, first, run.end)
    fit = np.flatnonzero(fit_minutes(run.feed, policy_of(run)))
    if not len(fit):
        return Span(run.symbol, 0, 0)
    opens = run.feed.bars[:, 0].astype(np.int64)
    return Span(run.symbol, int(opens[fit[0]]) + MINUTE_MS, int(opens[-1]) + MINUTE_MS)


def fit_minutes(feed: FeedLike, policy: Policy) -> Mask:
    """Return for every minute whether what the rules read is warm and clean, the bar in time."""
    times = feed.bars[:, 0].astype(np.int64) + MINUTE_MS
    fit = np.asarray(feed.late_ms <= policy.fresh_ms)
    for interval in policy.intervals:
        opens = _folded(feed, INTERVALS.index(interval))[:, 0].astype(np.int64)
        index = np.arange(len(opens))
        hole = np.zeros(len(opens), dtype=bool)
        hole[1:] = np.diff(opens) != INTERVAL_MS[interval]
        last_hole = np.maximum.accumulate(np.where(hole, index, -WINDOW)) if len(opens) else index
        clean = index - last_hole + 1 >= WINDOW
        warm = index + 1 >= policy.warm_bars
        at = np.searchsorted(opens + INTERVAL_MS[interval], times, side="right") - 1
        fit &= (at >= 0) & np.append(clean & warm, False)[at]
    return fit


def atr_by_minute(feed: FeedLike, policy: Policy) -> Floats:
    """ATR of the policy's interval as known at every minute's close; NaN before there is one."""
    number = INTERVALS.index(policy.atr_interval)
    bars = _folded(feed, number)
    values = np.full(len(bars) + 1, np.nan)  # the last one for minutes before the first bar
    _atr_loop()(bars, values)
    closes = bars[:, 0] + INTERVAL_MS[policy.atr_interval]
    return values[np.searchsorted(closes, feed.bars[:, 0] + MINUTE_MS, side="right") - 1]


def _folded(feed: FeedLike, number: int) -> Floats:
    """All bars of an interval, the past and the run's, oldest first.

    A past that reaches into the run is folded once, as the engine does.
    """
    rows = np.concatenate(
        [feed.warm[number], feed.bars if number == 0 else feed.longer[number - 1]]
    )
    _, first = np.unique(rows[:, 0], return_index=True)
    return np.ascontiguousarray(rows[first])


@cache
def _atr_loop() -> Any:
    fold_wilder = core()["indicators"].fold_wilder

    @njit
    def loop(bars: Floats, out: Floats) -> None:
        r = np.zeros(BLOCK)
        for i in range(bars.shape[0]):
            before = bars[max(i - 1, 0), 4]
            fold_wilder(r, float(i), bars[i, 2], bars[i, 3], bars[i, 4], before)
            if i >= PERIOD:
                out[i] = r[ATR]

    return loop


def _signals(minutes: Ints, side: float, close: Floats, atr: Floats, policy: Policy) -> Floats:
    """Rows as the engine would have opened them (`kernel.SIGNAL_FIELDS`)."""
    rows = np.zeros((len(minutes), len(SIGNAL_FIELDS)))
    rows[:, 1], rows[:, 2], rows[:, 4], rows[:, 7] = minutes, side, close, atr
    rows[:, 5] = close + side * policy.tp_atr * atr
    rows[:, 6] = close - side * policy.sl_atr * atr
    return rows


def _settled(feed: FeedLike, rows: Floats, policy: Policy) -> tuple[Ints, Ints]:
    """Gross and net return of each row; all of them end, since they have the bars for it."""
    outcomes = np.full((len(rows), len(OUTCOME_FIELDS)), np.nan)
    kernel().settle(feed.columns, rows, policy.ttl_ms // MINUTE_MS, outcomes)
    found = returns_of(rows, outcomes, feed.funding_paid, policy)
    return found.gross, found.net
