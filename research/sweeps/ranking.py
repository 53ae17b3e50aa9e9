"""The best policies, and their Sharpe ratios deflated for the number tried."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from signalengine.signals import RETURN_SCALE

from research.statistics.deflation import daily_sharpe, deflated_sharpe, overfitting_probability
from research.statistics.errors import StatisticsError

_BLOCKS = 10


@dataclass(frozen=True, slots=True)
class Ranking:
    """`table`: one row a policy, best mean net first. `tried` counts policies, never fewer."""

    table: pd.DataFrame
    tried: int
    overfitting: float | None
    """Probability that the best here is below the median elsewhere; None where it has no meaning:
    fewer than two policies or twenty days."""


def rank(rows: pd.DataFrame) -> Ranking:
    """Rank the policies of a sweep's rows over all of its symbols and periods.

    Columns: policy, changes, tasks, failed, closed, win_rate, net_bps and gross_bps (means a
    signal), sharpe_day (not annualised) and `deflated`: the probability that the true one is above
    0, given the number of policies tried. Days of all symbols are one day; a policy that failed
    anywhere is not comparable, and comes last.
    """
    daily = _daily(rows)
    sharpes = {policy: daily_sharpe(column) for policy, column in daily.items()}
    trials = [0.0 if value is None else value for value in sharpes.values()]
    table = [
        _row(str(policy), part, daily[str(policy)], sharpes[str(policy)], trials)
        for policy, part in rows.groupby("policy", sort=False)
    ]
    frame = pd.DataFrame(table).sort_values(
        ["failed", "net_bps"], ascending=[True, False], na_position="last", kind="stable"
    )
    return Ranking(frame.reset_index(drop=True), len(daily), _overfitting(daily))


def _row(
    policy: str,
    part: pd.DataFrame,
    daily: npt.NDArray[np.float64],
    sharpe: float | None,
    trials: list[float],
) -> Mapping[str, Any]:
    closed = int(part["closed"].sum())
    per = 1e4 / RETURN_SCALE / closed if closed else float("nan")
    return {
        "policy": policy,
        "changes": part["changes"].iloc[0],
        "tasks": len(part),
        "failed": int(part["error"].notna().sum()),
        "closed": closed,
        "win_rate": part["wins"].sum() / closed if closed else float("nan"),
        "net_bps": part["net_sum"].sum() * per,
        "gross_bps": part["gross_sum"].sum() * per,
        "sharpe_day": sharpe,
        "deflated": deflated_sharpe(daily, trials),
    }


def _daily(rows: pd.DataFrame) -> dict[str, npt.NDArray[np.float64]]:
    """Net sums of each policy by day, over the days that any policy has."""
    days = sorted({int(day) for listed in rows["days"] for day in listed})
    place = {day: k for k, day in enumerate(days)}
    out: dict[str, npt.NDArray[np.float64]] = {}
    for policy, listed, sums in zip(rows["policy"], rows["days"], rows["day_net"], strict=True):
        column = out.setdefault(policy, np.zeros(len(days)))
        for day, net in zip(listed, sums, strict=True):
            column[place[int(day)]] += net / RETURN_SCALE
    return out


def _overfitting(daily: Mapping[str, npt.NDArray[np.float64]]) -> float | None:
    columns = list(daily.values())
    if len(columns) < 2 or len(columns[0]) < 2 * _BLOCKS:
        return None
    try:
        return overfitting_probability(np.column_stack(columns), _BLOCKS)
    except StatisticsError:  # it has no meaning for these days
        return None
