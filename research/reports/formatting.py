"""Numbers, times and verdicts formatted for the page. Times are UTC."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final, TypeAlias

from signalengine.signals import RETURN_SCALE, Fill, Outcome, Settlement, Verdict

from research.statistics.summary import Estimate

Shown: TypeAlias = Callable[[float], str]
"""How a number is written."""
NOTHING: Final = "–"
MARKETS: Final = {
    "live": "live market",
    "recording": "recorded market",
    "simulated": "simulated market",
}
OUTCOMES: Final = {
    Outcome.TP_HIT: "TP hit",
    Outcome.SL_HIT: "SL hit",
    Outcome.EXPIRED: "expired",
    Outcome.LEFT: "left",
}
VERDICTS: Final = {
    Verdict.EMITTED: "a signal was opened",
    Verdict.BELOW_THRESHOLD: "the score was too low, or no event supported a direction",
    Verdict.TIE: "long and short scored the same",
    Verdict.COOLDOWN: "too soon after the last signal",
    Verdict.NOT_WARM: "too few bars so far",
    Verdict.GAP: "bars are missing within the indicators' windows",
    Verdict.STALE_DATA: "the bar arrived too late",
    Verdict.INSUFFICIENT_DATA: "too many components lacked data",
    Verdict.COST_TOO_HIGH: "TP was too near for the costs",
    Verdict.OUT_OF_ORDER: "a later close had been scored already",
    Verdict.OUT_OF_RANGE: "TP or SL would not have been a valid price",
    Verdict.MODEL_VETO: "the policy's model refused it",
    Verdict.PROTECTED: "a protection of the policy was active",
    Verdict.BELOW_TICK: "TP or SL was less than a tick away",
}
"""Why there is a signal, and why not."""


def percent(fraction: float, digits: int = 2, *, signed: bool = False) -> str:
    """Return a fraction as `12.34 %`; −0 is 0."""
    text = f"{fraction * 100:+.{digits}f}" if signed else f"{fraction * 100:.{digits}f}"
    return f"{minus(text)} %"


def bps(fraction: float) -> str:
    """Return a fraction as signed basis points: `+12.3`."""
    return minus(f"{fraction * 1e4:+.1f}")


def ratio(value: float) -> str:
    return minus(f"{value:.2f}")


def stored_percent(units: int) -> str:
    """Return an integer of 1e-8 as signed percent."""
    return percent(units / RETURN_SCALE, signed=True)


def outcome(end: Settlement) -> str:
    """Return how a signal ended, with the targets that it reached before."""
    before = [fill_name(fill) for fill in end.fills[:-1]]
    after = f" after {', '.join(before)}" if before else ""
    return OUTCOMES[end.outcome] + after + (" (ambiguous)" if end.ambiguous else "")


def fills(end: Settlement) -> str:
    """Return the fills of a position that was closed in parts; empty for one fill."""
    return "; ".join(
        f"{fill_name(fill)}: {percent(fill.fraction, 0)} at "
        f"{price(fill.price)}, {moment(fill.closed_at)}"
        for fill in end.fills
    )


def fill_name(fill: Fill) -> str:
    """Return what closed a part, in words."""
    return fill.name.replace("target", "target ")


def price(value: float) -> str:
    """Return a price with the digits that matter at its size."""
    digits = 2
    while digits < 8 and value * 10**digits < 10_000:
        digits += 1
    return f"{value:.{digits}f}"


def moment(time: int) -> str:
    """Return `2025-05-19 08:15`."""
    return _utc(time).strftime("%Y-%m-%d %H:%M")


def duration(span_ms: float) -> str:
    """Return a span with its two largest units: `45 min`, `7 h 30 min`, `13 d 4 h`."""
    minutes = round(span_ms / 60_000)
    hours, days = minutes // 60, minutes // 1_440
    if days:
        return f"{days} d" + (f" {hours % 24} h" if hours % 24 else "")
    if hours:
        return f"{hours} h" + (f" {minutes % 60} min" if minutes % 60 else "")
    return f"{minutes} min"


def clock(time: int) -> str:
    return _utc(time).strftime("%H:%M")


def day(time: int, *, year: bool = False) -> str:
    """Return `19 May`, or `19 May 2025`."""
    at = _utc(time)
    return f"{at.day} {at:%b}" + (f" {at.year}" if year else "")


def interval(estimate: Estimate, shown: Shown) -> str:
    """Return the 95 % interval, empty where there is none."""
    if estimate.low is None or estimate.high is None:
        return ""
    return f"{shown(estimate.low)} to {shown(estimate.high)}"


def value(estimate: Estimate, shown: Shown) -> str:
    return NOTHING if estimate.value is None else shown(estimate.value)


def _utc(time: int) -> datetime:
    return datetime.fromtimestamp(time / 1000, UTC)


def minus(text: str) -> str:
    """A real minus sign, and none before zero."""
    if text.startswith(("-", "+")) and not text.strip("+-0."):
        text = text[1:]
    return text.replace("-", "−")
