"""Equity and drawdown over the days; each label describes the chart."""

from math import ceil
from typing import Final

import numpy as np
from signalengine.intervals import DAY_MS
from signalengine.signals import RETURN_SCALE

from research.reports import formatting
from research.reports.markup import Html, tag
from research.reports.plot import Axes, Picture, Tick, key, padded, path, stairs
from research.statistics import ratios
from research.statistics.trades import Ints, Trades

WIDE: Final = 980
NARROW: Final = 400
"""For phones: the wide picture made small could not be read."""


def equity(trades: Trades, width: int) -> Html:
    """Equity after each closing or day, net and gross; days without bars are cut out."""
    shares = max(1, len(trades.symbols))
    net = ratios.equity(trades.steps.net, shares, RETURN_SCALE) - 1.0
    gross = ratios.equity(trades.steps.gross, shares, RETURN_SCALE) - 1.0
    end = float(net[-1]) if len(net) else 0.0
    picture = Picture(
        width, 300, f"Equity: it ends at {formatting.percent(end, signed=True)} net of costs, "
        f"{formatting.percent(float(gross[-1]) if len(gross) else 0.0, signed=True)} gross, after "
        f"{len(trades)} signals.", _size(width),
    )  # fmt: skip
    axes = Axes.within(
        picture, (0.0, float(len(trades.days))), padded([*net, *gross], 0.0), left=52
    )
    axes.draw_y(picture, "return on the capital, %", _whole_percent)
    axes.draw_x(picture, _axis(trades), _day_marks(trades, width))
    _breaks(picture, axes, trades)
    axes.across(picture, 0.0, "zero")
    places = _places(trades)
    for values, name in ((gross, "line gross"), (net, "line net")):
        points = [(axes.x(0.0), axes.y(0.0))]
        points += [(axes.x(x), axes.y(float(y))) for x, y in zip(places, values, strict=True)]
        picture.add(tag("path", d=path(stairs(points, axes.x.end)), class_=name))
    key(picture, axes.x.end, 12, (("net", "line net"), ("gross", "line gross")))
    return picture.svg()


def drawdown(trades: Trades, width: int) -> Html:
    """How far the net equity is below its highest."""
    curve = ratios.equity(trades.steps.net, max(1, len(trades.symbols)), RETURN_SCALE)
    falls = ratios.drawdowns(curve)
    picture = Picture(
        width, 190, f"Drawdown of the net equity: at its deepest "
        f"{formatting.percent(float(falls.min()))}.", _size(width),
    )  # fmt: skip
    low, _ = padded([float(falls.min())], 0.0)
    axes = Axes.within(picture, (0.0, float(len(trades.days))), (low, 0.0), left=52)
    axes.draw_y(picture, "below the highest equity so far, %", _whole_percent, 4)
    places = [0.0, *_places(trades)]
    points = [(axes.x(x), axes.y(float(y))) for x, y in zip(places, falls, strict=True)]
    shape = [*stairs(points, axes.x.end), (axes.x.end, axes.y.end), (axes.x.start, axes.y.end)]
    picture.add(tag("path", d=path(shape) + "Z", class_="sunk"))
    axes.draw_x(picture, _axis(trades), _day_marks(trades, width))
    _breaks(picture, axes, trades)
    return picture.svg()


def _axis(trades: Trades) -> str:
    return "day of the closing (UTC)" if trades.marks is None else "day (UTC), at its end"


def _places(trades: Trades) -> list[float]:
    """Places of the closings, or of the ends of days, on an axis of covered days."""
    times = trades.steps.time
    numbers = times // DAY_MS
    index = np.searchsorted(trades.days, numbers)
    inside = np.isin(numbers, trades.days)
    places = np.where(inside, index + (times % DAY_MS) / DAY_MS, index)
    return [float(x) for x in places]


def _day_marks(trades: Trades, width: int) -> list[Tick]:
    days = trades.days
    if not len(days):
        return []
    step = max(1, ceil(len(days) / (width // 85)))
    shown = list(range(0, len(days), step))
    breaks = _break_places(days)
    shown = sorted(
        {k for k in shown if all(abs(k - b) >= step * 0.7 for b in breaks)} | set(breaks)
    )
    return [
        (float(k), formatting.day(int(days[k]) * DAY_MS, year=k == shown[0] or k in breaks))
        for k in shown
    ]


def _break_places(days: Ints) -> list[int]:
    return [int(k) + 1 for k in np.flatnonzero(np.diff(days) > 1)]


def _breaks(picture: Picture, axes: Axes, trades: Trades) -> None:
    """Mark where days without bars are cut out."""
    for place in _break_places(trades.days):
        axes.down(picture, place, "break")


def _size(width: int) -> str:
    return "wide" if width == WIDE else "narrow"


def _whole_percent(fraction: float) -> str:
    return f"{round(fraction * 100, 6):g}".replace("-", "−")
