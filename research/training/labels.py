"""The outcome of a signal opened at a close: the triple barrier, by the core's rules.

Levels are the policy's, the walk through the bars is the backtest's compiled one, and the numbers
are those of `signalengine.settlement`: integers of 1e-8 of the entry, net of fees, slippage and
funding.
"""

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
from signalengine.exits.levels import EXITS_SIZE, STOP, TARGET, bracket_atr
from signalengine.indicators import PRICE
from signalengine.intervals import MINUTE_MS
from signalengine.params import ATR_FEATURE
from signalengine.policy import Policy
from signalengine.signals import RETURN_SCALE

from research.backtest.feed import Feed
from research.backtest.kernel import EXPIRED, OPEN, OUTCOME_FIELDS, SIGNAL_FIELDS, TP_HIT, kernel
from research.data.series import Floats

Whole: TypeAlias = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Labels:
    """One row a signal; `opened` and `closed_at` are ms. Rows that are not `known` have no end."""

    opened: Whole
    closed_at: Whole
    gross: Whole
    net: Whole
    tp_first: npt.NDArray[np.bool_]
    known: npt.NDArray[np.bool_]


def labels(feed: Feed, minutes: Whole, rows: Floats, side: Floats, policy: Policy) -> Labels:
    """Settle a signal on each `side` at each of `minutes`, whose snapshots are `rows` (n, SIZE)."""
    signals = _signals(minutes, rows, side, policy)
    ends = np.full((len(minutes), len(OUTCOME_FIELDS)), np.nan)
    tradable = kernel().put_on_ticks(signals, feed.tick)
    kernel().settle(feed.columns, signals, policy.ttl_ms // MINUTE_MS, ends)
    ends[~tradable, 0] = OPEN
    return returns(feed, signals, ends, policy)


def returns(
    feed: Feed, signals: Floats, ends: Floats, policy: Policy, paid: Whole | None = None
) -> Labels:
    """Return the returns of settled signals; `ends` are the kernel's outcomes of its `signals`.

    `paid` are the feed's `funding_sums` where they are known already.
    """
    paid = funding_sums(feed) if paid is None else paid
    minutes, side, entry = (
        signals[:, SIGNAL_FIELDS.index(name)] for name in ("minute", "side", "entry")
    )
    first = minutes.astype(np.int64)
    known = ends[:, 0] != OPEN
    opened = feed.columns[0][first].astype(np.int64) + MINUTE_MS
    last = np.where(known, ends[:, 1], 0.0).astype(np.int64)
    closed_at = np.where(known, feed.columns[0][last].astype(np.int64) + MINUTE_MS, opened)
    price = np.where(known, ends[:, 2], entry)
    gross = np.rint(side * (price - entry) / entry * RETURN_SCALE).astype(np.int64)
    whole = np.where(ends[:, 0] == EXPIRED, last, last - 1)  # a level is hit before the close
    funding = side.astype(np.int64) * (paid[np.maximum(whole, first)] - paid[first])
    cost = round(policy.round_trip * RETURN_SCALE)
    return Labels(opened, closed_at, gross, gross - cost - funding, ends[:, 0] == TP_HIT, known)


def _signals(minutes: Whole, rows: Floats, side: Floats, policy: Policy) -> Floats:
    by_slot: Any = rows.T  # the core's + − × ÷ are the same on columns
    sides: Any = side
    atr = by_slot[int(policy.numbers[ATR_FEATURE])]
    exits: list[Any] = [None] * EXITS_SIZE
    bracket_atr(exits, by_slot[PRICE], sides, atr, policy.tp_atr, policy.sl_atr)
    signals = np.zeros((len(minutes), len(SIGNAL_FIELDS)))
    columns = {
        "minute": minutes,
        "side": side,
        "entry": by_slot[PRICE],
        "tp": exits[TARGET],
        "sl": exits[STOP],
        "atr": atr,
    }
    for name, values in columns.items():
        signals[:, SIGNAL_FIELDS.index(name)] = values
    return signals


def funding_sums(feed: Feed) -> Whole:
    """Return the sum of the rates paid until the end of each bar, in 1e-8."""
    paid = np.rint(np.nan_to_num(feed.funding_paid) * RETURN_SCALE).astype(np.int64)
    return np.asarray(np.cumsum(paid))
