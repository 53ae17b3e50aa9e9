"""Small charts of characters: bars, a line, candles; readable without colours."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from itertools import pairwise

from rich.text import Text
from signalengine.text.formatting import percent, price

EIGHTHS = " ▏▎▍▌▋▊▉█"
UP, DOWN, WICK, LEVEL = "█", "▒", "│", "┈"
WIDEST_STEP = 6
BEFORE = 0.04
"""What stairs begin before the first step, as a share of what they show."""
RISING, FALLING = "green", "red"


def bar(share: float, width: int, style: str = "") -> Text:
    """Return a bar of `width` cells that is full at 1."""
    eighths = round(max(0.0, min(1.0, share)) * width * 8)
    whole, rest = divmod(eighths, 8)
    drawn = EIGHTHS[8] * whole + (EIGHTHS[rest] if rest else "")
    return Text(drawn.ljust(width), style=style)


def line(values: Sequence[float], width: int, height: int) -> list[Text]:
    """Return rows with a line through the values; few are stretched, many are sampled evenly."""
    wide = max(1, min(WIDEST_STEP, width // len(values)))
    shown = [value for value in _sampled(values, width) for _ in range(wide)]
    low, high = min(*shown, 0.0), max(*shown, 0.0)
    rows = [[" "] * len(shown) for _ in range(height)]
    places = [_row(value, low, high, height) for value in shown]
    for at, place in enumerate(places):
        rows[place][at] = "─"
    for at, (before, after) in enumerate(pairwise(places), 1):
        if before != after:
            upper, lower = sorted((before, after))
            for row in range(upper + 1, lower):
                rows[row][at] = "│"
            rows[before][at] = "╯" if after < before else "╮"
            rows[after][at] = "╭" if after < before else "╰"
    labels = {0: percent(high), height - 1: percent(low)}
    zero = _row(0.0, low, high, height)
    labels[zero] = percent(0.0)
    pad = max(len(label) for label in labels.values())
    return [
        Text.assemble(
            (labels.get(n, "").rjust(pad), "dim"),
            (" ┤" if n == zero else " │", "dim"),
            "".join(row),
        )
        for n, row in enumerate(rows)
    ]


def stairs(points: Sequence[tuple[float, float]], until: float, width: int) -> list[float]:
    """Return the values of `width` columns up to `until` (ms) of a sum that begins with zero.

    A point is a time (ms) and the value from then on, oldest first.
    """
    end = max(until, points[-1][0])
    begin = points[0][0] - BEFORE * max(1.0, end - points[0][0])
    times = [begin + (end - begin) * n / (width - 1) for n in range(width)]
    times[-1] = end
    values = [0.0, *(value for _, value in points)]
    moments = [time for time, _ in points]
    return [values[bisect_right(moments, time)] for time in times]


def candles(
    bars: Sequence[Sequence[float]],
    levels: Mapping[str, float],
    marks: Mapping[str, int],
    width: int,
    height: int,
    tick: float | None = None,
) -> list[Text]:
    """Return bars ([open time, open, high, low, close, volume]) as rows of candles.

    `levels` are drawn across and named at the right edge, `marks` (times in ms) below: one
    character each. Where there are more bars than columns, neighbours share a candle.
    """
    groups = _grouped(bars, width)
    prices = [*(row[2] for row in groups), *(row[3] for row in groups), *levels.values()]
    low, high = min(prices), max(prices)
    cells = [[(" ", "")] * len(groups) for _ in range(height)]
    for level in levels.values():
        at = _row(level, low, high, height)
        cells[at] = [(LEVEL, "dim")] * len(groups)
    for column, row in enumerate(groups):
        _candle(cells, column, row, low, high)
    names = _names(levels, low, high, height, tick)
    drawn = [Text.assemble(*row, "  ", (names.get(n, ""), "dim")) for n, row in enumerate(cells)]
    return [*drawn, _marked(groups, marks)]


def _candle(
    cells: list[list[tuple[str, str]]],
    column: int,
    row: Sequence[float],
    low: float,
    high: float,
) -> None:
    _, first, top, bottom, last, *_ = row
    up = last >= first
    parts = ((WICK, top, bottom), (UP if up else DOWN, max(first, last), min(first, last)))
    for shape, upper, lower in parts:
        rows = (_row(upper, low, high, len(cells)), _row(lower, low, high, len(cells)))
        for at in range(rows[0], rows[1] + 1):
            cells[at][column] = (shape, RISING if up else FALLING)


def _names(
    levels: Mapping[str, float], low: float, high: float, height: int, tick: float | None
) -> dict[int, str]:
    """Return the label at the right of each row; levels in the same row share it."""
    names: dict[int, str] = {}
    for name, level in levels.items():
        at = _row(level, low, high, height)
        shown = f"{name} {price(level, tick)}"
        names[at] = f"{names[at]}, {shown}" if at in names else shown
    names.setdefault(0, price(high, tick))
    names.setdefault(height - 1, price(low, tick))
    return names


def _marked(groups: Sequence[Sequence[float]], marks: Mapping[str, int]) -> Text:
    row = [" "] * len(groups)
    for mark, time in marks.items():
        inside = [at for at, group in enumerate(groups) if group[0] <= time]
        at = inside[-1] if inside else 0
        row[at if row[at] == " " else min(at + 1, len(row) - 1)] = mark
    return Text("".join(row))


def _grouped(bars: Sequence[Sequence[float]], width: int) -> list[list[float]]:
    size = -(-len(bars) // max(1, width))
    parts = [bars[at : at + size] for at in range(0, len(bars), size)]
    return [
        [part[0][0], part[0][1], max(r[2] for r in part), min(r[3] for r in part), part[-1][4]]
        for part in parts
    ]


def _sampled(values: Sequence[float], width: int) -> list[float]:
    """Return at most `width` values, evenly taken; the last is always included."""
    if len(values) <= width:
        return list(values)
    step = (len(values) - 1) / (width - 1)
    return [values[round(at * step)] for at in range(width)]


def _row(value: float, low: float, high: float, height: int) -> int:
    """Return the row of a value; the highest is row 0."""
    share = (high - value) / (high - low) if high > low else 0.5
    return round(share * (height - 1))
