"""Messages to subscribers: signals as they open and close, and announcements.

Texts are Telegram HTML (`parse_mode=HTML`): only `b`, `i` and `code` are used, everything that
comes from outside is stripped of control characters, clipped and escaped. No text is longer than
`MAX_TEXT` UTF-16 units including its tags, which is stricter than Telegram (it counts after
parsing). Percentages beside TP and SL are from the holder's side: what the position gains or
loses at that level, so TP is `+` and SL is `-` for shorts too.
"""

from collections.abc import Mapping, Sequence
from typing import Final, TypeAlias

from ..facts.alerts import Alert
from ..signals import COMPONENTS, Event, Fill, Outcome, Settlement, Signal, step_time
from .formatting import (
    MAX_NAMES,
    SIDES,
    copied,
    duration,
    gain_text,
    joined,
    label,
    latency,
    multiple,
    note,
    percent,
    plain,
    points,
    position,
    quoted,
    ratio,
    return_pct,
    score,
    share,
    when,
    with_multiple,
    words,
)
from .languages import ENGLISH, language, t

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
        f"{label(signal.market)}{mark} <b>{title}</b>",
        note(signal.market),
        _strategy_line(signal.strategy),
        "",
        t("📊 Score: <b>{score}</b>", score=score(signal.score)),
        _components_line(signal),
        _events_line(signal.events),
        t("💰 Entry: {price}", price=_copied(signal, signal.entry_price)),
        f"🎯 TP: {_level(signal, signal.tp_price)}",
        *_more_targets(signal),
        f"🛡️ SL: {_level(signal, signal.sl_price)}",
        *_stop_lines(signal),
        ratio_line(signal.reward_r),
        *_warnings(signal),
        "",
        bar_line(signal.close_time),
        t("⌛ Expires {time}", time=when(signal.expires_at)),
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
        f"{label(signal.market)}{mark} <b>{word} - {title}</b>",
        note(signal.market),
        t("Return: <b>{net}</b> net | Duration: {held}", net=return_pct(end.net_return), held=held),
        t(
            "Gross {gross}, {costs}",
            gross=with_multiple(return_pct(end.gross_return), signal.result_r),
            costs=_costs(end),
        ),
        t(
            "Exit: {exit} from {entry}",
            exit=_price(signal, end.exit_price),
            entry=_price(signal, signal.entry_price),
        ),
        *_fill_lines(signal, end.fills),
        t(
            "On the way: best {best}, worst {worst}",
            best=return_pct(end.mfe),
            worst=return_pct(end.mae),
        ),
        *_outcome_warnings(end),
        "",
        t("⏰ Closed: {time}", time=when(closed_at)),
        _identity_line(signal),
    )


def progress_text(signal: Signal) -> str:
    """Return the message on the last step of a signal's progress; raises ValueError without any."""
    if not signal.progress:
        raise ValueError(f"signal {signal.signal_id} has no progress")
    step, title = signal.progress[-1], position(signal.direction, signal.symbol)
    moved = _level(signal, step.price)
    if isinstance(step, Fill):
        rest = 1.0 - sum(one.fraction for one in signal.progress if isinstance(one, Fill))
        number = step.name.removeprefix("target")
        head = t("🎯 <b>TP {number} HIT - {title}</b>", number=number, title=title)
        gain = gain_text(_level_pct(signal, step.price), signal.in_r(step.price))
        at = f"{_price(signal, step.price)} ({gain})"
        closed = t("Closed: <b>{share}</b> at {level}", share=share(step.fraction), level=at)
        lines = [closed, t("Open: {share}", share=share(rest))]
    else:
        head = t("🛡️ <b>STOP MOVED - {title}</b>", title=title)
        lines = [f"SL: {moved}"]
    return joined(
        f"{label(signal.market)}{head}",
        note(signal.market),
        *lines,
        "",
        bar_line(step_time(step)),
        _identity_line(signal),
    )


def _more_targets(signal: Signal) -> list[str]:
    """Return the targets after the first, and what each of them closes."""
    if signal.exits is None:
        return []
    first, *others = signal.exits.targets
    closes = t("   closes {share}", share=share(first.fraction))
    lines = [closes] if first.fraction < 1.0 else []
    for number, one in enumerate(others, start=2):
        level, part = _level(signal, one.price), share(one.fraction)
        lines.append(t("🎯 TP {n}: {level}, closes {share}", n=number, level=level, share=part))
    return lines


def _stop_lines(signal: Signal) -> list[str]:
    """Return how the stop moves, and whether the strategy may close the signal."""
    exits = signal.exits
    if exits is None:
        return []
    lines = [t("   moves to the entry after the first TP")] if exits.break_even else []
    if exits.trail is not None:
        begins = t(", from TP {n} on", n=exits.trail_after) if exits.trail_after else ""
        by, steps = _price(signal, exits.trail), _price(signal, exits.trail_step or exits.trail)
        lines.append(t("   trails by {by} in steps of {steps}", by=by, steps=steps) + begins)
    return [*lines, *([t("🚪 The strategy may close it earlier")] if exits.leave else [])]


def ratio_line(reward: float | None) -> str | None:
    """Return the line of what is risked to what the farthest target gains; None without a risk."""
    return None if reward is None else t("⚖️ R:R: <b>{ratio}</b>", ratio=ratio(reward))


def result_text(result: float | None) -> str:
    """Return a gross result in R, as it follows on a net one; "" without a risk."""
    return "" if result is None else t(", {r} gross", r=multiple(result))


def _fill_lines(signal: Signal, fills: Sequence[Fill]) -> list[str]:
    shown = [
        t(
            "{share} at {price}",
            share=share(one.fraction),
            price=with_multiple(_price(signal, one.price), signal.in_r(one.price)),
        )
        for one in fills
    ]
    return [t("Parts: {parts}", parts=", ".join(shown))] if shown else []


def repeated_text(text: str) -> str:
    """Return a message as it is sent again on request; its first line has the market's label."""
    first, _, rest = text.partition("\n")
    return f"{first}\n{t('🔁 <i>Sent again on request</i>')}\n{rest}"


def outcome_mark(outcome: Outcome) -> tuple[str, str]:
    """Return the sign and the words of an outcome."""
    mark, word = _OUTCOMES[outcome]
    return mark, t(word)


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
    if name in _COMPONENT_TITLES:
        return t(_COMPONENT_TITLES[name])
    text = words(name)
    return text.capitalize() if language() == ENGLISH else text[:1].upper() + text[1:]


def _events_line(events: Sequence[Event]) -> str | None:
    if not events:
        return None
    shown = [
        f"{words(event.kind)} {plain(event.interval, 8)} {_arrow(event.direction)}"
        for event in events[:MAX_NAMES]
    ]
    rest = len(events) - len(shown)
    return "⚡ " + ", ".join(shown) + (t(" and {rest} more", rest=rest) if rest else "")


def _arrow(direction: str) -> str:
    return "↑" if direction == "long" else "↓"


def _warnings(signal: Signal) -> list[str]:
    """Lines on what the signal lacks: components without data, gaps, old data."""
    lines = []
    if signal.missing:
        names = ", ".join(component_title(name) for name in signal.missing[:MAX_NAMES])
        lines.append(t("⚠️ Not counted, no data: {names}", names=names))
    quality = signal.quality
    if quality.gap_s > 0:
        gap = duration(quality.gap_s * 1000)
        lines.append(t("⚠️ Data gap: {gap} of this market are missing", gap=gap))
    if (quality.stream_age_ms or 0) >= _STALE_STREAM_MS:
        silent = latency(quality.stream_age_ms or 0)
        lines.append(t("⚠️ Old data: the stream was silent for {span}", span=silent))
    return lines


def _outcome_warnings(end: Settlement) -> list[str]:
    lines = []
    if end.ambiguous:
        lines.append(t("⚠️ Ambiguous: one bar crossed TP and SL; counted as SL"))
    if end.forced:
        lines.append(t("⚠️ Forced: its last bars never came; closed at the last known price"))
    return lines


def _costs(end: Settlement) -> str:
    costs = t("fees and slippage {costs}", costs=return_pct(-end.cost))
    if not end.funding:
        return costs
    return costs + t(", funding {funding}", funding=return_pct(-end.funding))


def _identity_line(signal: Signal) -> str:
    digest = plain(signal.policy_digest[:8], 8)
    rules = plain(signal.strategy, 90) or t("policy")
    return f"<code>{plain(signal.signal_id, 40)}</code> · {rules} <code>{digest}</code>"


def _strategy_line(strategy: str) -> str | None:
    return t("🧭 Strategy: <b>{name}</b>", name=plain(strategy, 90)) if strategy else None


def bar_line(close_time: int) -> str:
    """Return the line that says at which close a signal is."""
    return t("⏰ {time} (close of the 1m bar)", time=when(close_time))


def _level(signal: Signal, level: float) -> str:
    return f"{_copied(signal, level)} ({_level_pct(signal, level)})"


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
    return joined(t("📣 <b>From the operator</b>"), *lines)


def alert_text(alert: Alert, closed_at: int, market: str) -> str:
    """Return the message of a price alert that the bar which closed at a time (ms) has reached."""
    symbol = plain(alert.symbol, 30)
    level = quoted(alert.symbol, alert.price, alert.tick_size)
    rose = t("It rose to {price}.", price=copied(alert.price, alert.tick_size))
    fell = t("It fell to {price}.", price=copied(alert.price, alert.tick_size))
    return joined(
        f"{label(market)}🎯 <b>{symbol} {level}</b>",
        note(market),
        rose if alert.direction == "above" else fell,
        t("Minute until {time}; this alert is over.", time=when(closed_at)),
    )
