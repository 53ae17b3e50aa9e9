"""Walking forward: the best policy of the past, measured on a period it was not chosen on.

For each period but the first, the policy with the highest mean net return a signal over all
earlier periods is taken, and what it made of this one is counted. A signal that opens in the last
minutes of a period and ends in the next is in neither choice twice: its row belongs to the period
it opened in, which has no bars of the next one, so it stays open and is not counted (a purge of one
signal's life).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd
from signalengine.signals import RETURN_SCALE

MIN_CLOSED = 30
"""Closed signals a policy needs in the past to be chosen."""


@dataclass(frozen=True, slots=True)
class Step:
    """One period: what was chosen before it, and what that and the default policy made of it."""

    start: int
    end: int
    chosen: str
    changes: str
    past_bps: float
    closed: int
    net_bps: float
    default_closed: int
    default_bps: float


def walk_forward(rows: pd.DataFrame, default: str) -> list[Step]:
    """Return the steps of a sweep's rows; `default` is the digest to compare with."""
    good = rows[rows["error"].isna()]
    periods = sorted({(int(s), int(e)) for s, e in zip(good["start"], good["end"], strict=True)})
    steps = []
    for number in range(1, len(periods)):
        past = good[good["start"].isin([start for start, _ in periods[:number]])]
        best = _best(past)
        if best is None:
            continue
        now = good[good["start"] == periods[number][0]]
        mine, standard = _sums(now, best["policy"]), _sums(now, default)
        start, end = periods[number]
        chosen = (best["policy"], best["changes"], best["net_bps"])
        steps.append(Step(start, end, *chosen, *mine, *standard))
    return steps


def total(steps: list[Step]) -> tuple[int, float, int, float]:
    """Return (closed, net bps a signal) of the chosen policies, and of the default, together."""
    mine, standard = sum(s.closed for s in steps), sum(s.default_closed for s in steps)
    chosen_sum = sum(s.net_bps * s.closed for s in steps if s.closed)
    default_sum = sum(s.default_bps * s.default_closed for s in steps if s.default_closed)
    chosen_bps = chosen_sum / mine if mine else float("nan")
    return mine, chosen_bps, standard, default_sum / standard if standard else float("nan")


def _best(past: pd.DataFrame) -> Mapping[str, Any] | None:
    best: Mapping[str, Any] | None = None
    for policy, part in past.groupby("policy", sort=True):
        closed, net_bps = _sums(part, str(policy))
        if closed >= MIN_CLOSED and (best is None or net_bps > best["net_bps"]):
            changes = str(part["changes"].iloc[0])
            best = {"policy": str(policy), "changes": changes, "net_bps": net_bps}
    return best


def _sums(rows: pd.DataFrame, policy: str) -> tuple[int, float]:
    """(closed signals, mean net return in basis points) of one policy's rows."""
    part = rows[rows["policy"] == policy]
    closed = int(part["closed"].sum())
    per = 1e4 / RETURN_SCALE
    return closed, float(part["net_sum"].sum()) * per / closed if closed else float("nan")
