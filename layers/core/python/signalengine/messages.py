"""What Telegram is told: signals as they open and close, and the bot's answers.

Texts are Telegram HTML (`parse_mode=HTML`): only `b`, `i` and `code` are used, everything that
comes from outside is stripped of control characters, clipped and escaped. No text is longer than
`MAX_TEXT` UTF-16 units including its tags, which is stricter than Telegram (it counts after
parsing). Percentages beside TP and SL are from the holder's side: what the position gains or
loses at that level, so TP is `+` and SL is `-` for shorts too.
"""

import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from .facts import Market
from .signals import COMPONENTS, RETURN_SCALE, Event, Outcome, Settlement, Signal

MAX_TEXT: Final = 4096
COMMANDS: Final[tuple[tuple[str, str], ...]] = (
    ("start", "What this bot does"),
    ("help", "The commands"),
    ("status", "Is the engine up, and how old is its data"),
    ("signals", "The newest signals"),
    ("stats", "How signals have ended so far"),
)

_MAX_NAMES = 12  # components, missing components and events said in one message
_MAX_ROWS = 10  # signals in one answer
_FEW = 30  # statistics of fewer signals are noise
_SILENT_MS = 60_000  # heartbeats come every 10 s: this long without one is a fault
_STALE_STREAM_MS = 3_000  # from here on the age of the bar's stream is worth a line
_COMPONENT_TITLES = {"oi": "OI", "vwap": "VWAP"}
_LABELS: Mapping[str, str] = {
    "live": "",
    "recording": "📼 <b>RECORDING</b> ",
    "simulated": "🧪 <b>SIMULATED</b> ",
}
_NOTES: Mapping[str, str | None] = {
    "live": None,
    "recording": "<i>A replay of past prices, not a live signal.</i>",
    "simulated": "<i>Invented prices, not a real signal.</i>",
}
_OUTCOMES: Mapping[Outcome, tuple[str, str]] = {
    Outcome.TP_HIT: ("✅", "TP HIT"),
    Outcome.SL_HIT: ("❌", "SL HIT"),
    Outcome.EXPIRED: ("⏱️", "EXPIRED"),
}
_STATUS_MARKS = {"open": "🔵", "tp_hit": "🟢", "sl_hit": "🔴", "expired": "⚪️"}


# --- a signal ------------------------------------------------------------------------------------


def opened_text(signal: Signal) -> str:
    """Return the message that announces `signal`."""
    mark = "🟢" if signal.direction == "long" else "🔴"
    return _joined(
        f"{_LABELS[signal.market]}{mark} <b>{_title(signal)}</b>",
        _NOTES[signal.market],
        "",
        f"📊 Score: <b>{signal.score * 100:.1f}%</b>",
        _components_line(signal),
        _events_line(signal.events),
        f"💰 Entry: <b>{_price(signal, signal.entry_price)}</b>",
        f"🎯 TP: {_price(signal, signal.tp_price)} ({_level_pct(signal, signal.tp_price)})",
        f"🛡️ SL: {_price(signal, signal.sl_price)} ({_level_pct(signal, signal.sl_price)})",
        *_doubts(signal),
        "",
        f"⏰ {when(signal.close_time)} (close of the 1m bar)",
        f"⌛ Expires {when(signal.expires_at)}",
        _identity_line(signal),
    )


def closed_text(signal: Signal) -> str:
    """Return the message that tells how `signal` ended.

    Raises ValueError when it has not: an open signal has no closing to tell.
    """
    end = signal.settlement
    if end is None:
        raise ValueError(f"signal {signal.signal_id} is still open")
    mark, word = _OUTCOMES[end.outcome]
    closed_at = end.touched_at or end.closed_at
    held = duration(closed_at - signal.close_time)
    return _joined(
        f"{_LABELS[signal.market]}{mark} <b>{word} - {_title(signal)}</b>",
        _NOTES[signal.market],
        f"Return: <b>{return_pct(end.net_return)}</b> net | Duration: {held}",
        f"Gross {return_pct(end.gross_return)}, {_costs(end)}",
        f"Exit: {_price(signal, end.exit_price)} from {_price(signal, signal.entry_price)}",
        f"On the way: best {return_pct(end.mfe)}, worst {return_pct(end.mae)}",
        *_outcome_doubts(end),
        "",
        f"⏰ Closed: {when(closed_at)}",
        _identity_line(signal),
    )


def _title(signal: Signal) -> str:
    return f"{signal.direction.upper()} {_plain(signal.symbol, 30)}"


def _components_line(signal: Signal) -> str | None:
    known = {name: value for name, value in signal.components.items() if value is not None}
    rank = {name: at for at, name in enumerate(COMPONENTS)}
    names = sorted(known, key=lambda name: (rank.get(name, len(rank)), name))
    told = [f"{_component_title(name)} {known[name] * 100:.0f}" for name in names[:_MAX_NAMES]]
    return f"   {' · '.join(told)}" if told else None


def _component_title(name: str) -> str:
    return _COMPONENT_TITLES.get(name) or _words(name).capitalize()


def _events_line(events: Sequence[Event]) -> str | None:
    if not events:
        return None
    told = [
        f"{_words(event.kind)} {_plain(event.interval, 8)} {_arrow(event.direction)}"
        for event in events[:_MAX_NAMES]
    ]
    rest = len(events) - len(told)
    return "⚡ " + ", ".join(told) + (f" and {rest} more" if rest else "")


def _arrow(direction: str) -> str:
    return "↑" if direction == "long" else "↓"


def _doubts(signal: Signal) -> list[str]:
    """Lines that say what the signal does not know."""
    lines = []
    if signal.missing:
        names = ", ".join(_component_title(name) for name in signal.missing[:_MAX_NAMES])
        lines.append(f"⚠️ Not counted, no data: {names}")
    quality = signal.quality
    if quality.gap_s > 0:
        lines.append(f"⚠️ Data gap: {quality.gap_s:.6g} s of this market are missing")
    if (quality.stream_age_ms or 0) >= _STALE_STREAM_MS:
        lines.append(f"⚠️ Old data: the stream was silent for {quality.stream_age_ms} ms")
    return lines


def _outcome_doubts(end: Settlement) -> list[str]:
    lines = []
    if end.ambiguous:
        lines.append("⚠️ Ambiguous: one bar crossed TP and SL; counted as SL")
    if end.forced:
        lines.append("⚠️ Forced: its last bars never came; closed at the last known price")
    return lines


def _costs(end: Settlement) -> str:
    said = f"fees and slippage {return_pct(-end.cost)}"
    return said + (f", funding {return_pct(-end.funding)}" if end.funding else "")


def _identity_line(signal: Signal) -> str:
    policy = _plain(signal.policy_digest[:8], 8)
    return f"<code>{_plain(signal.signal_id, 40)}</code> · policy <code>{policy}</code>"


def _level_pct(signal: Signal, level: float) -> str:
    return percent(signal.side * (level / signal.entry_price - 1) * 100)


# --- the bot's answers ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class EngineStatus:
    """What `/status` tells: the newest heartbeat, as it was heard."""

    heard_at: int
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
    return _joined(
        "👋 <b>SignalEngine</b>",
        "",
        "I send a message when a signal opens on Binance USD-M futures, and answer it when the "
        "signal ends: at its target (TP), its stop (SL) or after its time.",
        "",
        _command_lines(),
        "",
        "<i>Signals are computed on closed bars and are not financial advice.</i>",
    )


def help_text() -> str:
    return _joined("<b>Commands</b>", _command_lines())


def _command_lines() -> str:
    return "\n".join(f"/{name} - {about}" for name, about in COMMANDS)


def status_text(status: EngineStatus | None, now: int) -> str:
    """Return the answer to `/status` at wall time `now` (ms); None: never heard of the feed."""
    if status is None:
        return _joined("⚠️ <b>No data yet</b>", "The feed has not been heard of so far.")
    silent_ms = now - status.heard_at
    up = silent_ms < _SILENT_MS
    ages = list(status.stream_ages_ms.items())[:_MAX_NAMES]
    streams = ", ".join(f"{_words(name)} {_age(age)}" for name, age in ages)
    return _joined(
        f"{_LABELS[status.market]}"
        + ("✅ <b>Running</b>" if up else f"⚠️ <b>Silent for {duration(silent_ms)}</b>"),
        _NOTES[status.market],
        f"Last heartbeat {duration(silent_ms)} ago, market time {when(status.market_time)}",
        f"Symbols: {_listed(status.symbols)}",
        f"Streams: {streams}" if streams else None,
        f"Reconnects {status.reconnects}, gaps {status.gaps}, waiting records {status.backlog}",
        f"Open signals: {status.open_signals}",
    )


def _age(age_ms: int | None) -> str:
    return "never heard" if age_ms is None else f"{age_ms / 1000:.1f} s"


def signals_text(rows: Sequence[Mapping[str, Any]]) -> str:
    """Return the answer to `/signals` from `signals.public` forms, newest first."""
    if not rows:
        return "No signals yet."
    return _joined("<b>Newest signals</b>", *(_row(row) for row in rows[:_MAX_ROWS]))


def _row(row: Mapping[str, Any]) -> str:
    status, symbol = row["status"], row["symbol"]
    how = status.replace("_", " ")
    if row["return_pct"] is not None:
        how = f"{how.upper()} {percent(row['return_pct'])}"
    title = f"{_plain(row['direction'].upper(), 5)} {_plain(symbol, 30)}"
    return (
        f"\n{_STATUS_MARKS[status]} {_LABELS[row['market']]}<b>{title}</b> {how}\n"
        f"   {row['score'] * 100:.0f}% at {_quoted(symbol, row['entry_price'])}, "
        f"{when(row['close_time'])}"
    )


def stats_text(stats: Mapping[str, Any]) -> str:
    """Return the answer to `/stats` from what `GET /signals/stats` gives."""
    market, count = stats["market"], stats["total_signals"]
    label = _LABELS.get(market, "")
    if not count:
        return f"{label}No closed signals yet. Open: {stats['open_signals']}"
    return _joined(
        f"{label}📈 <b>{count} closed signal{'s' if count > 1 else ''}</b>",
        _NOTES.get(market),
        f"Wins {stats['wins']}, losses {stats['losses']} ({stats['win_rate'] * 100:.1f}% win)",
        f"TP {stats['tp_hits']}, SL {stats['sl_hits']}, expired {stats['expired']}",
        f"Average {percent(stats['avg_return'])} net a signal",
        f"Best {percent(stats['best_return'])}, worst {percent(stats['worst_return'])}",
        f"Open: {stats['open_signals']}",
        "<i>Fewer than 30 signals prove nothing.</i>" if count < _FEW else None,
        f"policy <code>{_plain(stats['policy_digest'][:8], 8)}</code>",
    )


# --- numbers, times, words -----------------------------------------------------------------------


def price(value: float) -> str:
    """Return at least six significant digits, two decimals at least, no float noise.

    `50123.45` → `50,123.45`, `0.00001234` → `0.00001234`, `0.1 + 0.2` → `0.30`.
    """
    exponent = int(f"{value:.5e}".partition("e")[2])
    if not -12 <= exponent < 15:
        return f"{value:.6g}"
    text = f"{value:,.{max(2, 5 - exponent)}f}"
    whole, _, decimals = text.partition(".")
    return f"{whole}.{decimals.rstrip('0').ljust(2, '0')}"


def percent(value: float) -> str:
    """Return `value` percent with its sign; a third decimal below 0.1, and never `-0.00%`."""
    text = f"{value:+.2f}" if abs(value) >= 0.1 else f"{value:+.3f}"
    return "0.00%" if not text.strip("+-0.") else f"{text}%"


def return_pct(units: int) -> str:
    """Return a stored return (integer of 1e-8) as percent."""
    return percent(units * 100 / RETURN_SCALE)


def duration(ms: int) -> str:
    """Return the two largest units of a time span: `42s`, `45m`, `1h 5m`, `2d 3h`."""
    seconds = max(0, ms) // 1000
    minutes, hours, days = seconds // 60, seconds // 3600, seconds // 86_400
    if minutes < 1:
        return f"{seconds}s"
    if hours < 1:
        return f"{minutes}m"
    if days < 1:
        return f"{hours}h {minutes % 60}m" if minutes % 60 else f"{hours}h"
    return f"{days}d {hours % 24}h" if hours % 24 else f"{days}d"


def when(ms: int) -> str:
    """Return a time (ms since the epoch) as `2026-02-16 14:30:15 UTC`."""
    return datetime.fromtimestamp(ms / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def _price(signal: Signal, value: float) -> str:
    return _quoted(signal.symbol, value)


def _quoted(symbol: str, value: float) -> str:
    return ("$" if "USD" in symbol else "") + price(value)


def _listed(names: Sequence[str]) -> str:
    told = ", ".join(_plain(name, 30) for name in names[:_MAX_NAMES])
    rest = len(names) - _MAX_NAMES
    return f"{told} and {rest} more" if rest > 0 else told


def _words(name: str) -> str:
    return _plain(name.replace("_", " "), 30)


def _plain(text: str, limit: int) -> str:
    """Return foreign text made harmless: one line, clipped, escaped."""
    clean = "".join(c if c.isprintable() else "?" for c in text)
    clipped = clean if len(clean) <= limit else clean[: limit - 1] + "…"
    return html.escape(clipped, quote=False)


def _joined(*lines: str | None) -> str:
    """Join lines; None is left out, an empty one stays as a blank line."""
    return "\n".join(line for line in lines if line is not None)
