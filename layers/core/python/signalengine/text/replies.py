"""Replies of the bot: to commands, about signals, and about the engine.

Texts are Telegram HTML under the rules of `messages`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from ..exits.risk import result_of, reward_of
from ..facts.markets import Market
from .formatting import (
    MAX_NAMES,
    SIDES,
    duration,
    joined,
    label,
    latency,
    listed,
    note,
    percent,
    plain,
    points,
    quoted,
    score,
    side_of,
    when,
    words,
)
from .languages import counted, t
from .messages import (
    bar_line,
    component_title,
    components_words,
    ratio_line,
    result_text,
)
from .reasons import reason

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
    ("alert", "One message when a SYMBOL reaches a PRICE; off ends it"),
    ("alerts", "Your price alerts"),
    ("mute", "No new signals for a while, like 2h"),
    ("unmute", "Get new signals again"),
    ("quiet", "No new signals at night, like 23-07, or off"),
    ("timezone", "Your time zone, like Europe/Zurich"),
    ("forget", "Remove what is stored about this chat"),
    ("language", "The language of this chat: en, or es for Spanish"),
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
        t(
            "I send a message when a signal opens on Binance USD-M futures, and reply to it when "
            "the signal ends: at its target (TP), its stop (SL) or after its time."
        ),
        "",
        t("/subscribe sends you all signals, or some of them:"),
        "<code>/subscribe BTCUSDT ETHUSDT long min 60</code>",
        t("Or just ask: <i>What's trending?</i>"),
        "",
        t("<i>Signals are computed on closed bars and are not financial advice.</i>"),
    )


def help_text(*, admin: bool = False) -> str:
    """Return the commands; `admin` with those that only administrators may use."""
    extra = ["", t("<b>For you as an administrator</b>"), _lines(ADMIN_COMMANDS)] if admin else []
    return joined(
        t("<b>Commands</b>"),
        _lines(COMMANDS),
        *extra,
        "",
        t(
            "Or ask in your own words: <i>What's trending?</i>, "
            "<i>Show me best futures tokens</i>, <i>why BTC?</i> "
            "In groups, reply to me or name me."
        ),
    )


def _lines(commands: Sequence[tuple[str, str]]) -> str:
    return "\n".join(f"/{name} - {t(about)}" for name, about in commands)


def status_text(status: EngineStatus | None, now: int) -> str:
    """Return the answer to `/status` at wall time `now` (ms); None: no heartbeat yet."""
    if status is None:
        return joined(t("⚠️ <b>No data yet</b>"), t("The feed has sent no heartbeat so far."))
    silent_ms = now - status.received_at
    up, silent = silent_ms < _SILENT_MS, duration(silent_ms)
    ages = list(status.stream_ages_ms.items())[:MAX_NAMES]
    streams = ", ".join(f"{words(name)} {_age(age)}" for name, age in ages)
    return joined(
        label(status.market)
        + (t("✅ <b>Running</b>") if up else t("⚠️ <b>Silent for {span}</b>", span=silent)),
        note(status.market),
        t(
            "Last heartbeat {span} ago, market time {time}",
            span=silent,
            time=when(status.market_time),
        ),
        t("Symbols: {names}", names=listed(status.symbols)),
        t("Streams: {streams}", streams=streams) if streams else None,
        t(
            "Reconnects {reconnects}, gaps {gaps}, waiting records {backlog}",
            reconnects=status.reconnects,
            gaps=status.gaps,
            backlog=status.backlog,
        ),
        t("Open signals: {n}", n=status.open_signals),
    )


def _age(age_ms: int | None) -> str:
    return t("no data yet") if age_ms is None else latency(age_ms)


def signals_text(
    rows: Sequence[Mapping[str, Any]], symbol: str | None = None, *, older: bool = False
) -> str:
    """Return the answer to `/signals` from `signals.public` forms, newest first."""
    of = t(" of {name}", name=plain(symbol, 30)) if symbol else ""
    if not rows:
        return t("No older signals.") if older else t("No signals{of} yet.", of=of)
    title = t("<b>Older signals{of}</b>" if older else "<b>Newest signals{of}</b>", of=of)
    return joined(title, *(_row(row) for row in rows[:_MAX_ROWS]))


def _row(row: Mapping[str, Any]) -> str:
    status, symbol = row["status"], row["symbol"]
    how = t(status.replace("_", " "))
    if row["return_pct"] is not None:
        how = f"{how.upper()} {percent(row['return_pct'])}{result_text(result_of(row))}"
    title = f"{side_of(row['direction'])} {plain(symbol, 30)}"
    strategy = row.get("strategy", "classic")
    if strategy != "classic":
        how = f"{how} · {plain(strategy, 90)}"
    return f"\n{_STATUS_MARKS[status]} {label(row['market'])}<b>{title}</b> {how}\n" + t(
        "   {score} at {price}, {time}",
        score=score(row["score"]),
        price=quoted(symbol, row["entry_price"], row.get("tick_size")),
        time=when(row["close_time"]),
    )


def stats_text(stats: Mapping[str, Any], strategy: str = "") -> str:
    """Return the answer to `/stats` from what `GET /signals/stats` gives, of `classic` or a set."""
    market, count = stats["market"], stats["n"]
    of = t(" of {name}", name=plain(strategy, 90)) if strategy else ""
    if not count:
        none = t("No closed signals{of} yet. Open: {n}", of=of, n=stats["open_signals"])
        return label(market) + none
    head = counted(
        "<b>{n} closed signal{of}</b>", "<b>{n} closed signals{of}</b>", count, n=count, of=of
    )
    return joined(
        f"{label(market)}📈 {head}",
        note(market),
        _wins(stats),
        _ends(stats),
        t("Average {average} net a signal", average=percent(stats["avg_return"])),
        _extremes(stats),
        t("Open: {n}", n=stats["open_signals"]),
        t("<i>Fewer than 30 signals prove nothing.</i>") if count < _FEW else None,
        f"{plain(strategy, 90) or t('policy')} <code>{plain(stats['policy_digest'][:8], 8)}</code>",
    )


def _wins(row: Mapping[str, Any]) -> str:
    return t(
        "Wins {wins}, losses {losses} ({rate} win)",
        wins=row["wins"],
        losses=row["losses"],
        rate=score(row["win_rate"]),
    )


def _extremes(row: Mapping[str, Any]) -> str:
    best, worst = percent(row["best_return"]), percent(row["worst_return"])
    return t("Best {best}, worst {worst}", best=best, worst=worst)


def _ends(row: Mapping[str, Any]) -> str:
    left = t(", left {n}", n=row["left"]) if row.get("left") else ""
    ends = t(
        "TP {tp}, SL {sl}, expired {expired}",
        tp=row["tp_hits"],
        sl=row["sl_hits"],
        expired=row["expired"],
    )
    return ends + left


def top_text(found: Mapping[str, Any], market: str | None) -> str:
    """Return the answer to `/top` from what `GET /top` gives."""
    rows = found["top"][:_MAX_ROWS]
    if not rows:
        return label(market) + t("No symbol has a score yet: the engine is warming up.")
    return joined(
        label(market) + t("🏆 <b>Scores now</b>"),
        note(market),
        *(_top_row(at, row) for at, row in enumerate(rows, start=1)),
        "",
        bar_line(max(row["close_time"] for row in rows)),
        t("<i>A score alone opens no signal: that takes an event, fresh data and no cooldown.</i>"),
    )


def _top_row(at: int, row: Mapping[str, Any]) -> str:
    symbol = row["symbol"]
    side = t((row["direction"] or "no side").upper())
    warming = "" if row["warm"] else t(" · warming up")
    at_price = t(
        "{score} at {price}",
        score=score(row["score"]),
        price=quoted(symbol, row["price"], row["tick_size"]),
    )
    parts = components_words(row["components"])
    return joined(
        f"\n{at}. {SIDES.get(row['direction'], '⚪️')} <b>{plain(side, 12)} {plain(symbol, 30)}</b> "
        f"{at_price}{warming}",
        f"   {parts}" if parts else None,
    )


def performance_text(symbol: str, row: Mapping[str, Any] | None, market: str | None) -> str:
    """Return the answer to `/performance SYMBOL` from its row of `GET /performance/stats`."""
    name = plain(symbol, 30)
    if row is None or not row["total_signals"]:
        return label(market) + t("No signal of {name} has closed yet.", name=name)
    count = row["total_signals"]
    return joined(
        f"{label(market)}📈 <b>{name}</b>: "
        + counted("{n} closed signal", "{n} closed signals", count, n=count),
        note(market),
        _wins(row),
        _ends(row),
        t(
            "Average {average} net a signal, {total} in all",
            average=percent(row["avg_return"]),
            total=percent(row["total_return"]),
        ),
        _extremes(row),
        t("<i>Fewer than 30 signals prove nothing.</i>") if count < _FEW else None,
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
    events = [_event_line(event) for event in row["events"][:MAX_NAMES]]
    missing = ", ".join(component_title(name) for name in row["missing"][:MAX_NAMES])
    gone = t("the decision is no longer stored")
    why = plain(reason(decision["reason"]), 300) if decision else gone
    title = f"{side_of(row['direction'])} {plain(row['symbol'], 30)}"
    return joined(
        t("🔎 <b>Why {title}</b>", title=title),
        t("Score <b>{score}</b>: {reason}", score=score(row["score"]), reason=why),
        ratio_line(reward_of(row)),
        _result_line(row),
        "",
        *bars,
        t("⚠️ Not counted, no data: {names}", names=missing) if missing else None,
        *events,
        "",
        bar_line(row["close_time"]),
        f"<code>{plain(row['id'], 40)}</code> · {t('policy')} "
        f"<code>{plain(row['policy_digest'][:8], 8)}</code>",
    )


def _result_line(row: Mapping[str, Any]) -> str | None:
    if row["return_pct"] is None:
        return None
    result = percent(row["return_pct"])
    return t("Return: <b>{net}</b> net", net=result) + result_text(result_of(row))


def _event_line(event: Mapping[str, Any]) -> str:
    kind, interval = words(event["kind"]), plain(event["interval"], 8)
    strength = t("strength {points}", points=points(event["strength"]))
    return f"⚡ {kind} {interval} {t(event['direction'])}, {strength}"


def _bar(value: float) -> str:
    full = round(max(0.0, min(1.0, value)) * _BAR)
    return "█" * full + "░" * (_BAR - full)


def chat_text(answer: Mapping[str, Any]) -> str:
    """Return a chat's answer for Telegram: escaped text, whatever wrote it."""
    lines = [plain(line, 2_500) for line in str(answer["answer"])[:2_500].splitlines()]
    return joined(*lines, "", f"<i>{plain(t(str(answer['disclaimer'])), 200)}</i>")
