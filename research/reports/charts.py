"""The charts of the statistics; each label describes the chart."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from signalengine.intervals import DAY_MS, MINUTE_MS
from signalengine.signals import RETURN_SCALE, Outcome, Settlement

from research.reports import formatting
from research.reports.markup import Html, tag
from research.reports.plot import Axes, Picture, Scale, Tick, key, padded, ticks
from research.statistics.significance import Null
from research.statistics.summary import MIN_TRADES, Estimate
from research.statistics.tables import Row
from research.statistics.trades import Floats, Ints, Trades

WIDTH: Final = 460
BINS: Final = 36


def returns(trades: Trades) -> Html:
    """How many signals ended with which net return, by outcome."""
    net = trades.net / RETURN_SCALE * 100
    picture = Picture(WIDTH, 300, _returns_label(net))
    low, high = padded(net, 0.0, share=0.02)
    axes = _stacked(picture, trades, net, np.linspace(low, high, BINS + 1))
    axes.draw_x(picture, "net return of a signal, % of the entry", _marks(low, high, 7))
    axes.down(picture, 0.0, "zero")
    if len(net):
        axes.down(picture, float(net.mean()), "mark")
    return picture.svg()


def lives(trades: Trades) -> Html:
    """How many signals ended after how long, by outcome."""
    unit, unit_ms = held_in(trades)
    held = (trades.closed - trades.entered) / unit_ms
    middle = f"the median is {np.median(held):.0f} {unit}" if len(held) else "none yet"
    picture = Picture(WIDTH, 300, f"Duration of {len(held)} signals: {middle}.")
    longest = float(held.max()) if len(held) else 1.0
    axes = _stacked(picture, trades, held, np.linspace(0.0, longest, 31))
    axes.draw_x(picture, f"{unit} from entry to end", _marks(0.0, longest, 6))
    return picture.svg()


def held_in(trades: Trades) -> tuple[str, int]:
    """Return the unit in which times from entry to end are shown, and its length in ms."""
    longest = int((trades.closed - trades.entered).max()) if len(trades) else 0
    return next((unit for unit in _UNITS if longest >= _UNITS_SHOWN * unit[1]), _UNITS[-1])


_UNITS: Final = (("days", DAY_MS), ("hours", 60 * MINUTE_MS), ("minutes", MINUTE_MS))
_UNITS_SHOWN: Final = 5
"""Of a unit the longest time has at least so many."""


def _stacked(picture: Picture, trades: Trades, values: Floats, edges: Floats) -> Axes:
    """Draw a histogram with the outcomes on top of each other; the caller draws below it."""
    kinds = [end.outcome for end in trades.settlements]
    stacks = {
        outcome: np.histogram(values[[kind is outcome for kind in kinds]], bins=edges)[0]
        for outcome in _drawn(trades, Outcome.SL_HIT, Outcome.EXPIRED, Outcome.TP_HIT)
    }
    base = np.zeros(len(edges) - 1)
    tallest = max(1.0, float((base + sum(stacks.values(), base)).max()))
    axes = Axes.within(picture, (float(edges[0]), float(edges[-1])), (0.0, tallest * 1.05))
    axes.draw_y(picture, "signals", _count)
    for outcome, counts in stacks.items():
        picture.add(_bars(axes, edges, base, counts, outcome.value))
        base = base + counts
    keys = [(formatting.OUTCOMES[outcome], f"fill {outcome.value}") for outcome in stacks]
    key(picture, axes.x.end, 12, keys)
    return axes


def _drawn(trades: Trades, *usual: Outcome) -> tuple[Outcome, ...]:
    """Return the outcomes of a chart: exits by a strategy's condition only where there are any."""
    return (*usual, Outcome.LEFT) if trades.outcomes[Outcome.LEFT] else usual


def null(test: Null) -> Html:
    """The mean net return of the null's draws, and that of the signals."""
    values, observed = test.net * 1e4, test.observed_net * 1e4
    picture = Picture(
        WIDTH, 240, f"{len(values):,} draws of {test.method}: mean net return "
        f"{formatting.bps(float(test.net.mean()))} bps on average; the signals had "
        f"{formatting.bps(test.observed_net)} bps.",
    )  # fmt: skip
    low, high = padded(values, observed)
    counts, edges = np.histogram(values, bins=40, range=(low, high))
    axes = Axes.within(picture, (low, high), (0.0, float(counts.max()) * 1.12))
    axes.draw_y(picture, "draws", _count, 4)
    picture.add(_bars(axes, edges, np.zeros(40), counts, "drawn"))
    axes.draw_x(picture, "mean net return, bps a signal", _marks(low, high, 6))
    axes.down(picture, observed, "mark")
    at, left = axes.x(observed), observed > (low + high) / 2
    picture.text(
        at + (-5 if left else 5),
        axes.y.end + 6,
        "these signals",
        "note",
        "end" if left else "start",
    )
    return picture.svg()


def forest(rows: Sequence[Row], whole: Estimate, title: str) -> Html:
    """Win rate and mean net return of groups with their intervals and N."""
    step, top, names = 21, 30, 140
    bottom = top + step * len(rows) + 2
    picture = Picture(WIDTH, bottom + 22, _forest_label(rows, title))
    rate = Axes(Scale(0.0, 1.0, names, names + 130), Scale(0, 1, bottom, top - 8))
    low, high = padded(_net_ends(rows), 0.0)
    net = Axes(Scale(low, high, names + 152, picture.width - 44), rate.y)
    _panel(picture, rate, "win rate, %", [(x, f"{x * 100:.0f}") for x in (0.0, 0.5, 1.0)])
    _panel(
        picture,
        net,
        "mean net, bps",
        [(x, f"{x:.0f}".replace("-", "−")) for x in ticks(low, high, 3)],
    )
    picture.text(picture.width - 4, top - 14, "N", "axis", "end")
    if whole.value is not None:
        rate.down(picture, whole.value, "whole")
    net.down(picture, 0.0, "zero")
    for number, row in enumerate(rows):
        at = top + step * number + step / 2
        faint = " few" if row.n < MIN_TRADES else ""
        picture.text(names - 8, at + 4, row.label.replace("_", " "), f"name{faint}", "end")
        picture.text(picture.width - 4, at + 4, str(row.n), f"tick{faint}", "end")
        _whisker(picture, rate.x, at, row.win_rate, 1.0, f"rate{faint}")
        _whisker(picture, net.x, at, row.mean_net, 1e4, f"rate{faint}")
    return picture.svg()


def calibration(rows: Sequence[Row], whole: Estimate) -> Html:
    """Win rate by score: a score that means something rises from left to right."""
    picture = Picture(WIDTH, 300, _forest_label(rows, "Win rate by score"))
    axes = Axes.within(picture, (0.0, float(max(1, len(rows)))), (0.0, 1.0), bottom=58)
    axes.draw_y(picture, "win rate, %", lambda x: f"{x * 100:.0f}")
    marks = [(n + 0.5, row.label.split("–")[0]) for n, row in enumerate(rows)]
    axes.draw_x(picture, "score from, and N · dashed: all signals", marks)
    if whole.value is not None:
        axes.across(picture, whole.value, "whole")
    for n, row in enumerate(rows):
        at, faint = axes.x(n + 0.5), " few" if row.n < MIN_TRADES else ""
        picture.text(at, axes.y.start + 31, str(row.n), f"tick{faint}", "middle")
        rate = row.win_rate
        if rate.value is None:
            continue
        if rate.low is not None and rate.high is not None:
            picture.line(at, axes.y(rate.low), at, axes.y(rate.high), f"whisker rate{faint}")
        picture.dots([(at, axes.y(rate.value))], f"large rate{faint}")
    return picture.svg()


def excursions(trades: Trades) -> Html:
    """The best against the worst each signal saw, in units of its stop's distance."""
    best = [end.mfe / RETURN_SCALE / r for end, r in _with_risk(trades)]
    worst = [-end.mae / RETURN_SCALE / r for end, r in _with_risk(trades)]
    picture = Picture(WIDTH, 300, _excursions_label(best, worst))
    (_, right), (_, top) = padded(worst, 1.2), padded(best, 2.2)
    axes = Axes.within(picture, (0.0, right), (0.0, top))
    axes.draw_y(picture, "maximum favourable excursion (MFE), R", lambda x: f"{x:g}")
    axes.draw_x(picture, "maximum adverse excursion (MAE), R", _marks(0.0, right, 6))
    for outcome in _drawn(trades, Outcome.EXPIRED, Outcome.SL_HIT, Outcome.TP_HIT):
        picture.dots(
            (
                (axes.x(x), axes.y(y))
                for x, y, end in zip(worst, best, trades.settlements, strict=True)
                if end.outcome is outcome
            ),
            outcome.value,
        )
    drawn = _drawn(trades, Outcome.TP_HIT, Outcome.SL_HIT, Outcome.EXPIRED)
    keys = [(formatting.OUTCOMES[o], f"fill {o.value}") for o in drawn]
    key(picture, axes.x.end, 12, keys)
    return picture.svg()


def _bars(axes: Axes, edges: Floats, base: Floats, counts: Ints | Floats, name: str) -> Html:
    """All bars of one kind as one path."""
    steps = []
    for n, count in enumerate(counts):
        if count:
            x, y = axes.x(float(edges[n])), axes.y(float(base[n] + count))
            wide, high = axes.x(float(edges[n + 1])) - x - 0.7, axes.y(float(base[n])) - y
            steps.append(f"M{x:.1f} {y:.1f}h{wide:.1f}v{high:.1f}h-{wide:.1f}z")
    return tag("path", d="".join(steps), class_=f"fill {name}")


def _panel(picture: Picture, axes: Axes, title: str, marks: Sequence[Tick]) -> None:
    for value, text in marks:
        axes.down(picture, value, "grid")
        picture.text(axes.x(value), axes.y.start + 15, text, "tick", "middle")
    picture.text((axes.x.start + axes.x.end) / 2, axes.y.end - 6, title, "axis", "middle")


def _whisker(
    picture: Picture, scale: Scale, at: float, estimate: Estimate, times: float, name: str
) -> None:
    if estimate.value is None:
        return
    if estimate.low is not None and estimate.high is not None:
        low, high = scale(estimate.low * times), scale(estimate.high * times)
        picture.line(low, at, high, at, f"whisker {name}")
    picture.dots([(scale(estimate.value * times), at)], f"large {name}")


def _marks(low: float, high: float, count: int) -> list[Tick]:
    return [(x, f"{x:g}".replace("-", "−")) for x in (round(t, 9) for t in ticks(low, high, count))]


def _with_risk(trades: Trades) -> list[tuple[Settlement, float]]:
    return list(zip(trades.settlements, (float(r) for r in trades.risk), strict=True))


def _net_ends(rows: Sequence[Row]) -> list[float]:
    ends = [
        x * 1e4
        for row in rows
        for x in (row.mean_net.value, row.mean_net.low, row.mean_net.high)
        if x is not None
    ]
    return ends or [-1.0, 1.0]


def _count(value: float) -> str:
    return f"{value:g}"


def _returns_label(net: Floats) -> str:
    if not len(net):
        return "Net returns: none yet."
    return (
        f"Net returns of {len(net)} signals: from {net.min():.2f} % to {net.max():.2f} %, mean "
        f"{net.mean():.3f} %."
    )


def _forest_label(rows: Sequence[Row], title: str) -> str:
    parts = [
        f"{row.label} {row.win_rate.value:.0%} of {row.n}"
        for row in rows
        if row.win_rate.value is not None
    ]
    return f"{title}: {', '.join(parts) or 'no signals'}."


def _excursions_label(best: Sequence[float], worst: Sequence[float]) -> str:
    if not best:
        return "Best and worst excursions: none yet."
    return (
        f"Best and worst excursions of {len(best)} signals: medians {np.median(best):.2f} R for "
        f"and {np.median(worst):.2f} R against them."
    )
