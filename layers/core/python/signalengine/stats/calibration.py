"""Win rate by score: whether a higher score has won more often.

A score is no probability, so nothing says that it should equal the win rate. What it can show is a
rate that rises with it.
"""

from collections.abc import Sequence
from math import erfc, fsum, sqrt
from typing import Any, Final

from .closed_signal import ClosedSignal
from .performance import pct
from .ratios import MIN_SIGNALS, wilson

BUCKETS: Final = 20
"""Scores from 0 to 1 are in so many buckets of equal width."""
_NEAR: Final = 1e-9
"""A score that is off by less is on the edge: scores are decimals of six places."""


def calibration(closed: Sequence[ClosedSignal]) -> dict[str, Any]:
    """Return the win rate of each bucket of scores that has signals, and of all of them.

    `without` counts signals whose score is not stored with their result.
    """
    known = [(one.score, one.net_return) for one in closed if one.score is not None]
    wins = sum(net > 0 for _, net in known)
    low, high = wilson(wins, len(known)) if known else (None, None)
    trend = rising([score for score, _ in known], [net > 0 for _, net in known])
    return {
        "n": len(known),
        "without": len(closed) - len(known),
        "win_rate": wins / len(known) if known else None,
        "win_rate_low": low,
        "win_rate_high": high,
        "buckets": _buckets(known),
        "trend_z": None if trend is None else trend[0],
        "trend_p": None if trend is None else trend[1],
    }


def rising(scores: Sequence[float], won: Sequence[bool]) -> tuple[float, float] | None:
    """Return z and the two-sided p of the test of Cochran and Armitage for a trend.

    z is positive where higher scores won more often. None below 30 signals, and where all scores
    are equal, or all signals won or lost. Signals are taken as independent, which those of one hour
    are not: p is too small rather than too large.
    """
    n, wins = len(scores), sum(won)
    if n < MIN_SIGNALS or wins in (0, n) or min(scores) == max(scores):
        return None
    rate, mean = wins / n, fsum(scores) / n
    moved = fsum((score - mean) * (one - rate) for score, one in zip(scores, won, strict=True))
    spread = rate * (1.0 - rate) * fsum((score - mean) ** 2 for score in scores)
    z = moved / sqrt(spread)
    return z, erfc(abs(z) / sqrt(2.0))


def _buckets(known: Sequence[tuple[float, int]]) -> list[dict[str, Any]]:
    groups: dict[int, list[tuple[float, int]]] = {}
    for score, net in known:
        at = min(BUCKETS - 1, int(score * BUCKETS + _NEAR))
        groups.setdefault(at, []).append((score, net))
    return [_bucket(at, groups[at]) for at in sorted(groups)]


def _bucket(at: int, known: Sequence[tuple[float, int]]) -> dict[str, Any]:
    n, wins = len(known), sum(net > 0 for _, net in known)
    low, high = wilson(wins, n)
    return {
        "from": at / BUCKETS,
        "to": (at + 1) / BUCKETS,
        "n": n,
        "wins": wins,
        "win_rate": wins / n,
        "win_rate_low": low,
        "win_rate_high": high,
        "avg_score": fsum(score for score, _ in known) / n,
        "avg_return": pct(sum(net for _, net in known)) / n,
    }
