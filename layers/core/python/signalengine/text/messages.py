"""Messages to subscribers: signals as they open and close, and announcements.

Texts are Telegram HTML (`parse_mode=HTML`): only `b`, `i` and `code` are used, everything that
comes from outside is stripped of control characters, clipped and escaped. No text is longer than
`MAX_TEXT` UTF-16 units including its tags, which is stricter than Telegram (it counts after
parsing). Percentages beside TP and SL are from the holder's side: what the position gains or
loses at that level, so TP is `+` and SL is `-` for shorts too.
"""

from collections.abc import Mapping, Sequence
from typing import Final, TypeAlias

from ..signals import COMPONENTS, Event, Fill, Outcome, Settlement, Signal, step_time
from .formatting import (
    LABELS,
    MAX_NAMES,
    NOTES,
    SIDES,
    copied,
    duration,
    joined,
    latency,
    percent,
    plain,
    points,
    position,
    quoted,
    return_pct,
    score,
    share,
    when,
    words,
)

MAX_TEXT: Final = 4096
Buttons: TypeAlias = tuple[tuple[tuple[str, str], ...], ...]
"""Rows of buttons: a label, and what pressing it sends to the bot (1 to 64 bytes)."""

_STALE_STREAM_MS = 3_000  # from here on the age of the bar's stream is worth a line
_COMPONENT_TITLES = {"oi": "OI", "vwap": "VWAP"}
_OUTCOMES: Mapping[Outcome, tuple[str, str]] = {
    Outcome.TP_HIT: ("✅", "TP HIT"),
    Outcome.SL_HIT: ("❌", "SL HIT"),
    Outcome.EXPIRED: ("⏱️", "EXPIRED"),
    Outcome.LEFT: ("🚪", "LEFT"),
}

# --- a signal ------------------------------------------------------------------------------------


def opened_text(signal: Signal) -> str:
    """Return the message that announces `signal`."""
    mark, title = SIDES[signal.direction], position(signal.direction, signal.symbol)
    return joined(
        f"{LABELS[signal.market]}{mark} <b>{title}</b>",
        NOTES[signal.market],
        f"🧭 Strategy: <b>{plain(signal.strategy, 90)}</b>" if signal.strategy else None,
        "",
        f"📊 Score: <b>{score(signal.score)}</b>",
        _components_line(signal),
        _events_line(signal.events),
        f"💰 Entry: {_copied(signal, signal.entry_price)}",
        f"🎯 TP: {_copied(signal, signal.tp_price)} ({_level_pct(signal, signal.tp_price)})",
        *_more_targets(signal),
        f"🛡️ SL: {_copied(signal, signal.sl_price)} ({_level_pct(signal, signal.sl_price)})",
        *_stop_lines(signal),
        *_warnings(signal),
        "",
        f"⏰ {when(signal.close_time)} (close of the 1m bar)",
        f"⌛ Expires {when(signal.expires_at)}",
        _identity_line(signal),
    )


def closed_text(signal: Signal) -> str:
    """Return the message on how `signal` ended; raises ValueError while it is open."""
    end = signal.settlement
    if end is None:
        raise ValueError(f"signal {signal.signal_id} is still open")
    mark, word = outcome_mark(end.outcome)
    title = position(signal.direction, signal.symbol)
    closed_at = end.touched_at or end.closed_at
    held = duration(closed_at - signal.close_time)
    return joined(
        f"{LABELS[signal.market]}{mark} <b>{word} - {title}</b>",
        NOTES[signal.market],
        f"Return: <b>{return_pct(end.net_return)}</b> net | Duration: {held}",
        f"Gross {return_pct(end.gross_return)}, {_costs(end)}",
        f"Exit: {_price(signal, end.exit_price)} from {_price(signal, signal.entry_price)}",
        *_fill_lines(signal, end.fills),
        f"On the way: best {return_pct(end.mfe)}, worst {return_pct(end.mae)}",
        *_outcome_warnings(end),
        "",
        f"⏰ Closed: {when(closed_at)}",
        _identity_line(signal),
    )


def progress_text(signal: Signal) -> str:
    """Return the message on the last step of a signal's progress; raises ValueError without any."""
    if not signal.progress:
        raise ValueError(f"signal {signal.signal_id} has no progress")
    step, title = signal.progress[-1], position(signal.direction, signal.symbol)
    moved = f"{_copied(signal, step.price)} ({_level_pct(signal, step.price)})"
    if isinstance(step, Fill):
        rest = 1.0 - sum(one.fraction for one in signal.progress if isinstance(one, Fill))
        head = f"🎯 <b>TP {step.name.removeprefix('target')} HIT - {title}</b>"
        at = f"{_price(signal, step.price)} ({_level_pct(signal, step.price)})"
        lines = [f"Closed: <b>{share(step.fraction)}</b> at {at}", f"Open: {share(rest)}"]
    else:
        head, lines = f"🛡️ <b>STOP MOVED - {title}</b>", [f"SL: {moved}"]
    return joined(
        f"{LABELS[signal.market]}{head}",
        NOTES[signal.market],
        *lines,
        "",
        f"⏰ {when(step_time(step))} (close of the 1m bar)",
        _identity_line(signal),
    )


def _more_targets(signal: Signal) -> list[str]:
    """Return the targets after the first, and what each of them closes."""
    if signal.exits is None:
        return []
    first, *others = signal.exits.targets
    lines = [f"   closes {share(first.fraction)}"] if first.fraction < 1.0 else []
    for number, one in enumerate(others, start=2):
        level = f"{_copied(signal, one.price)} ({_level_pct(signal, one.price)})"
        lines.append(f"🎯 TP {number}: {level}, closes {share(one.fraction)}")
    return lines


def _stop_lines(signal: Signal) -> list[str]:
    """Return how the stop moves, and whether the strategy may close the signal."""
    exits = signal.exits
    if exits is None:
        return []
    lines = ["   moves to the entry after the first TP"] if exits.break_even else []
    if exits.trail is not None:
        begins = f", from TP {exits.trail_after} on" if exits.trail_after else ""
        by, steps = _price(signal, exits.trail), _price(signal, exits.trail_step or exits.trail)
        lines.append(f"   trails by {by} in steps of {steps}{begins}")
    return [*lines, *(["🚪 The strategy may close it earlier"] if exits.leave else [])]


def _fill_lines(signal: Signal, fills: Sequence[Fill]) -> list[str]:
    shown = [f"{share(one.fraction)} at {_price(signal, one.price)}" for one in fills]
    return [f"Parts: {', '.join(shown)}"] if shown else []


def repeated_text(text: str) -> str:
    """Return a message as it is sent again on request; its first line has the market's label."""
    first, _, rest = text.partition("\n")
    return f"{first}\n🔁 <i>Sent again on request</i>\n{rest}"


def outcome_mark(outcome: Outcome) -> tuple[str, str]:
    """Return the sign and the words of an outcome."""
    return _OUTCOMES[outcome]


def _components_line(signal: Signal) -> str | None:
    shown = components_words(signal.components)
    return f"   {shown}" if shown else None


def components_words(components: Mapping[str, float | None]) -> str:
    """Return the components that have a value, as `Trend 81 · VWAP 12`; "" when none has."""
    known = {name: value for name, value in components.items() if value is not None}
    rank = {name: at for at, name in enumerate(COMPONENTS)}
    names = sorted(known, key=lambda name: (rank.get(name, len(rank)), name))
    shown = [f"{component_title(name)} {points(known[name])}" for name in names[:MAX_NAMES]]
    return " · ".join(shown)


def component_title(name: str) -> str:
    return _COMPONENT_TITLES.get(name) or words(name).capitalize()


def _events_line(events: Sequence[Event]) -> str | None:
    if not events:
        return None
    shown = [
        f"{words(event.kind)} {plain(event.interval, 8)} {_arrow(event.direction)}"
        for event in events[:MAX_NAMES]
    ]
    rest = len(events) - len(shown)
    return "⚡ " + ", ".join(shown) + (f" and {rest} more" if rest else "")


def _arrow(direction: str) -> str:
    return "↑" if direction == "long" else "↓"


def _warnings(signal: Signal) -> list[str]:
    """Lines on what the signal lacks: components without data, gaps, old data."""
    lines = []
    if signal.missing:
        names = ", ".join(component_title(name) for name in signal.missing[:MAX_NAMES])
        lines.append(f"⚠️ Not counted, no data: {names}")
    quality = signal.quality
    if quality.gap_s > 0:
        lines.append(f"⚠️ Data gap: {duration(quality.gap_s * 1000)} of this market are missing")
    if (quality.stream_age_ms or 0) >= _STALE_STREAM_MS:
        silent = latency(quality.stream_age_ms or 0)
        lines.append(f"⚠️ Old data: the stream was silent for {silent}")
    return lines


def _outcome_warnings(end: Settlement) -> list[str]:
    lines = []
    if end.ambiguous:
        lines.append("⚠️ Ambiguous: one bar crossed TP and SL; counted as SL")
    if end.forced:
        lines.append("⚠️ Forced: its last bars never came; closed at the last known price")
    return lines


def _costs(end: Settlement) -> str:
    costs = f"fees and slippage {return_pct(-end.cost)}"
    return costs + (f", funding {return_pct(-end.funding)}" if end.funding else "")


def _identity_line(signal: Signal) -> str:
    digest = plain(signal.policy_digest[:8], 8)
    rules = plain(signal.strategy, 90) or "policy"
    return f"<code>{plain(signal.signal_id, 40)}</code> · {rules} <code>{digest}</code>"


def _level_pct(signal: Signal, level: float) -> str:
    return percent(signal.side * (level / signal.entry_price - 1) * 100)


def _copied(signal: Signal, value: float) -> str:
    return copied(value, signal.tick_size)


def _price(signal: Signal, value: float) -> str:
    return quoted(signal.symbol, value, signal.tick_size)


# --- an announcement -----------------------------------------------------------------------------


def announcement_text(text: str) -> str:
    """Return the announcement that every subscriber gets; its text is shown as it is."""
    lines = [plain(line, 1_000) for line in text.strip().splitlines()[:20]]
    return joined("📣 <b>From the operator</b>", *lines)
