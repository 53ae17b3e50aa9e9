"""The outcome of an entry at every close that a strategy decides at, under its own exits."""

import numpy as np
from signalengine.exits.levels import STOP, TARGET
from signalengine.intervals import MINUTE_MS
from signalengine.params import COST_NEED
from signalengine.rules import apart as plain_apart
from signalengine.verdicts import EMITTED

from research.backtest.kernel import OPEN, OUTCOME_FIELDS, SIGNAL_FIELDS, kernel
from research.backtest.outcomes import returns_of_exits
from research.backtest.strategy_loop import Closes, closes_of, lacking
from research.backtest.strategy_loops import CLOSED
from research.backtest.strategy_run import StrategyRun
from research.compiled import cached, core, inlined
from research.statistics.trades import Floats, Ints, Mask

_SIDES = (1.0, -1.0)
_levels = core()["exits.levels"]
verdict, put_on_tick = _levels.verdict, _levels.put_on_tick
apart = inlined(plain_apart)
_TARGET, _STOP, _EMITTED = TARGET, STOP, EMITTED


def fit_closes(run: StrategyRun, closes: Closes) -> Mask:
    """Return for every close whether what the strategy reads is warm and clean, the bar in time."""
    fit = np.asarray(run.feed.late_ms[closes.minute] <= run.policy.fresh_ms)
    fit &= closes.answers[:, CLOSED] > 0.0
    fit &= ~lacking(run.policy, closes.answers).any(axis=1)
    return np.asarray(fit)


def settled_closes(run: StrategyRun) -> tuple[Ints, Mask, Ints, Ints]:
    """Settle an entry at every close, long and short.

    Returns the minutes of the closes, whether both sides are allowed there, and the gross and net
    returns, shape (2, n).
    """
    closes = closes_of(run.policy, run.feed, exits=True)
    allowed = fit_closes(run, closes) & _whole_life(run, closes)
    rows, exits = [], []
    for column, side in enumerate(_SIDES):
        made = np.zeros((len(closes.minute), len(SIGNAL_FIELDS)))
        made[:, 1], made[:, 2] = closes.minute, side
        made[:, 4] = run.feed.bars[closes.minute, 4]
        x = np.ascontiguousarray(closes.exits[:, column])
        need = run.policy.numbers[COST_NEED]
        allowed &= fit_exits(made, x, run.feed.tick[closes.minute], need)
        rows.append(made)
        exits.append(x)
    feed = run.feed
    gross = np.zeros((2, len(closes.minute)), dtype=np.int64)
    net = gross.copy()
    for column in range(len(_SIDES)):
        outcomes = np.full((int(allowed.sum()), len(OUTCOME_FIELDS)), np.nan)
        reached = np.full((len(outcomes), 4), np.nan)
        mine, x = rows[column][allowed], exits[column][allowed]
        kernel().settle_exits(
            feed.settling, float(feed.length_ms), mine, x, np.empty((0, 2)), outcomes, reached
        )
        ended = outcomes[:, 0] != OPEN
        found = returns_of_exits(
            mine[ended], x[ended], outcomes[ended], reached[ended], feed.funding_paid,
            run.policy,
        )  # fmt: skip
        at = np.flatnonzero(allowed)[ended]
        gross[column, at], net[column, at] = found.gross, found.net
    return closes.minute, allowed, gross, net


def _whole_life(run: StrategyRun, closes: Closes) -> Mask:
    """Return whether every bar until the expiry is there."""
    times, length = run.feed.bars[:, 0].astype(np.int64), run.feed.length_ms
    life = -(-run.policy.ttl_ms // length)
    until = np.minimum(closes.minute + life, len(times) - 1)
    whole = times[until] - times[closes.minute] == life * length
    return np.asarray(whole & (closes.minute + life < len(times)))


@cached
def fit_exits(signals: Floats, exits: Floats, tick: Floats, need: float) -> Mask:
    """Return which exits pay for the costs and are on their sides; they are put on the tick."""
    fit = np.empty(signals.shape[0], np.bool_)
    for k in range(signals.shape[0]):
        side, price, x = signals[k, 2], signals[k, 4], exits[k]
        found = verdict(x, price, side, need)
        put_on_tick(x, side, tick[k])
        fit[k] = found == _EMITTED and apart(price, side, x[_TARGET], x[_STOP])
    return fit


def first_fit(run: StrategyRun) -> int | None:
    """Return the close (ms) at which the strategy was first fit to open a signal."""
    fit = np.flatnonzero(fit_closes(run, run.closes))
    if not len(fit):
        return None
    return int(run.feed.bars[run.closes.minute[fit[0]], 0]) + MINUTE_MS
