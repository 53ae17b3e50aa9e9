"""The chat's data in memory, in the form of the HTTP API."""

from datetime import UTC, date, datetime
from typing import Any

from signalengine.signals import public

from tests.telegram_samples import NOON, closed, signal

TOP_ROW: dict[str, Any] = {
    "symbol": "BTCUSDT", "direction": "long", "score": 0.6541, "long_score": 0.6541,
    "short_score": 0.21, "components": {"trend": 0.81, "oi": None}, "price": 50_123.45,
    "close_time": NOON, "missing": ["event"], "warm": True,
}  # fmt: skip


class MemoryReads:
    """A fake of the chat's port that records its reads."""

    def __init__(self, *, top: list[dict[str, Any]] | None = None) -> None:
        self.asked: list[tuple[Any, ...]] = []
        self.rows = [TOP_ROW] if top is None else top
        self.told = [closed()]

    def symbols(self) -> dict[str, Any]:
        return {"symbols": ["BTCUSDT", "ETHUSDT", "WHATUSDT"]}

    def top(self, limit: int = 10) -> dict[str, Any]:
        self.asked.append(("top", limit))
        return {"top": self.rows, "time": NOON}

    def signals(
        self,
        symbol: str | None = None,
        limit: int = 10,
        *,
        direction: str | None = None,
        status: str | None = None,
        days: int | None = None,
        days_ago: int = 0,
    ) -> dict[str, Any]:
        only = tuple(one for one in (direction, status) if one is not None)
        only += () if days is None else (days, days_ago)
        self.asked.append(("signals", symbol, limit, *only))
        rows = [
            public(one)
            for one in self.told
            if symbol in (None, one.symbol)
            and direction in (None, one.direction)
            and status in (None, "open" if one.settlement is None else "closed")
        ]
        return {"signals": rows[:limit], "count": len(rows), "cursor": None}

    def stats(self) -> dict[str, Any]:
        self.asked.append(("stats",))
        return {
            "total_signals": 6, "n": 4, "wins": 1, "losses": 3, "win_rate": 0.25,
            "avg_return": -0.1,
            "best_return": 2.09, "worst_return": -0.9, "open_signals": 2, "market": "live",
            "policy_digest": "9ab3c1d0e4f5", "by_status": {"open": 2},
        }  # fmt: skip

    def signal(self, signal_id: str) -> dict[str, Any] | None:
        self.asked.append(("signal", signal_id))
        if signal_id != signal().signal_id:
            return None
        return {"signal": public(closed()), "decision": {"reason": "score 0.654 ≥ 0.50"}}

    def performance_stats(self) -> dict[str, Any]:
        self.asked.append(("performance_stats",))
        return {
            "BTCUSDT": RESULTS | {"total_signals": 3, "wins": 2, "losses": 1, "win_rate": 2 / 3}
        }

    def today(self) -> date:
        return datetime.fromtimestamp(NOON / 1000, UTC).date()

    def stats_of_days(
        self,
        days: int,
        days_ago: int = 0,
        symbol: str | None = None,
        direction: str | None = None,
    ) -> dict[str, Any]:
        only = () if direction is None else (direction,)
        self.asked.append(("stats_of_days", days, days_ago, symbol, *only))
        extremes = {} if symbol or direction else {"best_return": None, "worst_return": None}
        return RESULTS | extremes | {"n": 2, "wins": 1, "losses": 1, "win_rate": 0.5}


RESULTS: dict[str, Any] = {
    "total_signals": 2, "avg_return": 0.3, "total_return": 0.6, "best_return": 1.5,
    "worst_return": -0.9, "market": "live", "policy_digest": "9ab3c1d0e4f5",
}  # fmt: skip
"""Returns of closed signals, in percent."""
