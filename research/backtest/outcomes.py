"""Returns of a run's signals in columns: the same integers as their settlements.

Settling with the core creates an object for every bar of a signal's life. That is acceptable for a
few signals; for a year of them it takes ten times as long as the whole backtest.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from signalengine.exits.levels import FRACTION, MOST_TARGETS, PARTS, TARGET
from signalengine.policy import Policy
from signalengine.signals import RETURN_SCALE
from signalengine.stats.performance import Performance, outcome_row, total
from signalengine.strategy.parameter_set import ParameterSet

from research.backtest.kernel import EXPIRED, OPEN, SL_HIT, TP_HIT
from research.backtest.result import Run
from research.data.series import Floats, is_unknown

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Returns:
    """Returns of the closed signals, in the order they opened; integers of 1e-8 of the entry."""

    gross: Ints
    funding: Ints
    cost: int

    @property
    def net(self) -> Ints:
        return self.gross - self.cost - self.funding


def performance(run: Run) -> Performance:
    """Return the sums over a run's closed signals: those of `run.signals`, exactly."""
    if run.feed.paths is not None:  # inside a bar with both levels the path decides
        ends = (signal.settlement for signal in run.signals)
        return total(outcome_row(end) for end in ends if end is not None)
    ended = run.outcome_rows[run.outcome_rows[:, 0] != OPEN]
    found = returns(run)
    net = [int(x) for x in found.net]
    return Performance(
        closed=len(net),
        wins=sum(x > 0 for x in net),
        tp_hits=int((ended[:, 0] == TP_HIT).sum()),
        sl_hits=int((ended[:, 0] == SL_HIT).sum()),
        expired=int((ended[:, 0] == EXPIRED).sum()),
        ambiguous=int(ended[:, 3].sum()),
        net_sum=sum(net),
        net_squares=sum(x * x for x in net),
        gross_sum=int(found.gross.sum()),
        funding_sum=int(found.funding.sum()),
        best=max(net, default=None),
        worst=min(net, default=None),
    )


def returns(run: Run) -> Returns:
    """Return gross returns, funding and costs of the closed signals of a run without paths."""
    closed = run.outcome_rows[:, 0] != OPEN
    ends = run.outcome_rows[closed]
    return returns_of(run.signal_rows[closed], ends, run.feed.funding_paid, run.policy)


def returns_of(signals: Floats, ends: Floats, funding_paid: Floats, policy: Policy) -> Returns:
    """Return the returns of closed signals, rows of the kernel's fields.

    `funding_paid` has the rate due at each bar's close, NaN where none is.
    """
    at, side, entry = signals[:, 1].astype(np.int64), signals[:, 2], signals[:, 4]
    gross = _returns(side, entry, ends[:, 2])
    paid = _Paid(funding_paid)
    funding = side.astype(np.int64) * paid.between(at, _whole(ends))
    return Returns(gross=gross, funding=funding, cost=round(policy.round_trip * RETURN_SCALE))


def returns_of_exits(
    signals: Floats,
    exits: Floats,
    ends: Floats,
    reached: Floats,
    funding_paid: Floats,
    policy: ParameterSet,
) -> Returns:
    """Return the returns of closed signals with any exits, rows of `Kernel.settle_exits`."""
    at, side, entry = signals[:, 1].astype(np.int64), signals[:, 2], signals[:, 4]
    paid = _Paid(funding_paid)
    rest = np.full(len(signals), round(PARTS), dtype=np.int64)
    gross, funding = np.zeros_like(rest), np.zeros_like(rest)
    for k in range(MOST_TARGETS):
        hit = ~np.isnan(reached[:, k])
        parts = np.where(hit, np.floor(exits[:, FRACTION + k] * PARTS + 0.5), 0.0).astype(np.int64)
        price = np.where(hit, exits[:, TARGET + k], entry)
        until = np.where(hit, reached[:, k] - 1.0, at).astype(np.int64)
        gross += parts * _returns(side, entry, price)
        funding += parts * paid.between(at, until)
        rest -= parts
    gross += rest * _returns(side, entry, ends[:, 2])
    funding += rest * paid.between(at, _whole(ends))
    return Returns(
        gross=_weighted(gross),
        funding=_weighted(side.astype(np.int64) * funding),
        cost=round(policy.round_trip * RETURN_SCALE),
    )


def _returns(side: Floats, entry: Floats, price: Floats) -> Ints:
    return np.rint(side * (price - entry) / entry * RETURN_SCALE).astype(np.int64)


class _Paid:
    """Sums of the rates due, from those of the bars at whose close one was."""

    def __init__(self, funding_paid: Floats) -> None:
        known = not is_unknown(funding_paid)
        self._bars: Ints = np.flatnonzero(~np.isnan(funding_paid)) if known else np.empty(0, int)
        rates = np.rint(funding_paid[self._bars] * RETURN_SCALE).astype(np.int64)
        self._sums: Ints = np.concatenate([[0], np.cumsum(rates)])

    def between(self, after: Ints, last: Ints) -> Ints:
        """Return the sums of what is due after the close of one bar, up to that of another."""
        return self._until(last) - self._until(after)

    def _until(self, bars: Ints) -> Ints:
        sums: Ints = self._sums[np.searchsorted(self._bars, bars, side="right")]
        return sums


def _whole(ends: Floats) -> Ints:
    """Return the last bar that each signal was held through.

    A level is hit before its bar's close, when funding is due.
    """
    exit_at = ends[:, 1].astype(np.int64)
    before = (ends[:, 0] == TP_HIT) | (ends[:, 0] == SL_HIT)
    held: Ints = np.where(before, exit_at - 1, exit_at)
    return held


def _weighted(totals: Ints) -> Ints:
    """Return sums over parts of the positions as returns (`settlement.weighted`)."""
    whole = round(PARTS)
    quotient, rest = np.divmod(totals, whole)
    up = (2 * rest > whole) | ((2 * rest == whole) & (quotient % 2 == 1))
    rounded: Ints = quotient + up
    return rounded
