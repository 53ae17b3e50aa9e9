"""Gains of a signal in R: units of its risk, the distance from the entry to the first stop. Pure.

Rows are signals in their public form (`signals.public`). All gains are before costs.
"""

from collections.abc import Mapping
from typing import Any


def in_risk(direction: str, entry: float, stop: float, gain: float) -> float | None:
    """Return a gain in price, negative for a loss, in R; None where the stop risks nothing."""
    risk = entry - stop if direction == "long" else stop - entry
    return gain / risk if risk > 0.0 else None


def between(direction: str, entry: float, stop: float, start: float, to: float) -> float | None:
    """Return what a position gains from one price to another, in R."""
    return in_risk(direction, entry, stop, to - start if direction == "long" else start - to)


def moved(row: Mapping[str, Any], start: float, to: float) -> float | None:
    """Return what the position of a row gains from one price to another, in R."""
    return between(row["direction"], row["entry_price"], row["sl_price"], start, to)


def target_of(row: Mapping[str, Any]) -> float:
    """Return the target that a signal is measured by: the farthest one."""
    targets = (row.get("exits") or {}).get("targets") or [{"price": row["tp_price"]}]
    return float(targets[-1]["price"])


def reward_of(row: Mapping[str, Any]) -> float | None:
    """Return what the farthest target gains, in R."""
    return moved(row, row["entry_price"], target_of(row))


def result_of(row: Mapping[str, Any]) -> float | None:
    """Return the gross result of a closed signal with all its parts, in R; None while open."""
    gross = row.get("gross_return_pct")
    if gross is None:
        return None
    entry = row["entry_price"]
    return in_risk(row["direction"], entry, row["sl_price"], gross / 100 * entry)
