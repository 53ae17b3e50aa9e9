"""The formats of single values: directions, states, scores, returns."""

from collections.abc import Mapping
from typing import Any

from rich.text import Text
from signalengine.text import formatting

from .page import plain, words

NONE = "–"
OUTCOMES = {
    "open": ("● open", "cyan"),
    "tp_hit": ("✓ tp hit", "green"),
    "sl_hit": ("✗ sl hit", "red"),
    "expired": ("○ expired", "yellow"),
    "left": ("○ left", "yellow"),
}


def side(direction: object) -> Text:
    """Return `▲ long` or `▼ short`; a dash where there is none."""
    match direction:
        case "long":
            return Text("▲ long", "green")
        case "short":
            return Text("▼ short", "red")
        case None:
            return Text(NONE, "dim")
    return Text(plain(direction))


def state(status: object) -> Text:
    """Return a signal's state with its mark."""
    shown, style = OUTCOMES.get(str(status), (words(status), ""))
    return Text(shown, style)


def score(value: float | None) -> str:
    """Return a score of 0..1 as percent."""
    return NONE if value is None else formatting.score(value)


def points(value: float | None) -> str:
    """Return a component's score or an event's strength, of 0..1, in points of 100."""
    return NONE if value is None else formatting.points(value)


def money(value: float | None, tick: float | None = None) -> str:
    """Return a price, on its tick size where that is known."""
    return NONE if value is None else formatting.price(float(value), tick)


def gain(value: float | None) -> Text:
    """Return percent with sign and colour."""
    if value is None:
        return Text(NONE, "dim")
    return Text(formatting.percent(value), "green" if value > 0 else "red" if value < 0 else "")


def in_r(value: float | None) -> str:
    """Return a gain in units of the risk."""
    return NONE if value is None else formatting.multiple(value)


def reward(value: float | None) -> str:
    """Return what is risked to what may be gained, from the gain in R."""
    return NONE if value is None else formatting.ratio(value)


def mean_exit(signal: Mapping[str, Any], last: float) -> float:
    """Return the mean price of a position's exit, if what is still open left at `last`."""
    closed, rest = 0.0, 1.0
    for step in signal.get("progress", ()):
        closed += step.get("fraction", 0.0) * step["price"]
        rest -= step.get("fraction", 0.0)
    return float(closed + max(0.0, rest) * last)


def between(best: float | None, worst: float | None) -> Text:
    """Return the two ends of a range of returns."""
    return Text.assemble(gain(best), ", ", gain(worst))


def level_pct(signal: Mapping[str, Any], level: float) -> Text:
    """Return the gain or loss at a level, in percent of the entry price."""
    sign = 1 if signal["direction"] == "long" else -1
    return gain(sign * (level / signal["entry_price"] - 1) * 100)


def market_badge(market: object) -> Text:
    """Return a warning unless the prices are live."""
    if market in ("live", None):
        return Text("")
    return Text(f"[{plain(market).upper()}] ", "yellow")


def policy_words(document: Mapping[str, Any]) -> str:
    """Return `default (5dd6a6097a63)`; the digest alone where the policy's name is not known."""
    digest, name = document.get("policy_digest"), document.get("policy_name")
    shown = plain(digest)[:12] if digest else NONE
    return f"{plain(name)} ({shown})" if digest and name else shown
