"""Answers of the track record, computed by the engine's own statistics from the sample signals."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from signalengine.signals import RETURN_SCALE
from signalengine.stats.calibration import calibration
from signalengine.stats.closed_signal import ClosedSignal
from signalengine.stats.excursions import excursions
from signalengine.stats.periods import WEEKDAYS, periods, weekday
from signalengine.stats.ratios import wilson
from signalengine.stats.track_record import rows as groups

from tests.browser.samples import NOON

Row = Mapping[str, Any]
PAGE: Final = 8
"""Signals of a page of a what-if: small, so that there are several."""
REASONS: Final = (
    "below_threshold", "no_atr", "own_exits", "out_of_range", "no_bars", "not_by_bars",
    "too_young",
)  # fmt: skip


def small(row: Row) -> ClosedSignal:
    """Return a closed row of the API as statistics read it."""
    entry = float(row["entry_price"])
    return ClosedSignal(
        signal_id=row["id"],
        symbol=row["symbol"],
        direction=row["direction"],
        close_time=row["close_time"],
        closed_at=round(row["closed_at"] * 1000),
        net_return=_stored(row["return_pct"]),
        gross_return=_stored(row["gross_return_pct"]),
        risk=abs(entry - row["sl_price"]) / entry,
        kinds=("ema_cross",),
        market=row["market"],
        policy_digest=row["policy_digest"],
        score=row["score"],
        reward=abs(entry - row["tp_price"]) / entry,
        mfe=_stored(row["mfe_pct"]),
        mae=_stored(row["mae_pct"]),
    )


def further(rows: Sequence[Row]) -> dict[str, Any]:
    """Return the parts of `/performance` that need all of its closed signals."""
    closed = [small(row) for row in rows]
    return {
        "as_of": NOON,
        "by_weekday": groups(closed, lambda one: (weekday(one.close_time),), WEEKDAYS),
        "periods": periods(closed),
        "calibration": calibration(closed),
        "excursions": excursions(closed),
    }


def comparison(*sets: Row) -> dict[str, Any]:
    """Return `classic` beside other sets, over three days."""
    classic = compared("classic", "live", 40, 18, -0.08)
    return {
        "as_of": NOON,
        "market": "simulated",
        "from": "2025-05-17",
        "to": "2025-05-19",
        "days": 30,
        "limited_by": sets[-1]["name"] if sets else None,
        "strategies": [classic, *sets],
    }


def compared(name: str, mode: str, n: int, wins: int, mean: float) -> dict[str, Any]:
    """Return a set's row with a curve of three days."""
    low, high = wilson(wins, n)
    steps = [
        {"day": f"2025-05-{17 + k}", "closed": n // 3, "net_pct": mean, "drawdown_pct": 0.1,
         "equity_pct": mean * (k + 1)}
        for k in range(3)
    ]  # fmt: skip
    return {
        "name": name, "mode": mode, "digest": "0f3c58a1d2b4", "since": None,
        "first_day": "2025-05-17", "closed": n, "wins": wins, "win_rate": wins / n,
        "win_rate_low": low, "win_rate_high": high, "total_return": mean * n,
        "avg_return": mean, "avg_return_low": mean - 0.3, "avg_return_high": mean + 0.3,
        "equity": steps,
    }  # fmt: skip


def what_if(rows: Sequence[Row], query: Mapping[str, str]) -> dict[str, Any]:
    """Return a page of past signals of which each lost a tenth of a percent more.

    The oldest is left out, as if its bars had expired; so is each below the threshold.
    """
    closed = sorted((row for row in rows if row["closed_at"]), key=lambda row: -row["close_time"])
    first, threshold = int(query.get("cursor", "0")), float(query.get("threshold", "0"))
    listed = [_tried(row, threshold, gone=row is closed[-1]) for row in closed]
    page = listed[first : first + PAGE]
    counted = [one for one in page if one["left_out"] in (None, "below_threshold")]
    rules = ("tp", "sl", "ttl_minutes", "threshold")
    return {
        "as_of": NOON,
        "days": int(query.get("days", "30")),
        "rules": {name: query.get(name) for name in rules},
        "signals": page,
        "count": len(page),
        "cursor": str(first + PAGE) if first + PAGE < len(listed) else None,
        "unreadable": 0,
        "published": _sums([one["published"] for one in counted]),
        "what_if": _sums([one["what_if"] for one in page if one["what_if"] is not None]),
        "left_out": {name: sum(one["left_out"] == name for one in page) for name in REASONS},
        "policy_digest": "5f0c2d9be1a7",
        "policy_name": "default",
        "market": "simulated",
    }


def _tried(row: Row, threshold: float, *, gone: bool) -> dict[str, Any]:
    ended = {
        "outcome": row["status"], "closed_at": round(row["closed_at"] * 1000),
        "exit_price": row["exit_price"], "net_pct": row["return_pct"],
        "gross_pct": row["gross_return_pct"], "ambiguous": False,
    }  # fmt: skip
    reason = "no_bars" if gone else "below_threshold" if row["score"] < threshold else None
    worse = ended | {"net_pct": row["return_pct"] - 0.1}
    return {
        "signal_id": row["id"], "symbol": row["symbol"], "direction": row["direction"],
        "close_time": row["close_time"], "score": row["score"], "published": ended,
        "what_if": None if reason else worse, "left_out": reason,
    }  # fmt: skip


def _sums(ends: Sequence[Row]) -> dict[str, int]:
    kinds = [end["outcome"] for end in ends]
    return {
        "n": len(ends),
        "wins": sum(end["net_pct"] > 0 for end in ends),
        "net_sum": sum(_stored(end["net_pct"]) for end in ends),
        "gross_sum": sum(_stored(end["gross_pct"]) for end in ends),
        "tp_hits": kinds.count("tp_hit"),
        "sl_hits": kinds.count("sl_hit"),
        "expired": kinds.count("expired"),
        "left": 0,
        "ambiguous": 0,
    }


def _stored(pct: float) -> int:
    return round(pct * RETURN_SCALE / 100)
