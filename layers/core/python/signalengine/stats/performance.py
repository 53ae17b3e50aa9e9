"""Statistics of closed signals: sums of exact integers, the same in any order.

Returns are net integers of 1e-8 (signals.RETURN_SCALE). A win is net > 0; expired signals count.
"""

from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from typing import Any

from ..signals import RETURN_SCALE, Direction, Outcome, Settlement


@dataclass(frozen=True, slots=True)
class Performance:
    """Sums over the closed signals of one policy, market and symbol."""

    closed: int = 0
    wins: int = 0
    tp_hits: int = 0
    sl_hits: int = 0
    expired: int = 0
    ambiguous: int = 0
    forced: int = 0
    net_sum: int = 0
    net_squares: int = 0
    """Sum of net² (1e-16 of a squared return), exact: the 38 digits of a DynamoDB number are
    enough for 1e18 signals that each made or lost 100 times their entry."""
    gross_sum: int = 0
    funding_sum: int = 0
    longs: int = 0
    """Of the closed ones, those of each side: fewer in all where some closed before these two were
    counted."""
    shorts: int = 0
    best: int | None = None
    worst: int | None = None
    version: int = 0

    @property
    def left(self) -> int:
        """Signals that the strategy's own condition closed: those with no other end."""
        return self.closed - self.tp_hits - self.sl_hits - self.expired

    @classmethod
    def empty(cls) -> "Performance":
        return cls()


SUMS = tuple(f.name for f in fields(Performance) if f.name not in ("best", "worst", "version"))
"""The fields that add up."""


def outcome_row(settlement: Settlement, direction: Direction | None = None) -> Performance:
    """Return the row of a single closed signal; None: its side is not counted."""
    net = settlement.net_return
    return Performance(
        closed=1,
        wins=int(net > 0),
        tp_hits=int(settlement.outcome is Outcome.TP_HIT),
        sl_hits=int(settlement.outcome is Outcome.SL_HIT),
        expired=int(settlement.outcome is Outcome.EXPIRED),
        ambiguous=int(settlement.ambiguous),
        forced=int(settlement.forced),
        net_sum=net,
        net_squares=net * net,
        gross_sum=settlement.gross_return,
        funding_sum=settlement.funding,
        longs=int(direction == "long"),
        shorts=int(direction == "short"),
        best=net,
        worst=net,
    )


def add(row: Performance, settlement: Settlement, direction: Direction) -> Performance:
    """Return the row with one more closed signal, its version raised."""
    return replace(total((row, outcome_row(settlement, direction))), version=row.version + 1)


def total(rows: Iterable[Performance]) -> Performance:
    """Return the sum of rows (version 0)."""
    items = list(rows)
    sums: dict[str, Any] = {name: sum(getattr(row, name) for row in items) for name in SUMS}
    sums["best"] = max((row.best for row in items if row.best is not None), default=None)
    sums["worst"] = min((row.worst for row in items if row.worst is not None), default=None)
    return Performance(**sums)


def summary(row: Performance) -> dict[str, Any]:
    """Return what people read: rates as fractions, returns in percent, None without signals."""
    n = row.closed
    return {
        "total_signals": n,
        "wins": row.wins,
        "losses": n - row.wins,
        "tp_hits": row.tp_hits,
        "sl_hits": row.sl_hits,
        "expired": row.expired,
        "left": row.left,
        "ambiguous": row.ambiguous,
        "forced": row.forced,
        "win_rate": row.wins / n if n else None,
        "avg_return": pct(row.net_sum) / n if n else None,
        "avg_gross_return": pct(row.gross_sum) / n if n else None,
        "total_return": pct(row.net_sum),
        "best_return": None if row.best is None else pct(row.best),
        "worst_return": None if row.worst is None else pct(row.worst),
    }


def pct(value: int) -> float:
    """Return a stored return in percent."""
    return value * 100 / RETURN_SCALE
