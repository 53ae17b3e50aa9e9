"""Responses of the HTTP API besides lists of signals, made up around the sample signals.

Their types are the API's own, checked by mypy; the numbers come from a seed and from the signals
given.
"""

import random
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any, Final, Literal, cast

from signalengine.facts.feed import GapFact
from signalengine_aws.api import field_types
from signalengine_aws.api.endpoints import feed as feed_shapes
from signalengine_aws.api.endpoints import market as market_shapes
from signalengine_aws.api.endpoints import performance_shapes as record_shapes
from signalengine_aws.api.endpoints import service as service_shapes
from signalengine_aws.api.endpoints import signals as signal_shapes
from signalengine_aws.api.endpoints import strategies as strategy_shapes
from signalengine_aws.costs.bill import bill, usd
from signalengine_aws.costs.prices import HOURS_A_MONTH
from signalengine_aws.costs.shapes import Cost
from signalengine_aws.costs.usage import RECORDED, lasting
from signalengine_aws.stores.gaps import public

from tests.browser.records import further
from tests.browser.samples import MINUTE_MS, NOON, POLICY, PRICES

Row = Mapping[str, Any]
HOUR_MS: Final = 60 * MINUTE_MS
DAY_MS: Final = 24 * HOUR_MS
OTHER_POLICY: Final = "0ther0d1gest"
FEW: Final = 30


def health(status: Literal["ok", "degraded"] = "ok") -> service_shapes.Health:
    streams = "ok" if status == "ok" else "silent: kline"
    return {
        "status": status,
        "uptime_seconds": 8_040,
        "components": {"database": "ok", "feed": "ok", "streams": streams, "gaps": "ok"},
        "feed_age_seconds": 3.2,
        "lag_ms": 840,
        "watermark": NOON,
        "market": "simulated",
        "symbols": len(PRICES),
        "policy_digest": POLICY,
        "policy_name": "default",
        "code_version": "4.0.0",
        "gaps": {"open": 0, "last_24h": 2, "lost_bars_24h": 0},
    }


def symbols() -> market_shapes.Symbols:
    return {
        "symbols": list(PRICES),
        "count": len(PRICES),
        "prices": PRICES,
        "tick_sizes": {},
        "lot_sizes": {"BTCUSDT": {"step": 0.001, "min_quantity": 0.001, "min_notional": 100.0}},
        "costs": {"fee_bps": 5.0, "slippage_bps": 1.0},
        "time": NOON,
    }


def top() -> market_shapes.Top:
    chance = random.Random(3)
    ranked: list[market_shapes.CurrentScores] = []
    for symbol, price in PRICES.items():
        long, short = chance.uniform(0.1, 0.6), chance.uniform(0.1, 0.6)
        ranked.append(
            {
                "symbol": symbol,
                "direction": "long" if long > short else "short",
                "score": max(long, short),
                "long_score": long,
                "short_score": short,
                "components": {"trend": long, "vwap": short, "event": None},
                "price": price,
                "close_time": NOON,
                "missing": ["event"],
                "backed": symbol == "BTCUSDT",
                "warm": symbol != "LINKUSDT",
            }
        )
    return {"top": sorted(ranked, key=lambda one: -one["score"]), "time": NOON}


def events() -> market_shapes.Events:
    kinds = ("ema_cross", "volume_spike", "structure_break", "vwap_reclaim", "oi_expansion")
    rows: list[market_shapes.ListedEvent] = [
        {
            "symbol": symbol,
            "timestamp": (NOON - n * MINUTE_MS) / 1000,
            "close_time": NOON - n * MINUTE_MS,
            "event_type": kinds[n % len(kinds)],
            "interval": "5m",
            "direction": "long" if n % 2 else "short",
            "strength": 0.3 + n / 20,
            "details": {"ratio": 2.5},
            "strategy": "classic",
        }
        for n, symbol in enumerate(PRICES)
    ]
    return {"events": rows, "count": len(rows), "cursor": None}


def explained(row: Row) -> signal_shapes.SignalDetail:
    """Everything stored about one signal: its decision, bars, receipts and neighbours."""
    signal = cast("signal_shapes.Signal", row)
    return {
        "signal": signal,
        "decision": _decision(signal),
        "events": signal["events"],
        "features": {name: {"rsi": 61.2, "atr": 12.5} for name in ("15m", "1h", "1m", "5m")},
        "receipts": [_receipt(row, "opened")],
        "bars": bars(row),
        "neighbours": [_neighbour(row, -12, "cooldown"), _neighbour(row, 9, "below_threshold")],
    }


def bars(row: Row) -> list[list[float]]:
    """Return 1m bars around a signal, until after its end."""
    chance = random.Random(row["close_time"])
    ended = row["closed_at"]
    last = int(ended * 1000) if ended else row["close_time"] + 10 * MINUTE_MS
    start, end = row["close_time"] - HOUR_MS, last + 15 * MINUTE_MS
    price, out = float(row["entry_price"]), []
    for time in range(start, end, MINUTE_MS):
        step = chance.uniform(-1, 1) * float(row["atr"]) * 0.2
        high, low = max(price, price + step), min(price, price + step)
        out.append([time, price, high, low, price + step, chance.uniform(1, 90)])
        price += step
    return out


CHART_BARS: Final = 900
LENGTHS: Final = {"1m": 1, "5m": 5, "15m": 15, "1h": 60, "4h": 240, "1d": 1_440}


def chart(query: Mapping[str, str], grown: int = 0) -> market_shapes.Chart:
    """A page of a symbol's chart, as of NOON and `grown` bars more."""
    symbol = query["symbol"]
    interval = cast("Literal['1m', '5m', '15m', '1h', '4h', '1d']", query.get("interval", "1m"))
    every = _walk(symbol, interval, CHART_BARS + grown)
    length = LENGTHS[interval] * MINUTE_MS
    end = int(query.get("cursor", "0")) or int(query.get("to", "0")) or int(every[-1][0]) + 1
    before = [bar for bar in every if bar[0] < end]
    shown = before[-int(query["limit"]) :]
    first = len(before) - len(shown)
    chosen = query.get("overlays", "").split(",")
    return {
        "symbol": symbol,
        "interval": interval,
        "tick_size": 0.01,
        "bars": shown,
        "count": len(shown),
        "overlays": _overlays(chosen, shown, first),
        "events": _chart_events(shown, length) if "events" in chosen else None,
        "scores": _chart_scores(shown, length, first) if "scores" in chosen else None,
        "strategies": [_chart_strategy(shown, length)] if "strategies" in chosen else None,
        "cursor": str(int(shown[0][0])) if first > 0 else None,
        "unreadable": 0,
    }


def _walk(symbol: str, interval: str, count: int) -> list[list[float]]:
    """Bars of a symbol, the same each time, of which all but those that grew end at NOON."""
    chance = random.Random(f"{symbol} {interval}")
    length = LENGTHS[interval] * MINUTE_MS
    newest = NOON - NOON % length - length
    price, found = PRICES.get(symbol, 100.0), []
    for n in range(count):
        step = price * chance.uniform(-0.001, 0.001)
        high, low = max(price, price + step) * 1.0003, min(price, price + step) * 0.9997
        time = float(newest + (n - CHART_BARS + 1) * length)
        found.append([time, price, high, low, price + step, chance.uniform(1, 90)])
        price += step
    return found


OVERLAYS: Final = {
    "ema": ("ema_9", "ema_21", "ema_50"),
    "vwap": ("vwap",),
    "bands": ("bb_mid", "bb_upper", "bb_lower"),
    "profile": ("poc", "vah", "val"),
    "swings": ("swing_high", "swing_low"),
}
WARM: Final = 100
"""Bars of the walk before which nothing is known."""


def _overlays(
    chosen: Sequence[str], bars: Sequence[Sequence[float]], first: int
) -> dict[str, list[float | None]]:
    names = [name for group in chosen for name in OVERLAYS.get(group, ())]
    return {
        name: [
            None if first + at < WARM else bar[4] * (1 + 0.0004 * (place - len(names) / 2))
            for at, bar in enumerate(bars)
        ]
        for place, name in enumerate(names)
    }


def _chart_events(bars: Sequence[Sequence[float]], length: int) -> market_shapes.ChartEvents:
    return {
        "since": int(bars[0][0]),
        "rows": [
            {
                "close_time": int(bar[0]) + length,
                "event_type": "ema_cross",
                "interval": "5m",
                "direction": "long" if int(bar[0]) // length % 2 else "short",
                "strength": 0.4,
            }
            for bar in bars
            if int(bar[0]) // length % 13 == 0
        ],
    }


def _chart_scores(
    bars: Sequence[Sequence[float]], length: int, first: int
) -> market_shapes.ChartScores:
    def side(shift: int) -> market_shapes.ChartSide:
        scores = [0.2 + (first + at + shift) % 40 / 80 for at in range(len(bars))]
        none: list[float | None] = [None] * len(bars)
        return {"score": scores, "components": {"trend": [*scores], "oi": none}}

    return {
        "basis": "closes" if length == MINUTE_MS else "decisions",
        "since": int(bars[0][0]),
        "close_times": [int(bar[0]) + length for bar in bars],
        "long": side(0),
        "short": side(20),
    }


def _chart_strategy(bars: Sequence[Sequence[float]], length: int) -> market_shapes.ChartStrategy:
    times = [int(bar[0]) + length for bar in bars][::20]
    return {
        "strategy": "donchian",
        "status": "shadow",
        "every": "1d",
        "close_times": times,
        "values": [
            {
                "name": "highest",
                "price": True,
                "about": "highest high of the days before",
                "points": [float(bar[2]) * 1.002 for bar in bars][::20],
            }
        ],
    }


def totals(rows: Sequence[Row]) -> dict[str, Any]:
    """Return what the page uses of `/signals/stats`."""
    counts = dict.fromkeys(("open", "tp_hit", "sl_hit", "expired", "left"), 0)
    for row in rows:
        counts[row["status"]] += 1
    return {
        "by_status": counts,
        "policy_digest": POLICY,
        "policy_name": "default",
        "market": "simulated",
    }


def longer(rows: Sequence[Row], query: Mapping[str, str]) -> market_shapes.Bars:
    """Return closed bars of an interval: around the symbol's newest signal, else its newest."""
    interval = cast("Literal['1m', '5m', '15m', '1h', '4h', '1d']", query["interval"])
    own = [row for row in rows if row["symbol"] == query["symbol"]]
    if "from" not in query or not own:
        found = chart({**query, "limit": query.get("limit", "500"), "overlays": ""})["bars"]
        since = int(query.get("from", "0"))
        shown = [bar for bar in found if bar[0] >= since]
    else:
        newest = max(own, key=lambda row: int(row["close_time"]))
        length = LENGTHS[interval] * MINUTE_MS
        until = bars(newest)[-1][0] + MINUTE_MS
        times = range(-(-int(query["from"]) // length) * length, int(until) - length + 1, length)
        price = float(newest["entry_price"])
        shown = [[float(time), price, price * 1.002, price * 0.998, price, 50.0] for time in times]
    return {"symbol": query["symbol"], "interval": interval, "bars": shown, "count": len(shown)}


def performance(rows: Sequence[Row], query: Mapping[str, str]) -> record_shapes.Performance:
    """Return the results of the closed rows; ratios are withheld below 30, as the API does."""
    policy = query.get("policy", POLICY)
    closed = sorted((r for r in rows if r["closed_at"]), key=lambda r: float(r["closed_at"]))
    for name in ("symbol", "direction"):
        if name in query:
            closed = [row for row in closed if row[name] == query[name]]
    nets = [float(row["return_pct"]) for row in closed]
    enough = len(nets) >= FEW
    by_symbol = {str(row["symbol"]) for row in closed}
    return {
        **further(closed),  # type: ignore[typeddict-item]
        "n": len(nets),
        "truncated": False,
        "days": int(query.get("days", "30")),
        "policies": [
            {
                "policy_digest": POLICY,
                "policy_name": "default",
                "market": "simulated",
                "n": len(nets),
            },
            {"policy_digest": OTHER_POLICY, "policy_name": None, "market": "simulated", "n": 7},
        ],
        "policy_digest": policy,
        "policy_name": "default" if policy == POLICY else None,
        "market": "simulated",
        "summary": _summary(nets, enough=enough),
        "by_symbol": [_group(s, closed, "symbol") for s in sorted(by_symbol)],
        "by_hour": [_group(f"{h:02}", closed[h::24], None) for h in range(24)],
        "by_event": [_group("ema_cross", closed[::2], None)],
        "by_direction": [_group(d, closed, "direction") for d in ("long", "short")],
        "histogram": {"edges": [-1.5, -0.75, 0.0, 0.75, 1.5], "counts": [4, 9, 3, 5]},
        "equity": _equity(closed),
    }


def equity(rows: Sequence[Row], query: Mapping[str, str]) -> record_shapes.Equity:
    """Return the equity of two days; that of another strategy than `classic` is the reverse."""
    closed = [row for row in rows if row["closed_at"]]
    side = 1 if query.get("strategy", "classic") == "classic" else -1
    days: list[record_shapes.EquityDay] = [
        {
            "day": f"2025-05-{18 + n}",
            "closed": len(part),
            "net_pct": 0.5,
            "equity_pct": side * (0.5 + n * 0.4),
            "drawdown_pct": 0.2 * n,
        }
        for n, part in enumerate((closed[::2], closed[1::2]))
        if part
    ]
    return {
        "equity": days,
        "policy_digest": POLICY,
        "policy_name": "default",
        "market": "simulated",
    }


def strategies(*more: strategy_shapes.ListedStrategy) -> strategy_shapes.Strategies:
    """Return `classic`, and other sets beside it."""
    classic = strategy(
        "classic", "live", closed=40, wins=18, win_rate=0.45, win_rate_low=0.307,
        win_rate_high=0.602, total_return=-3.2, avg_return=-0.08, avg_return_low=-0.42,
        avg_return_high=0.26, last_signal=NOON, parameters={}, since=None,
    )  # fmt: skip
    rows = [classic, *more]
    return {"strategies": rows, "count": len(rows), "market": "simulated"}


def strategy(
    name: str, status: Literal["live", "shadow", "off", "parked"], **changes: Any
) -> strategy_shapes.ListedStrategy:
    """Return a parameter set without results, but for the changes."""
    stem, _, label = name.partition("@")
    row = {
        "name": name, "strategy": stem, "set": label or "default", "status": status,
        "since": NOON - HOUR_MS, "changes": 1, "reason": "", "evidence": "", "promotion": None,
        "digest": "0f3c58a1d2b4",
        "parameters": {"days": 10.0, "sl": 2.0}, "rules": {}, "open": 0, "closed": 0, "wins": 0,
        "win_rate": None, "win_rate_low": None, "win_rate_high": None, "total_return": 0.0,
        "avg_return": None, "avg_return_low": None, "avg_return_high": None, "last_signal": None,
    }  # fmt: skip
    return cast("strategy_shapes.ListedStrategy", row | changes)


def system(cost: Cost) -> service_shapes.System:
    return {
        "hops": [
            {"name": "bar close to commit", "p50_ms": 640, "p95_ms": 1_480, "n": 96},
            {"name": "commit to Telegram", "p50_ms": 310, "p95_ms": 2_100, "n": 96},
        ],
        "queues": {"telegram": 0, "telegram_dead": 1, "dead_letters": 0},
        "cost": cost,
        "feed": {
            "reconnects": 2,
            "backlog": 0,
            "gaps": 1,
            "stream_ages_ms": {"kline": 900, "mark": 700, "liquidation": None},
            "metrics": {"cpu_percent": 3.1, "rss_bytes": 84_000_000, "open_signals": 2},
        },
        "websocket_clients": 1,
    }


RECORDED_MONTH: Final = lasting(HOURS_A_MONTH, 20, RECORDED)


def cost() -> Cost:
    """The estimate of a month with 20 symbols, by the model itself."""
    lines = bill(RECORDED_MONTH, 20)
    return {
        "since": NOON - 30 * 24 * HOUR_MS,
        "hours": HOURS_A_MONTH,
        "usd_estimate": usd(lines),
        "basis": "The basis in English.",
        "billed": True,
        "own_pace": False,
        "region": "ap-northeast-1",
        "priced_on": "2026-11-22",
        "counted": asdict(RECORDED_MONTH),
        "by_service": [
            {
                "service": line.service,
                "standing_usd": line.fixed,
                "moving_usd": line.variable,
                "usd": line.usd,
            }
            for line in lines
        ],
        "months": [
            {
                "symbols": 20,
                "usd": usd(lines),
                "watching_usd": 0.7,
                "front_usd": 0.6,
                "channels_usd": 0.5,
                "by_service": {},
            }
        ],
    }


def gaps() -> feed_shapes.GapList:
    fact = GapFact(
        time=NOON,
        market="simulated",
        task="local",
        symbol="ETHUSDT",
        stream="kline",
        cause="missing_bars",
        start=NOON - HOUR_MS,
        end=NOON - HOUR_MS + 3 * MINUTE_MS,
        noticed_at=NOON - HOUR_MS,
        repaired_at=NOON,
        bars_missing=3,
        bars_repaired=2,
        outcome="lost",
    )
    return {"gaps": [public(fact)], "count": 1, "cursor": None, "day": "2025-05-19"}


def chat(question: str) -> dict[str, Any]:
    return {
        "answer": f"You asked: {question}\nBTCUSDT leads with 61%.",
        "source": "rules",
        "used": ["top", "signals"],
        "disclaimer": "Not advice: composed by rules from the engine's own data.",
    }


# --- parts ---------------------------------------------------------------------------------------


def _decision(signal: signal_shapes.Signal) -> signal_shapes.FullDecision:
    weaker = {n: None if v is None else round(v * 0.4, 4) for n, v in signal["components"].items()}
    for_it = _side(signal["score"], signal["components"], backed=True)
    against = _side(round(signal["score"] * 0.4, 4), weaker, backed=False)
    long = signal["direction"] == "long"
    return {
        "symbol": signal["symbol"],
        "close_time": signal["close_time"],
        "verdict": "emitted",
        "direction": signal["direction"],
        "price": signal["entry_price"],
        "scores": {"long": for_it if long else against, "short": against if long else for_it},
        "events": signal["events"],
        "quality": signal["quality"],
        "market": signal["market"],
        "policy_digest": signal["policy_digest"],
        "code_version": signal["code_version"],
        "signal_id": signal["id"],
        "reason": "score 0.65 of 0.50",
        "opinion": None,
        "protections": [],
        "behind": {},
    }


def _side(
    score: float, parts: field_types.Components, *, backed: bool
) -> signal_shapes.DirectionScore:
    return {
        "score": score,
        "coverage": 0.85,
        "components": parts,
        "missing": ["oi"],
        "backed": backed,
    }


def _receipt(row: Row, kind: Literal["opened", "closed"]) -> signal_shapes.Receipt:
    return {
        "kind": kind,
        "channel": "telegram:-100",
        "state": "delivered",
        "attempts": 2,
        "bar_closed_at": row["close_time"],
        "stored_at": row["close_time"] + 488,
        "published_at": row["close_time"] + 520,
        "sent_at": row["close_time"] + 900,
        "latency_ms": 412,
        "message_id": 1234,
    }


def _neighbour(row: Row, minutes: int, verdict: str) -> signal_shapes.Neighbour:
    return {
        "close_time": row["close_time"] + minutes * MINUTE_MS,
        "verdict": verdict,
        "direction": row["direction"],
        "score": 0.47,
        "reason": f"because of {verdict}",
        "signal_id": None,
    }


def _shares(nets: Sequence[float]) -> tuple[int, float | None, float | None, float | None]:
    """Wins, the share of them, and an interval around that."""
    wins = sum(net > 0 for net in nets)
    if not nets:
        return 0, None, None, None
    rate = wins / len(nets)
    return wins, rate, max(0.0, rate - 0.1), min(1.0, rate + 0.1)


def _mean(nets: Sequence[float]) -> float | None:
    return sum(nets) / len(nets) if nets else None


def _summary(nets: Sequence[float], *, enough: bool) -> record_shapes.Summary:
    wins, rate, low, high = _shares(nets)
    mean = _mean(nets)
    return {
        "wins": wins,
        "win_rate": rate,
        "win_rate_low": low,
        "win_rate_high": high,
        "avg_return": mean,
        "avg_gross": None if mean is None else mean + 0.14,
        "total_return": sum(nets),
        "profit_factor": 0.84,
        "expectancy_r": -0.12,
        "max_drawdown": 3.4,
        "best": max(nets, default=None),
        "worst": min(nets, default=None),
        "sharpe_ratio": -0.11 if enough else None,
        "sortino_ratio": -0.15 if enough else None,
        "days": 1,
    }


def _group(key: str, rows: Sequence[Row], column: str | None) -> record_shapes.Row:
    nets = [float(r["return_pct"]) for r in rows if column is None or r[column] == key]
    wins, rate, low, high = _shares(nets)
    return {
        "key": key,
        "n": len(nets),
        "wins": wins,
        "win_rate": rate,
        "win_rate_low": low,
        "win_rate_high": high,
        "avg_return": _mean(nets),
    }


def _equity(closed: Sequence[Row]) -> list[record_shapes.EquityPoint]:
    out: list[record_shapes.EquityPoint] = []
    total = peak = 0.0
    for row in closed:
        total += float(row["return_pct"])
        peak = max(peak, total)
        out.append(
            {
                "time": int(row["closed_at"] * 1000),
                "signal_id": row["id"],
                "symbol": row["symbol"],
                "net_pct": row["return_pct"],
                "equity_pct": total,
                "drawdown_pct": peak - total,
            }
        )
    return out
