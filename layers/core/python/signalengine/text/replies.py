"""Replies of the bot: to commands, about signals, and about the engine.

Texts are Telegram HTML under the rules of `messages`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from ..facts.markets import Market
from .formatting import (
    LABELS,
    MAX_NAMES,
    NOTES,
    SIDES,
    duration,
    joined,
    latency,
    listed,
    percent,
    plain,
    points,
    quoted,
    score,
    when,
    words,
)
from .messages import component_title, components_words

COMMANDS: Final[tuple[tuple[str, str], ...]] = (
    ("start", "What this bot does"),
    ("help", "The commands"),
    ("top", "Which symbols score highest now"),
    ("signals", "The newest signals, of a SYMBOL too"),
    ("status", "Is the engine up, and how old is its data"),
    ("stats", "How signals have ended so far, of a STRATEGY too"),
    ("performance", "How signals of a SYMBOL have ended"),
    ("explain", "Why a signal opened: its ID, a SYMBOL or latest"),
    ("size", "Position size: a SYMBOL or ID, account, risk like 1%"),
    ("subscribe", "Get signals: [symbols] [strategy] [long|short] [min 60]"),
    ("unsubscribe", "Get no more signals"),
    ("mute", "No new signals for a while, like 2h"),
    ("unmute", "Get new signals again"),
    ("quiet", "No new signals at night, like 23-07, or off"),
    ("timezone", "Your time zone, like Europe/Zurich"),
    ("forget", "Remove what is stored about this chat"),
)
ADMIN_COMMANDS: Final[tuple[tuple[str, str], ...]] = (
    ("subscribers", "Who gets which signals"),
    ("parked", "Chats that refuse us, and why"),
    ("resume", "Try a parked CHAT again now"),
    ("remove", "End the subscription of a CHAT"),
    ("broadcast", "Send a message to all subscribers"),
)

_MAX_ROWS = 10  # signals or symbols in one answer
_FEW = 30  # statistics of fewer signals are noise
_SILENT_MS = 60_000  # heartbeats come every 10 s: this long without one is a fault
_BAR = 10  # squares of a component's bar
_STATUS_MARKS = {"open": "🔵", "tp_hit": "🟢", "sl_hit": "🔴", "expired": "⚪️", "left": "⚪️"}


@dataclass(frozen=True, slots=True)
class EngineStatus:
    """What `/status` shows: the newest heartbeat, as received."""

    received_at: int
    """Wall-clock ms."""
    market_time: int
    """Exchange ms."""
    market: Market
    symbols: Sequence[str]
    stream_ages_ms: Mapping[str, int | None]
    reconnects: int
    gaps: int
    backlog: int
    open_signals: int


def start_text() -> str:
    return joined(
        "👋 <b>SignalEngine</b>",
        "",
        "I send a message when a signal opens on Binance USD-M futures, and reply to it when the "
        "signal ends: at its target (TP), its stop (SL) or after its time.",
        "",
        "/subscribe sends you all signals, or some of them:",
        "<code>/subscribe BTCUSDT ETHUSDT long min 60</code>",
        "Or just ask: <i>What's trending?</i>",
        "",
        "<i>Signals are computed on closed bars and are not financial advice.</i>",
    )


def help_text(*, admin: bool = False) -> str:
    """Return the commands; `admin` with those that only administrators may use."""
    extra = ["", "<b>For you as an administrator</b>", _lines(ADMIN_COMMANDS)] if admin else []
    return joined(
        "<b>Commands</b>",
        _lines(COMMANDS),
        *extra,
        "",
        "Or ask in your own words: <i>What's trending?</i>, <i>Show me best futures tokens</i>, "
        "<i>why BTC?</i> In groups, reply to me or name me.",
    )


def _lines(commands: Sequence[tuple[str, str]]) -> str:
    return "\n".join(f"/{name} - {about}" for name, about in commands)


def status_text(status: EngineStatus | None, now: int) -> str:
    """Return the answer to `/status` at wall time `now` (ms); None: no heartbeat yet."""
    if status is None:
        return joined("⚠️ <b>No data yet</b>", "The feed has sent no heartbeat so far.")
    silent_ms = now - status.received_at
    up = silent_ms < _SILENT_MS
    ages = list(status.stream_ages_ms.items())[:MAX_NAMES]
    streams = ", ".join(f"{words(name)} {_age(age)}" for name, age in ages)
    return joined(
        f"{LABELS[status.market]}"
        + ("✅ <b>Running</b>" if up else f"⚠️ <b>Silent for {duration(silent_ms)}</b>"),
        NOTES[status.market],
        f"Last heartbeat {duration(silent_ms)} ago, market time {when(status.market_time)}",
        f"Symbols: {listed(status.symbols)}",
        f"Streams: {streams}" if streams else None,
        f"Reconnects {status.reconnects}, gaps {status.gaps}, waiting records {status.backlog}",
        f"Open signals: {status.open_signals}",
    )


def _age(age_ms: int | None) -> str:
    return "no data yet" if age_ms is None else latency(age_ms)


def signals_text(
    rows: Sequence[Mapping[str, Any]], symbol: str | None = None, *, older: bool = False
) -> str:
    """Return the answer to `/signals` from `signals.public` forms, newest first."""
    of = f" of {plain(symbol, 30)}" if symbol else ""
    if not rows:
        return "No older signals." if older else f"No signals{of} yet."
    title = f"<b>{'Older' if older else 'Newest'} signals{of}</b>"
    return joined(title, *(_row(row) for row in rows[:_MAX_ROWS]))


def _row(row: Mapping[str, Any]) -> str:
    status, symbol = row["status"], row["symbol"]
    how = status.replace("_", " ")
    if row["return_pct"] is not None:
        how = f"{how.upper()} {percent(row['return_pct'])}"
    title = f"{plain(row['direction'].upper(), 5)} {plain(symbol, 30)}"
    strategy = row.get("strategy", "classic")
    if strategy != "classic":
        how = f"{how} · {plain(strategy, 90)}"
    return (
        f"\n{_STATUS_MARKS[status]} {LABELS[row['market']]}<b>{title}</b> {how}\n"
        f"   {score(row['score'])} at {quoted(symbol, row['entry_price'], row.get('tick_size'))}, "
        f"{when(row['close_time'])}"
    )


def stats_text(stats: Mapping[str, Any], strategy: str = "") -> str:
    """Return the answer to `/stats` from what `GET /signals/stats` gives, of `classic` or a set."""
    market, count = stats["market"], stats["n"]
    label = LABELS.get(market, "")
    of = f" of {plain(strategy, 90)}" if strategy else ""
    if not count:
        return f"{label}No closed signals{of} yet. Open: {stats['open_signals']}"
    return joined(
        f"{label}📈 <b>{count} closed signal{'s' if count > 1 else ''}{of}</b>",
        NOTES.get(market),
        f"Wins {stats['wins']}, losses {stats['losses']} ({score(stats['win_rate'])} win)",
        _ends(stats),
        f"Average {percent(stats['avg_return'])} net a signal",
        f"Best {percent(stats['best_return'])}, worst {percent(stats['worst_return'])}",
        f"Open: {stats['open_signals']}",
        "<i>Fewer than 30 signals prove nothing.</i>" if count < _FEW else None,
        f"{plain(strategy, 90) or 'policy'} <code>{plain(stats['policy_digest'][:8], 8)}</code>",
    )


def _ends(row: Mapping[str, Any]) -> str:
    left = f", left {row['left']}" if row.get("left") else ""
    return f"TP {row['tp_hits']}, SL {row['sl_hits']}, expired {row['expired']}{left}"


def top_text(found: Mapping[str, Any], market: str | None) -> str:
    """Return the answer to `/top` from what `GET /top` gives."""
    rows = found["top"][:_MAX_ROWS]
    label = LABELS.get(market or "", "")
    if not rows:
        return f"{label}No symbol has a score yet: the engine is warming up."
    return joined(
        f"{label}🏆 <b>Scores now</b>",
        NOTES.get(market or ""),
        *(_top_row(at, row) for at, row in enumerate(rows, start=1)),
        "",
        f"⏰ {when(max(row['close_time'] for row in rows))} (close of the 1m bar)",
        "<i>A score alone opens no signal: that takes an event, fresh data and no cooldown.</i>",
    )


def _top_row(at: int, row: Mapping[str, Any]) -> str:
    symbol = row["symbol"]
    side = (row["direction"] or "no side").upper()
    warming = "" if row["warm"] else " · warming up"
    parts = components_words(row["components"])
    return joined(
        f"\n{at}. {SIDES.get(row['direction'], '⚪️')} <b>{plain(side, 8)} {plain(symbol, 30)}</b> "
        f"{score(row['score'])} at {quoted(symbol, row['price'], row['tick_size'])}{warming}",
        f"   {parts}" if parts else None,
    )


def performance_text(symbol: str, row: Mapping[str, Any] | None, market: str | None) -> str:
    """Return the answer to `/performance SYMBOL` from its row of `GET /performance/stats`."""
    label, name = LABELS.get(market or "", ""), plain(symbol, 30)
    if row is None or not row["total_signals"]:
        return f"{label}No signal of {name} has closed yet."
    count = row["total_signals"]
    return joined(
        f"{label}📈 <b>{name}</b>: {count} closed signal{'s' if count > 1 else ''}",
        NOTES.get(market or ""),
        f"Wins {row['wins']}, losses {row['losses']} ({score(row['win_rate'])} win)",
        _ends(row),
        f"Average {percent(row['avg_return'])} net a signal, {percent(row['total_return'])} in all",
        f"Best {percent(row['best_return'])}, worst {percent(row['worst_return'])}",
        "<i>Fewer than 30 signals prove nothing.</i>" if count < _FEW else None,
    )


def explain_text(found: Mapping[str, Any]) -> str:
    """Return why a signal opened, from what `GET /signals/{signal_id}` gives."""
    row, decision = found["signal"], found.get("decision")
    parts = sorted(
        ((name, value) for name, value in row["components"].items() if value is not None),
        key=lambda part: -part[1],
    )
    bars = [f"{component_title(name)} <code>{_bar(value)}</code> {points(value)}"
            for name, value in parts[:MAX_NAMES]]  # fmt: skip
    events = [
        f"⚡ {words(event['kind'])} {plain(event['interval'], 8)} {event['direction']}, "
        f"strength {points(event['strength'])}"
        for event in row["events"][:MAX_NAMES]
    ]
    missing = ", ".join(component_title(name) for name in row["missing"][:MAX_NAMES])
    reason = plain(decision["reason"], 300) if decision else "the decision is no longer stored"
    return joined(
        f"🔎 <b>Why {plain(row['direction'].upper(), 5)} {plain(row['symbol'], 30)}</b>",
        f"Score <b>{score(row['score'])}</b>: {reason}",
        "",
        *bars,
        f"⚠️ Not counted, no data: {missing}" if missing else None,
        *events,
        "",
        f"⏰ {when(row['close_time'])} (close of the 1m bar)",
        f"<code>{plain(row['id'], 40)}</code> · policy "
        f"<code>{plain(row['policy_digest'][:8], 8)}</code>",
    )


def _bar(value: float) -> str:
    full = round(max(0.0, min(1.0, value)) * _BAR)
    return "█" * full + "░" * (_BAR - full)


def chat_text(answer: Mapping[str, Any]) -> str:
    """Return a chat's answer for Telegram: escaped text, whatever wrote it."""
    lines = [plain(line, 2_500) for line in str(answer["answer"])[:2_500].splitlines()]
    return joined(*lines, "", f"<i>{plain(str(answer['disclaimer']), 200)}</i>")
