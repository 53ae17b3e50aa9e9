"""A track record: what a set of closed signals of one policy and market comes to.

Rates are fractions with Wilson's 95 % interval, returns are percent of the entry, net unless named
gross. Every signal stakes the same, so equity is 1 plus the sum of net returns: nothing is
compounded. A signal belongs to the UTC day of its entry. Ratios need 30 signals, those of days
30 days too, days without a signal included.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from math import floor, fsum
from typing import Any, Final, TypeAlias

from ..intervals import DAY_MS
from ..signals import DIRECTIONS, RETURN_SCALE, Signal
from .closed_signal import ClosedSignal, closed_signal
from .performance import Performance, pct
from .periods import WEEKDAYS, weekday
from .ratios import MIN_DAYS, MIN_SIGNALS, drawdowns, profit_factor, sharpe, sortino, wilson

HOUR_MS: Final = 3_600_000
STEPS: Final = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0)
MAX_BINS: Final = 30

Labels: TypeAlias = Callable[[ClosedSignal], Iterable[str]]


def closed_ones(signals: Iterable[Signal]) -> list[ClosedSignal]:
    """Return the closed signals in the order they closed in."""
    return in_order(closed_signal(s, s.settlement) for s in signals if s.settlement is not None)


def in_order(closed: Iterable[ClosedSignal]) -> list[ClosedSignal]:
    """Return closed signals in the order they closed in."""
    return sorted(closed, key=lambda one: (one.closed_at, one.close_time, one.signal_id))


def track_record(closed: Sequence[ClosedSignal], last_day: int) -> dict[str, Any]:
    """Return the statistics of closed signals; `last_day`: UTC day number the window ends with.

    `closed` as from `in_order`, of one policy and market.
    """
    return {
        "summary": summary(closed, last_day),
        "by_symbol": rows(closed, lambda s: (s.symbol,)),
        "by_hour": rows(closed, lambda s: (HOURS[s.close_time // HOUR_MS % 24],), HOURS),
        "by_weekday": rows(closed, lambda s: (weekday(s.close_time),), WEEKDAYS),
        "by_event": rows(closed, lambda s: s.kinds),
        "by_direction": rows(closed, lambda s: (s.direction,), DIRECTIONS),
        "histogram": histogram([pct(one.net_return) for one in closed]),
        "equity": equity(closed),
    }


HOURS: Final = tuple(f"{hour:02}" for hour in range(24))
"""UTC hours of the entry."""


def summary(closed: Sequence[ClosedSignal], last_day: int) -> dict[str, Any]:
    """Return rates, means and ratios; None where there are too few signals."""
    n = len(closed)
    nets = [one.net_return for one in closed]
    wins = sum(net > 0 for net in nets)
    low, high = wilson(wins, n) if n else (None, None)
    daily = daily_sums(closed, last_day)
    enough = n >= MIN_SIGNALS
    enough_days = enough and len(daily) >= MIN_DAYS
    return {
        "wins": wins,
        "win_rate": wins / n if n else None,
        "win_rate_low": low,
        "win_rate_high": high,
        "avg_return": pct(sum(nets)) / n if n else None,
        "avg_gross": pct(sum(one.gross_return for one in closed)) / n if n else None,
        "total_return": pct(sum(nets)),
        "profit_factor": profit_factor([float(net) for net in nets]) if enough else None,
        "expectancy_r": fsum(_in_r(one) for one in closed) / n if n else None,
        "max_drawdown": min(drawdowns(_curve(closed))) * 100.0 if n else None,
        "best": pct(max(nets)) if n else None,
        "worst": pct(min(nets)) if n else None,
        "sharpe_ratio": sharpe(daily) if enough_days else None,
        "sortino_ratio": sortino(daily) if enough_days else None,
        "days": len(daily),
    }


def daily_sums(closed: Sequence[ClosedSignal], last_day: int) -> list[float]:
    """Return net sums by UTC day of entry, from the first signal's day to `last_day`."""
    sums: dict[int, int] = {}
    for one in closed:
        day = one.close_time // DAY_MS
        sums[day] = sums.get(day, 0) + one.net_return
    first = min(sums, default=last_day + 1)
    return [sums.get(day, 0) / RETURN_SCALE for day in range(first, max(last_day, *sums, 0) + 1)]


def sharpe_of_days(row: Performance, nets: Mapping[int, int], last_day: int) -> float | None:
    """Return the Sharpe ratio of a row whose net sums by day number are known.

    None below 30 signals or days, and where the days are not all of the row (older rows).
    """
    first = min(nets, default=last_day)
    daily = [nets.get(day, 0) / RETURN_SCALE for day in range(first, max(last_day, *nets, 0) + 1)]
    enough = row.closed >= MIN_SIGNALS and len(daily) >= MIN_DAYS
    return sharpe(daily) if enough and sum(nets.values()) == row.net_sum else None


def rows(closed: Sequence[ClosedSignal], labels: Labels, order: Iterable[str] = ()) -> list[Any]:
    """Return one row a label: those of `order` first, also empty, then the largest groups."""
    fixed = tuple(order)
    groups: dict[str, list[int]] = {label: [] for label in fixed}
    for one in closed:
        for label in labels(one):
            groups.setdefault(label, []).append(one.net_return)
    more = sorted(groups.keys() - set(fixed), key=lambda label: (-len(groups[label]), label))
    return [_row(label, groups[label]) for label in (*fixed, *more)]


def _row(label: str, nets: Sequence[int]) -> dict[str, Any]:
    n, wins = len(nets), sum(net > 0 for net in nets)
    low, high = wilson(wins, n) if n else (None, None)
    return {
        "key": label,
        "n": n,
        "wins": wins,
        "win_rate": wins / n if n else None,
        "win_rate_low": low,
        "win_rate_high": high,
        "avg_return": pct(sum(nets)) / n if n else None,
    }


def histogram(values: Sequence[float]) -> dict[str, list[float]]:
    """Return bins of equal width with 0 among their edges; a value on an edge is in the bin above.

    One more edge than counts; both empty without values.
    """
    if not values:
        return {"edges": [], "counts": []}
    step = next(
        (s for s in STEPS if max(values) / s - min(values) / s < MAX_BINS - 2),
        (max(values) - min(values)) / (MAX_BINS - 2),
    )
    bins = [floor(value / step) for value in values]
    low, high = min(bins), max(bins)
    counts = [0] * (high - low + 1)
    for at in bins:
        counts[at - low] += 1
    return {"edges": [round(k * step, 9) for k in range(low, high + 2)], "counts": [*counts]}


def equity(closed: Sequence[ClosedSignal]) -> list[dict[str, Any]]:
    """Return the points of the equity curve, one a closed signal, in the order they closed."""
    curve = _curve(closed)
    falls = drawdowns(curve)[1:]
    return [
        {
            "time": one.closed_at,
            "signal_id": one.signal_id,
            "symbol": one.symbol,
            "net_pct": pct(one.net_return),
            "equity_pct": (value - 1.0) * 100.0,
            "drawdown_pct": fall * 100.0,
        }
        for one, value, fall in zip(closed, curve, falls, strict=True)
    ]


def equity_by_day(days: Mapping[str, Performance]) -> list[dict[str, Any]]:
    """Return the equity after each day that has a row ("2025-05-19"), oldest first."""
    ordered = sorted(days.items())
    curve = _sums([row.net_sum for _, row in ordered])
    falls = drawdowns(curve)[1:]
    return [
        {
            "day": day,
            "closed": row.closed,
            "net_pct": pct(row.net_sum),
            "equity_pct": (value - 1.0) * 100.0,
            "drawdown_pct": fall * 100.0,
        }
        for (day, row), value, fall in zip(ordered, curve, falls, strict=True)
    ]


def _curve(closed: Sequence[ClosedSignal]) -> list[float]:
    return _sums([one.net_return for one in closed])


def _sums(nets: Sequence[int]) -> list[float]:
    """Equity after each: 1 plus the exact sum so far."""
    total, out = 0, []
    for net in nets:
        total += net
        out.append(1.0 + total / RETURN_SCALE)
    return out


def _in_r(one: ClosedSignal) -> float:
    """Net return in units of the distance to the stop."""
    return one.net_return / RETURN_SCALE / one.risk if one.risk > 0.0 else 0.0
