"""The picture of a signal for sharing: SVG, from the stored data alone (pure).

It has a background of its own, so that it reads the same on light and dark pages. All text is
escaped; nothing in it is a link or a script.
"""

import html
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

from signalengine.intervals import INTERVAL_MS, INTERVALS
from signalengine.text.formatting import percent, price, score, when

WIDTH: Final = 1_200
HEIGHT: Final = 630
BACKGROUND: Final = "#0f1419"
TEXT: Final = "#e6edf3"
MUTED: Final = "#a3b0bd"
GREEN: Final = "#4cc38a"
RED: Final = "#ff7b83"
NOTICE: Final = "#f2b134"
ON_NOTICE: Final = "#1a1300"
_GRID: Final = "#27313b"
BEFORE: Final = 40
"""Bars before the entry."""
AFTER: Final = 10
"""Bars after the end."""
MOST_BARS: Final = 150

NOTICES: Final[Mapping[str, str]] = {
    "simulated": "SIMULATED MARKET · generated prices, no real signal",
    "recording": "RECORDING · a replay of past prices, no live signal",
}
_OUTCOMES: Final[Mapping[str, tuple[str, str]]] = {
    "open": ("OPEN", TEXT),
    "tp_hit": ("TP HIT", GREEN),
    "sl_hit": ("SL HIT", RED),
    "expired": ("EXPIRED", MUTED),
    "left": ("LEFT", MUTED),
}
_LEFT, _RIGHT, _TOP, _BOTTOM = 40.0, 960.0, 190.0, 530.0
_LABEL_GAP: Final = 26.0
_FORBIDDEN: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML does not have."""


class _Level(NamedTuple):
    """A price that a signal named, from a time on (ms)."""

    name: str
    price: float
    since: int
    until: int
    colour: str


class Scale(NamedTuple):
    """Where times and prices are on the picture."""

    start: int
    end: int
    low: float
    high: float

    def x(self, time: float) -> float:
        span = max(1, self.end - self.start)
        return _LEFT + (_RIGHT - _LEFT) * min(1.0, max(0.0, (time - self.start) / span))

    def y(self, value: float) -> float:
        return _BOTTOM - (_BOTTOM - _TOP) * (value - self.low) / (self.high - self.low)


def interval_of(open_ms: int) -> str:
    """Return the shortest interval of which a signal that is open for so long has few bars."""
    most = MOST_BARS - BEFORE - AFTER
    fitting = (one for one in INTERVALS if open_ms <= most * INTERVAL_MS[one])
    return next(fitting, INTERVALS[-1])


def signal_image(
    signal: Mapping[str, Any], bars: Sequence[Sequence[float]], interval: str, address: str = ""
) -> str:
    """Return the picture of a signal in its public form, as an SVG document.

    `bars` are `[open_time, open, high, low, close, volume]` of the interval, in order; `address` is
    the dashboard's, "" where it is not known.
    """
    levels = list(_levels(signal, _end(signal, bars, interval)))
    scale = _scale(signal, bars, interval, levels)
    parts = [
        _tag("rect", "", width=WIDTH, height=HEIGHT, fill=BACKGROUND),
        *_notice(signal),
        *_heading(signal),
        *_grid(scale, signal),
        *_candles(scale, bars, INTERVAL_MS[interval]),
        *_lines(scale, levels, signal.get("tick_size")),
        *_fills(scale, signal),
        *_footer(signal, interval, address, empty=not bars),
    ]
    title = f"{signal['direction'].upper()} {signal['symbol']}: {_outcome(signal)[0]}"
    body = f"<title>{_clean(title, 90)}</title>{''.join(parts)}"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" width="{WIDTH}" height="{HEIGHT}" '
        f'viewBox="0 0 {WIDTH} {HEIGHT}" font-family="Inter, system-ui, sans-serif">{body}</svg>\n'
    )


def _levels(signal: Mapping[str, Any], end: int) -> Iterable[_Level]:
    """Yield the entry, every target, and the stop wherever it was."""
    since = signal["close_time"]
    yield _Level("Entry", signal["entry_price"], since, end, TEXT)
    targets = (signal.get("exits") or {}).get("targets") or [{"price": signal["tp_price"]}]
    for number, target in enumerate(targets, 1):
        name = "TP" if len(targets) == 1 else f"TP{number}"
        yield _Level(name, target["price"], since, end, GREEN)
    stop = signal["sl_price"]
    for move in signal.get("progress", ()):
        if "at" in move:
            yield _Level("", stop, since, move["at"], RED)
            stop, since = move["price"], move["at"]
    yield _Level("SL", stop, since, end, RED)


def _end(signal: Mapping[str, Any], bars: Sequence[Sequence[float]], interval: str) -> int:
    """Return until when levels are drawn (ms): the closing, else the newest bar or a bit later."""
    if signal["closed_at"] is not None:
        return int(signal["closed_at"] * 1000)
    newest = int(bars[-1][0]) + INTERVAL_MS[interval] if bars else 0
    return max(newest, int(signal["close_time"]) + AFTER * INTERVAL_MS[interval])


def _scale(
    signal: Mapping[str, Any],
    bars: Sequence[Sequence[float]],
    interval: str,
    levels: Sequence[_Level],
) -> Scale:
    length = INTERVAL_MS[interval]
    end = _end(signal, bars, interval)
    start = int(bars[0][0]) if bars else signal["close_time"] - BEFORE * length
    last = int(bars[-1][0]) + length if bars else end
    prices = [one.price for one in levels]
    prices += [closing["price"] for closing in _closings(signal)]
    prices += [value for bar in bars for value in (bar[2], bar[3])]
    low, high = min(prices), max(prices)
    margin = 0.05 * (high - low) or abs(high) * 0.01 or 1.0
    return Scale(min(start, signal["close_time"]), max(last, end), low - margin, high + margin)


def _notice(signal: Mapping[str, Any]) -> Iterable[str]:
    words = NOTICES.get(signal["market"])
    if signal.get("shadow"):
        words = f"{words} · IN SHADOW" if words else "IN SHADOW · decided, never published"
    if words:
        yield _tag("rect", "", width=WIDTH, height=44, fill=NOTICE)
        yield _words(words, WIDTH / 2, 30, 24, ON_NOTICE, anchor="middle", weight=700)


def _heading(signal: Mapping[str, Any]) -> Iterable[str]:
    side = GREEN if signal["direction"] == "long" else RED
    outcome, colour = _outcome(signal)
    about = f"{signal['strategy']} · score {score(signal['score'])}"
    symbol = _clean(signal["symbol"], 20)
    size = 46 if len(signal["symbol"]) <= 12 else 32
    named = f'<tspan fill="{side}">{_clean(signal["direction"].upper(), 5)}</tspan> {symbol}'
    place = {"x": f"{_LEFT:.1f}", "y": "104.0", "font-size": size, "font-weight": 700}
    yield _tag("text", named, fill=TEXT, **place)
    yield _words(about, _LEFT, 142, 24, MUTED, most=60)
    yield _words(outcome, WIDTH - 40, 104, 46, colour, anchor="end", weight=700)
    yield _words(_result(signal), WIDTH - 40, 142, 24, MUTED, anchor="end")


def _outcome(signal: Mapping[str, Any]) -> tuple[str, str]:
    """Return a signal's status in words, and its colour."""
    words, colour = _OUTCOMES[signal["status"]]
    net = signal["return_pct"]
    if net is None:
        return words, colour
    return f"{words} {percent(net)}", GREEN if net > 0 else RED if net < 0 else colour


def _result(signal: Mapping[str, Any]) -> str:
    if signal["return_pct"] is None:
        return f"until {when(signal['expires_at'])}"
    also = ", both levels in one bar" if signal.get("ambiguous") else ""
    return f"net of costs{also} · {when(int(signal['closed_at'] * 1000))}"


def _grid(scale: Scale, signal: Mapping[str, Any]) -> Iterable[str]:
    """Yield the axis of times, with the entry's and the end's."""
    yield _line(_LEFT, _BOTTOM, _RIGHT, _BOTTOM, _GRID)
    ends = signal["closed_at"]
    marks = [scale.start, signal["close_time"], int(ends * 1000) if ends else scale.end]
    placed = -1e9
    for time in marks:
        x = scale.x(time)
        yield _line(x, _TOP, x, _BOTTOM, _GRID)
        if x - placed >= 120:
            placed = x
            yield _words(
                _clock(time), x, _BOTTOM + 26, 18, MUTED, anchor="middle" if x > 90 else "start"
            )


def _candles(scale: Scale, bars: Sequence[Sequence[float]], length: int) -> Iterable[str]:
    width = max(1.0, 0.7 * (_RIGHT - _LEFT) * length / max(1, scale.end - scale.start))
    for colour, rising in ((GREEN, True), (RED, False)):
        wicks, bodies = [], []
        for time, opened, high, low, close, *_ in bars:
            if (close >= opened) != rising:
                continue
            middle = scale.x(time + length / 2)
            top, bottom = scale.y(max(opened, close)), scale.y(min(opened, close))
            wicks.append(f"M{middle:.1f} {scale.y(high):.1f}V{scale.y(low):.1f}")
            height = max(1.0, bottom - top)
            bodies.append(
                f"M{middle - width / 2:.1f} {top:.1f}h{width:.1f}v{height:.1f}h-{width:.1f}z"
            )
        if bodies:
            yield _tag("path", "", d="".join(wicks), stroke=colour)
            yield _tag("path", "", d="".join(bodies), fill=colour)


def _lines(scale: Scale, levels: Sequence[_Level], tick: float | None) -> Iterable[str]:
    """Yield the levels, and their prices beside them, of which none covers another."""
    for one in levels:
        y = scale.y(one.price)
        yield _line(scale.x(one.since), y, scale.x(one.until), y, one.colour, dash="7 5", width=2)
    named = sorted((one for one in levels if one.name), key=lambda one: -one.price)
    for one, at in zip(named, _apart([scale.y(one.price) + 7 for one in named]), strict=True):
        text = f"{one.name} {price(one.price, tick)}"
        yield _words(text, _RIGHT + 14, at, 21, one.colour, most=26)


def _apart(places: Sequence[float]) -> list[float]:
    """Return places from top to bottom, moved so that labels there fit the chart's height."""
    down, at = [], _TOP - _LABEL_GAP
    for place in places:
        at = max(at + _LABEL_GAP, place)
        down.append(at)
    up, at = [], _BOTTOM + _LABEL_GAP
    for place in reversed(down):
        at = min(at - _LABEL_GAP, place)
        up.append(at)
    return up[::-1]


def _fills(scale: Scale, signal: Mapping[str, Any]) -> Iterable[str]:
    """Yield a mark where each part of the position was closed."""
    for fill in _closings(signal):
        x, y = scale.x(fill["closed_at"]), scale.y(fill["price"])
        yield _tag("circle", "", cx=f"{x:.1f}", cy=f"{y:.1f}", r=6, fill=BACKGROUND, stroke=TEXT)


def _closings(signal: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the price and time (ms) of each closing of a part of the position."""
    ended = signal.get("fills") or (
        [{"closed_at": int(signal["closed_at"] * 1000), "price": signal["exit_price"]}]
        if signal["closed_at"] is not None
        else []
    )
    parts = [step for step in signal.get("progress", ()) if "closed_at" in step]
    return [*parts, *ended]


def _footer(
    signal: Mapping[str, Any], interval: str, address: str, *, empty: bool
) -> Iterable[str]:
    opened = f"Opened {when(signal['close_time'])} on closed bars"
    shown = "its bars are no longer stored" if empty else f"{interval} bars"
    yield _words(f"{opened} · {shown} · times in UTC", _LEFT, 584, 20, MUTED)
    yield _words("Not financial advice", WIDTH - 40, 584, 20, MUTED, anchor="end")
    yield _words(f"{address}signals/{signal['id']}", _LEFT, 612, 20, TEXT, most=110)


def _clock(time: int) -> str:
    return datetime.fromtimestamp(time / 1000, UTC).strftime("%m-%d %H:%M")


def _words(
    text: str, x: float, y: float, size: int, fill: str, *, anchor: str = "start",
    weight: int = 400, most: int = 80,
) -> str:  # fmt: skip
    more = {"text-anchor": anchor} if anchor != "start" else {}
    bold = {"font-weight": weight} if weight != 400 else {}
    place = {"x": f"{x:.1f}", "y": f"{y:.1f}", "font-size": size, "fill": fill}
    return _tag("text", _clean(text, most), **place, **more, **bold)


def _line(
    x1: float, y1: float, x2: float, y2: float, stroke: str, *, dash: str = "", width: int = 1
) -> str:
    more = {"stroke-dasharray": dash} if dash else {}
    places = {"x1": f"{x1:.1f}", "y1": f"{y1:.1f}", "x2": f"{x2:.1f}", "y2": f"{y2:.1f}"}
    return _tag("line", "", **places, stroke=stroke, **{"stroke-width": width}, **more)


def _tag(name: str, text: str, **attributes: object) -> str:
    """Return an element; `text` is escaped already, attributes are this module's own values."""
    written = "".join(f' {key}="{value}"' for key, value in attributes.items())
    return f"<{name}{written}>{text}</{name}>" if text else f"<{name}{written}/>"


def _clean(text: str, most: int) -> str:
    """Return text for XML: without characters that it lacks, cut, and escaped."""
    valid = _FORBIDDEN.sub("", text)
    return html.escape(valid if len(valid) <= most else valid[: most - 1] + "…")
