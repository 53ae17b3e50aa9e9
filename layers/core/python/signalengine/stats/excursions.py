"""How far closed signals went for and against their direction (MFE and MAE), in percent and in R.

Both are without costs, from the bars held to their end and the fills. R is the distance from the
entry to the stop.
"""

from collections.abc import Callable, Sequence
from typing import Any, Final

from ..signals import RETURN_SCALE
from .closed_signal import ClosedSignal
from .performance import pct
from .ratios import quantile

SHARES: Final = (0.1, 0.25, 0.5, 0.75, 0.9)
"""Quantiles of a strip."""
MOST_POINTS: Final = 500
"""Signals that are listed one by one, the newest."""


def excursions(closed: Sequence[ClosedSignal]) -> dict[str, Any]:
    """Return quantiles of signals that won and of those that lost, and the newest one by one.

    `closed` is in the order of closing. `without` counts signals whose excursions are not stored
    with their result, or whose stop is at the entry.
    """
    known = [one for one in closed if one.mfe is not None and one.mae is not None and one.risk > 0]
    targets = [one.reward / one.risk for one in known if one.reward is not None]
    return {
        "n": len(known),
        "without": len(closed) - len(known),
        "shares": list(SHARES),
        "won": _group([one for one in known if one.net_return > 0]),
        "lost": _group([one for one in known if one.net_return <= 0]),
        "target_r": quantile(targets, 0.5),
        "targets_r": [min(targets), max(targets)] if targets else [],
        "points": [_point(one) for one in known[-MOST_POINTS:]],
    }


def _group(known: Sequence[ClosedSignal]) -> dict[str, Any]:
    return {
        "n": len(known),
        "mfe_r": _quantiles(known, lambda one: in_r(one, one.mfe)),
        "mae_r": _quantiles(known, lambda one: in_r(one, one.mae)),
        "mfe_pct": _quantiles(known, lambda one: pct(one.mfe or 0)),
        "mae_pct": _quantiles(known, lambda one: pct(one.mae or 0)),
    }


def _quantiles(
    known: Sequence[ClosedSignal], value: Callable[[ClosedSignal], float]
) -> list[float]:
    values = [value(one) for one in known]
    return [found for share in SHARES if (found := quantile(values, share)) is not None]


def in_r(one: ClosedSignal, value: int | None) -> float:
    """Return a stored return in units of the distance to the stop, which is not 0."""
    return (value or 0) / RETURN_SCALE / one.risk


def _point(one: ClosedSignal) -> dict[str, Any]:
    return {
        "signal_id": one.signal_id,
        "symbol": one.symbol,
        "direction": one.direction,
        "mfe_r": in_r(one, one.mfe),
        "mae_r": in_r(one, one.mae),
        "mfe_pct": pct(one.mfe or 0),
        "mae_pct": pct(one.mae or 0),
        "net_pct": pct(one.net_return),
    }
