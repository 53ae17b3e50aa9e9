"""Documents of the HTTP API for the commands to read, made with the engine's own types."""

import os
from dataclasses import asdict, replace
from typing import Any

from signalengine.settlement import StoredBar, settle
from signalengine.signals import COMPONENTS, Event, Signal, public, settled
from signalengine.stats.calibration import calibration
from signalengine.stats.excursions import excursions
from signalengine.stats.periods import periods
from signalengine.stats.track_record import closed_ones, equity_by_day, track_record
from signalengine.stats.what_if import LEFT_OUT

from infra.local.stack.running import Access, Addresses, Running
from tests.core.markets import T0
from tests.core.samples import signal as opened

MINUTE = 60_000
RUNNING_HERE = Running(
    os.getpid(), 1_747_656_000_000, "recording", "60",
    Addresses("http://d/", "http://a", "ws://w", None, None, "http://aws"), {},
    Access("owner", "key", None, None),
)  # fmt: skip
"""A system that runs here: its process is the test's own."""
DAY = 86_400_000
EVIL = "X\x1b[2J\x07[red]Y[/]\u202e"
"""What a hostile text may hold: an escape sequence, a bell, markup, a right-to-left override."""


def sample(side: int = 1, minute: int = 0, **changes: Any) -> Signal:
    """An open signal, so many minutes after the first."""
    at = T0 + minute * MINUTE
    moved = {
        "close_time": at,
        "expires_at": at + 60 * MINUTE,
        "signal_id": f"{minute:x}".ljust(24, "a"),
    }
    return replace(opened(side), **{**moved, "market": "recording", **changes})


def ended(signal: Signal, high: float = 103.0, low: float = 99.5) -> Signal:
    """The signal, closed by bars that reach so far."""
    bars = [StoredBar(signal.close_time + n * MINUTE, 100.0, high, low, 100.0) for n in range(60)]
    end = settle(signal, bars)
    assert end is not None
    return settled(signal, end)


WON = ended(sample(minute=1))
LOST = ended(sample(minute=2, symbol="ETHUSDT"), high=100.5, low=98.0)
OPEN = sample(-1, minute=3, symbol="SOLUSDT")
SIGNALS = [public(one) for one in (OPEN, LOST, WON)]


def page(name: str, rows: list[Any], cursor: str | None = None) -> dict[str, Any]:
    return {name: rows, "count": len(rows), "cursor": cursor, "unreadable": 0}


def health(**changes: Any) -> dict[str, Any]:
    return {
        "status": "ok", "uptime_seconds": 3_700,
        "components": {"database": "ok", "feed": "ok", "streams": "ok"},
        "feed_age_seconds": 4.2, "lag_ms": 1_500, "watermark": T0, "market": "recording",
        "symbols": 3, "policy_digest": "5dd6a6097a63", "policy_name": "default",
        "code_version": "4.0.0+test",
    } | changes  # fmt: skip


def scores(long: float, short: float) -> dict[str, Any]:
    def one(score: float) -> dict[str, Any]:
        parts: dict[str, float | None] = dict.fromkeys(COMPONENTS, score)
        parts["oi"] = None
        return {
            "score": score, "coverage": 0.85, "components": parts, "missing": ["oi"],
            "backed": True,
        }  # fmt: skip

    return {"long": one(long), "short": one(short)}


def decision(verdict: str = "below_threshold", minute: int = 0, **changes: Any) -> dict[str, Any]:
    return {
        "symbol": "BTCUSDT", "close_time": T0 + minute * MINUTE, "verdict": verdict,
        "direction": "long", "price": 100.0, "scores": scores(0.41, 0.2),
        "reason": "long scores 41%, 50% needed", "events": ["ema_cross"], "signal_id": None,
        "market": "recording", "policy_digest": "5dd6a6097a63", "strategy": "classic",
    } | changes  # fmt: skip


DECISIONS = [
    decision("emitted", 5, signal_id=WON.signal_id, reason="long scores 65.0%"),
    decision(minute=4), decision("cooldown", 3, reason="cooling down for another 2 min"),
    decision(minute=2), decision("insufficient_data", 1, direction=None, reason="data for 40 %"),
]  # fmt: skip

EVENTS = [
    {
        "symbol": "BTCUSDT", "timestamp": T0 / 1000, "close_time": T0, "event_type": "ema_cross",
        "interval": "5m", "direction": "long", "strength": 0.5,
        "details": {"spread": 1.25, "atr": 2.0}, "strategy": "classic",
    },
]  # fmt: skip


def bars(first: int, count: int) -> list[list[float]]:
    """Minutes that go up and down around 100."""
    rows = []
    for n in range(count):
        middle = 100.0 + (n % 7) * 0.3 - (n % 5) * 0.2
        rows.append(
            [first + n * MINUTE, middle, middle + 0.4, middle - 0.4, middle + 0.1 * (-1) ** n, 9.0]
        )
    return rows


def detail(signal: Signal = WON, **changes: Any) -> dict[str, Any]:
    """All that is known of a signal."""
    against = Event("vwap_reclaim", "1m", "short", 0.25, {})
    signal = replace(signal, events=(*signal.events, against))
    full = decision("emitted", 1) | {
        "events": [asdict(one) for one in signal.events], "quality": asdict(signal.quality),
        "code_version": "4.0.0", "opinion": None, "protections": [], "behind": {},
        "scores": scores(0.65, 0.2),
    }  # fmt: skip
    del full["strategy"]  # the signal has it
    neighbour = {
        "close_time": signal.close_time - 5 * MINUTE, "verdict": "cooldown", "direction": "long",
        "score": 0.55, "reason": "cooling down for another 2 min", "signal_id": None,
    }  # fmt: skip
    receipt = {
        "kind": "opened", "channel": "telegram:424242", "state": "delivered", "attempts": 2,
        "bar_closed_at": T0 - 300, "stored_at": T0 + 88, "published_at": T0 + 130,
        "sent_at": T0 + 900, "latency_ms": 812, "message_id": 7,
    }  # fmt: skip
    return {
        "signal": public(signal), "decision": full, "events": full["events"], "features": {},
        "receipts": [receipt], "bars": bars(signal.close_time - 60 * MINUTE, 90),
        "neighbours": [neighbour],
    } | changes  # fmt: skip


def performance(*signals: Signal) -> dict[str, Any]:
    """The track record of closed signals, by the core's own arithmetic."""
    closed = closed_ones(signals or (WON, LOST))
    names = {"policy_digest": "5dd6a6097a63", "policy_name": "default", "market": "recording"}
    others = {"policy_digest": "0123456789ab", "policy_name": None, "market": "simulated", "n": 7}
    return {
        "as_of": T0, "n": len(closed), "truncated": False, "unreadable": 0, "days": 30, **names,
        "policies": [names | {"n": len(closed)}, others], **track_record(closed, T0 // DAY),
        "periods": periods(closed), "calibration": calibration(closed),
        "excursions": excursions(closed),
    }  # fmt: skip


def what_if(**changes: Any) -> dict[str, Any]:
    """A page of two past signals under other rules, a third left out."""
    ended = {
        "outcome": "tp_hit", "closed_at": T0, "exit_price": 101.0, "net_pct": 0.88,
        "gross_pct": 1.0, "ambiguous": False,
    }  # fmt: skip
    row = {
        "signal_id": WON.signal_id, "symbol": "BTCUSDT", "direction": "long", "close_time": T0,
        "score": 0.62, "published": ended, "what_if": ended, "left_out": None,
    }  # fmt: skip
    sums = {
        "n": 2, "wins": 1, "net_sum": 500_000, "gross_sum": 740_000, "tp_hits": 1, "sl_hits": 1,
        "expired": 0, "left": 0, "ambiguous": 1,
    }  # fmt: skip
    return {
        "as_of": T0, "days": 30, "unreadable": 0, "cursor": None, "count": 3,
        "rules": {"tp_atr": 3.0, "sl_atr": None, "ttl_minutes": 30, "threshold": None},
        "signals": [row, row, row | {"what_if": None, "left_out": "no_bars"}],
        "published": sums, "what_if": sums | {"net_sum": -300_000},
        "left_out": dict.fromkeys(LEFT_OUT, 0) | {"no_bars": 1},
        "policy_digest": "5dd6a6097a63", "policy_name": "default", "market": "recording",
    } | changes  # fmt: skip


EQUITY = {
    "equity": [
        {"day": "2025-05-18", "closed": 2, "net_pct": 1.2, "equity_pct": 1.2, "drawdown_pct": 0.0},
        {"day": "2025-05-19", "closed": 3, "net_pct": -2.0, "equity_pct": -0.8,
         "drawdown_pct": -2.0},
    ],
    "policy_digest": "5dd6a6097a63", "policy_name": "default",
    "market": "recording",
}  # fmt: skip
assert equity_by_day({}) == []  # the rows above are of its form

STATS = {
    "total_signals": 3, "wins": 1, "losses": 1, "tp_hits": 1, "sl_hits": 1, "expired": 0,
    "left": 0, "ambiguous": 0, "forced": 0, "win_rate": 0.5, "avg_return": 0.38,
    "avg_gross_return": 0.5, "total_return": 0.76, "best_return": 1.88, "worst_return": -1.12,
    "n": 2, "best_symbol": "BTCUSDT", "worst_symbol": "ETHUSDT", "open_signals": 1,
    "by_direction": {"long": 2, "short": 1},
    "by_status": {"open": 1, "tp_hit": 1, "sl_hit": 1, "expired": 0, "left": 0},
    "market": "recording",
    "policy_digest": "5dd6a6097a63", "policy_name": "default",
}  # fmt: skip

TOP = {
    "top": [
        {
            "symbol": name, "direction": "long", "score": score, "long_score": score,
            "short_score": 0.1, "components": dict.fromkeys(COMPONENTS, score), "missing": missing,
            "backed": False, "price": 100.5, "tick_size": 0.1, "close_time": T0, "warm": warm,
        }
        for name, score, missing, warm in (
            ("BTCUSDT", 0.62, [], True), ("ETHUSDT", 0.4, ["oi"], True), ("SOLUSDT", 0.1, [], False)
        )
    ],
    "time": T0,
}  # fmt: skip

GAP = {
    "symbol": "BTCUSDT", "stream": "kline", "cause": "disconnected", "start": T0,
    "end": T0 + 90_000, "noticed_at": T0 + 91_000, "repaired_at": T0 + 95_000,
    "bars_missing": 2, "bars_repaired": 2, "outcome": "repaired", "detail": "",
    "gap_id": "00", "time": T0, "market": "recording", "task": "local",
}  # fmt: skip
COST = {
    "since": T0, "hours": 12.0, "usd_estimate": 0.4321, "basis": "Counted: 12.0 h. Assumed: more.",
    "billed": False, "own_pace": True,
    "region": "ap-northeast-1", "priced_on": "2026-11-22", "counted": {"closes": 2160.0},
    "by_service": [
        {"service": "Kinesis", "standing_usd": 0.42, "moving_usd": 0.0081, "usd": 0.4281},
        {"service": "SNS", "standing_usd": 0.0, "moving_usd": 0.004, "usd": 0.004},
    ],
    "months": [
        {"symbols": 3, "usd": 35.5, "watching_usd": 0.7, "front_usd": 0.6,
         "channels_usd": 0.5, "by_service": {"Kinesis": 14.3, "SNS": 21.2}},
        {"symbols": 500, "usd": 1144.0, "watching_usd": 0.7, "front_usd": 0.6,
         "channels_usd": 0.5, "by_service": {"Kinesis": 144.0, "SNS": 1000.0}},
    ],
}  # fmt: skip
SYSTEM = {
    "hops": [
        {"name": "commit to telegram", "p50_ms": 850, "p95_ms": 12_400, "n": 14},
        {"name": "close to commit", "p50_ms": None, "p95_ms": None, "n": 0},
    ],
    "queues": {"telegram": 0, "telegram_dead": 1, "dead_letters": 0},
    "cost": COST,
    "feed": {"cpu_percent": 12.5, "reconnects": 0, "stream_ages_ms": {"kline": 400}},
    "websocket_clients": 2,
}  # fmt: skip
LEGACY = {
    "system": {"cpu_percent": 12.3, "rss_mb": 85.4, "threads": None, "uptime_seconds": 3_600},
    "counters": {
        "events_triggered": 142, "signals_emitted": 23, "telegram_sent": 23, "signal_long": 12,
        "signal_short": None,
    },
    "gauges": {"signal_queue_size": None, "telegram_queue_size": 0},
}  # fmt: skip
SYMBOLS = {
    "symbols": ["BTCUSDT", "ETHUSDT", "SOLUSDT"], "count": 3,
    "prices": {"BTCUSDT": 105_191.7, "ETHUSDT": 2_436.32},
    "tick_sizes": {"BTCUSDT": 0.1, "ETHUSDT": 0.01}, "time": T0,
    "lot_sizes": {"BTCUSDT": {"step": 0.001, "min_quantity": 0.001, "min_notional": 100.0}},
    "costs": {"fee_bps": 5.0, "slippage_bps": 1.0},
}  # fmt: skip
EVENT_STATS = {
    "total": 5, "by_type": {"ema_cross": 4, "volume_spike": 1},
    "by_symbol": {"BTCUSDT": 5}, "day": "2025-05-19", "truncated": False, "unreadable": 0,
}  # fmt: skip


def strategy(name: str, status: str, **more: Any) -> dict[str, Any]:
    """A parameter set without results."""
    stem, _, label = name.partition("@")
    return {
        "name": name,
        "strategy": stem,
        "set": label or "default",
        "status": status,
        "since": 1_747_656_000_000,
        "changes": 1,
        "reason": "",
        "evidence": "",
        "promotion": None,
        "digest": "0f3c58a1d2b4",
        "parameters": {"days": 10.0},
        "rules": {},
        "open": 1,
        "closed": 0,
        "wins": 0,
        "win_rate": None,
        "win_rate_low": None,
        "win_rate_high": None,
        "total_return": 0.0,
        "avg_return": None,
        "avg_return_low": None,
        "avg_return_high": None,
        "last_signal": None,
    } | more


STRATEGIES = {
    "strategies": [
        strategy(
            "classic",
            "live",
            since=None,
            closed=40,
            wins=20,
            win_rate=0.5,
            win_rate_low=0.352,
            win_rate_high=0.648,
            total_return=12.3,
            avg_return=0.31,
            avg_return_low=-0.14,
            avg_return_high=0.76,
            last_signal=1_747_656_000_000,
            parameters={},
            evidence="no edge shown (the default policy, docs/evidence.md)",
        ),
        strategy("donchian@fast", "shadow"),
        strategy("my_idea", "parked", reason="my_idea.py, line 7: ZeroDivisionError"),
    ],
    "count": 3,
    "market": "live",
}


def everything() -> dict[str, Any]:
    """What a healthy stack answers, by path."""
    return {
        "/health": health(), "/symbols": SYMBOLS, "/signals": page("signals", SIGNALS),
        "/signals/stats": STATS, f"/signals/{WON.signal_id}": detail(),
        f"/signals/{OPEN.signal_id}": detail(OPEN), "/decisions": page("decisions", DECISIONS),
        "/events": page("events", EVENTS), "/events/stats": EVENT_STATS,
        "/performance": performance(), "/equity": EQUITY, "/top": TOP,
        "/performance/what-if": what_if(),
        "/strategies": STRATEGIES,
        "/gaps": page("gaps", [GAP]) | {"day": "2025-05-19"}, "/system": SYSTEM,
        "/metrics/legacy": LEGACY,
    }  # fmt: skip
