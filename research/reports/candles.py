"""The bars around a signal: candles, entry, TP, SL, exit."""

from dataclasses import dataclass

import numpy as np
from signalengine.intervals import DAY_MS, MINUTE_MS
from signalengine.signals import Signal

from research.reports import formatting
from research.reports.markup import Html, tag
from research.reports.plot import Axes, Picture, Tick, padded
from research.statistics.trades import Floats, RunLike

BEFORE, AFTER = 45, 15
"""Bars before the entry and after the exit."""
MARGIN = 6
"""Of a long life, this part of it before the entry."""
MOST = 130
"""Candles in a picture; longer lives are drawn in candles of several bars."""


@dataclass(frozen=True, slots=True)
class Window:
    """Candles in rows of (time, open, high, low, close)."""

    rows: Floats
    span: int
    """Length of each, ms."""


def window(run: RunLike, signal: Signal) -> Window:
    """Return the bars from some before the entry to some after the exit."""
    bars, length = run.feed.settling, run.feed.length_ms
    end = signal.expires_at if signal.settlement is None else signal.settlement.closed_at
    before = max(BEFORE * length, (end - signal.close_time) // MARGIN)
    first = int(np.searchsorted(bars[:, 0], signal.close_time - before))
    last = int(np.searchsorted(bars[:, 0], end + AFTER * length))
    rows = bars[first:last, :5]
    count = max(1, -(-len(rows) // MOST))
    return Window(_grouped(rows, count), count * length)


def chart(run: RunLike, signal: Signal) -> Html:
    """Draw a signal among its candles."""
    shown = window(run, signal)
    rows, span = shown.rows, shown.span
    picture = Picture(460, 300, _label(signal))
    prices = [*rows[:, 2], *rows[:, 3], *_targets(signal), signal.sl_price]
    start = float(rows[0, 0]) if len(rows) else float(signal.close_time)
    end = float(rows[-1, 0]) + span if len(rows) else start + span
    axes = Axes.within(picture, (start, end), padded(prices), left=62, right=20)
    axes.draw_y(picture, f"price, {_quote(signal.symbol)}", formatting.price)
    axes.draw_x(picture, f"{formatting.day(signal.close_time, year=True)}, UTC", _hours(start, end))
    _zones(picture, axes, signal, end)
    up, down = _candles(axes, rows, span)
    picture.add(tag("path", d=up, class_="candle up"), tag("path", d=down, class_="candle down"))
    _levels(picture, axes, signal, end)
    return picture.svg()


def _grouped(rows: Floats, count: int) -> Floats:
    """Join every so many rows into one."""
    if count == 1 or not len(rows):
        return rows
    out = []
    for first in range(0, len(rows), count):
        part = rows[first : first + count]
        out.append([part[0, 0], part[0, 1], part[:, 2].max(), part[:, 3].min(), part[-1, 4]])
    return np.array(out)


def _candles(axes: Axes, rows: Floats, span: int) -> tuple[str, str]:
    """Paths of the rising and the falling candles; rising ones are hollow."""
    up: list[str] = []
    down: list[str] = []
    width = max(1.0, (axes.x(rows[0, 0] + span) - axes.x(rows[0, 0])) * 0.62) if len(rows) else 1.0
    for time, opened, high, low, close in rows.tolist():
        x = axes.x(time + span / 2)
        top, bottom = axes.y(max(opened, close)), axes.y(min(opened, close))
        body = f"M{x - width / 2:.1f} {top:.1f}h{width:.1f}v{bottom - top:.1f}h-{width:.1f}z"
        wick = f"M{x:.1f} {axes.y(high):.1f}V{top:.1f}M{x:.1f} {bottom:.1f}V{axes.y(low):.1f}"
        (up if close >= opened else down).append(body + wick)
    return "".join(up), "".join(down)


def _zones(picture: Picture, axes: Axes, signal: Signal, end: float) -> None:
    """Shade what is between the entry and its levels while the signal is open."""
    left, right = axes.x(signal.close_time), axes.x(_end(signal, end))
    for level, name in ((signal.tp_price, "zone tp"), (signal.sl_price, "zone sl")):
        top = axes.y(max(level, signal.entry_price))
        bottom = axes.y(min(level, signal.entry_price))
        picture.rect(left, top, right - left, bottom - top, name)


def _levels(picture: Picture, axes: Axes, signal: Signal, end: float) -> None:
    left, right = axes.x(signal.close_time), axes.x(_end(signal, end))
    targets = _targets(signal)
    names = ["TP"] if len(targets) == 1 else [f"TP {k + 1}" for k in range(len(targets))]
    levels = (
        *((price, "level tp", name) for price, name in zip(targets, names, strict=True)),
        (signal.entry_price, "level entry", "entry"),
        (signal.sl_price, "level sl", "SL"),
    )
    for price, name, words_ in levels:
        at = axes.y(price)
        picture.line(left, at, right, at, name)
        picture.text(left - 4, at + 4, words_, "note halo", "end")
    picture.dots([(left, axes.y(signal.entry_price))], "large entry")
    if signal.settlement is not None:
        parts = [(axes.x(fill.closed_at), axes.y(fill.price)) for fill in signal.settlement.fills]
        last = (right, axes.y(signal.settlement.exit_price))
        picture.dots([*parts[:-1], last], "large exit")


def _targets(signal: Signal) -> list[float]:
    exits = signal.exits
    return [signal.tp_price] if exits is None else [target.price for target in exits.targets]


def _end(signal: Signal, end: float) -> float:
    return end if signal.settlement is None else float(min(signal.settlement.closed_at, end))


def _hours(start: float, end: float) -> list[Tick]:
    """Round times of day, or days, about six."""
    rough = (end - start) / 6
    minutes = [m * MINUTE_MS for m in (5, 10, 15, 30, 60, 120, 240, 360, 720)]
    steps = [*minutes, *(d * DAY_MS for d in (1, 2, 5, 10))]
    step = next((s for s in steps if s >= rough), steps[-1])
    shown = formatting.day if step >= DAY_MS else formatting.clock
    first = -(-int(start) // step) * step
    return [(float(t), shown(t)) for t in range(first, int(end) + 1, step)]


def _quote(symbol: str) -> str:
    return next((q for q in ("USDT", "USDC") if symbol.endswith(q)), "quote currency")


def _label(signal: Signal) -> str:
    text = (
        f"{signal.symbol} {signal.direction} at {formatting.moment(signal.close_time)} UTC: entry "
        f"{formatting.price(signal.entry_price)}, TP {formatting.price(signal.tp_price)}, SL "
        f"{formatting.price(signal.sl_price)}"
    )
    end = signal.settlement
    if end is None:
        return f"{text}; still open."
    return (
        f"{text}; {formatting.OUTCOMES[end.outcome]} at {formatting.price(end.exit_price)}, "
        f"{formatting.stored_percent(end.net_return)} net."
    )
