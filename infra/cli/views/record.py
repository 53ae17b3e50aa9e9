"""The track record: performance over days, and equity since the first signal."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import pairwise
from typing import Any

from rich.console import Group, RenderableType
from rich.text import Text
from signalengine.text.formatting import percent

from .charts import bar, line, stairs
from .page import Page, plain, words
from .quoted import NONE, between, gain, market_badge, policy_words, score
from .tables import Cell, Column, fitted, listed, nothing, number

CHART_HEIGHT = 9
CHART_MARGIN = 14
LONGEST_CHART = 100
MOST_BINS = 12
FEW = 30
Row = Mapping[str, Any]


def performance(document: Row, page: Page, now: float = 0.0) -> RenderableType:
    """Render the summary, equity up to `now` (ms of market time), groups and histogram."""
    if not document["n"]:
        found = ["no closed signals in this window", *_others(document)]
        return Group(*(nothing(note) for note in found))
    parts: list[RenderableType] = [_head(document), Text(), _summary(document["summary"]), Text()]
    steps = [(point["time"], point["equity_pct"]) for point in document["equity"]]
    parts += _curve(steps, now, page)
    for name in ("by_symbol", "by_direction", "by_event"):
        parts += [_groups(words(name), document[name], page), Text()]
    parts += [_histogram(document["histogram"], page), _notes(document)]
    return Group(*parts)


def _head(document: Row) -> Text:
    days = document.get("days")
    return Text.assemble(
        market_badge(document["market"]),
        (f"{document['n']} closed signals", "bold"),
        f" in {days} days" if days else "",
        (f"  policy {policy_words(document)}", "dim"),
    )


def _summary(found: Row) -> RenderableType:
    rows: list[tuple[str, Cell]] = [
        ("win rate", _rate(found)),
        ("average net", gain(found["avg_return"])),
        ("average gross", gain(found["avg_gross"])),
        ("expectancy", _plain_number(found["expectancy_r"], " R")),
        ("profit factor", _plain_number(found["profit_factor"])),
        ("max drawdown", gain(_down(found["max_drawdown"]))),
        ("best, worst", between(found["best"], found["worst"])),
        ("Sharpe, Sortino", f"{_number(found['sharpe_ratio'])}, {_number(found['sortino_ratio'])}"),
    ]
    return listed(rows)


def _down(value: float | None) -> float | None:
    return None if value is None else -abs(value)


def _rate(row: Row) -> str:
    if row["win_rate"] is None:
        return NONE
    low, high = score(row["win_rate_low"]), score(row["win_rate_high"])
    return f"{score(row['win_rate'])} (95% interval: {low} to {high})"


def _number(value: float | None) -> str:
    return "too few signals" if value is None else f"{value:.2f}"


def _plain_number(value: float | None, unit: str = "") -> str:
    return _number(value) if value is None else f"{value:.2f}{unit}"


def _groups(title: str, rows: Sequence[Row], page: Page) -> RenderableType:
    columns = [
        Column(title),
        number("n"),
        number("won"),
        number("95%", 2),
        number("average net", 1),
    ]
    shown: list[Sequence[Cell]] = [
        [
            words(row["key"]), str(row["n"]),
            score(row["win_rate"]),
            NONE if row["win_rate"] is None else _interval(row), gain(row["avg_return"]),
        ]
        for row in rows
        if row["n"]
    ]  # fmt: skip
    return fitted(columns, shown, page.width)


def _interval(row: Row) -> str:
    return f"{score(row['win_rate_low'])} to {score(row['win_rate_high'])}"


def _histogram(found: Row, page: Page) -> RenderableType:
    bins = _coarser(found["edges"], found["counts"])
    most = max((n for _, _, n in bins), default=0)
    if not most:
        return Text()
    rows: list[Sequence[Cell]] = [
        [
            f"{percent(low)} to {percent(high)}",
            str(n),
            bar(n / most, 30, _colour(low)),
        ]
        for low, high, n in bins
    ]
    return fitted([number("net of a signal"), number("n"), Column("", 1)], rows, page.width)


def _colour(low: float) -> str:
    return "green" if low >= 0 else "red"


def _coarser(edges: Sequence[float], counts: Sequence[int]) -> list[tuple[float, float, int]]:
    """Return bins as (low, high, n), neighbours joined until few are left; 0 stays an edge."""
    size = -(-len(counts) // MOST_BINS)
    if not size:
        return []
    zero = min(range(len(edges)), key=lambda at: abs(edges[at]))
    cuts = sorted({0, len(counts), *range(zero % size, len(counts), size)})
    return [(edges[a], edges[b], sum(counts[a:b])) for a, b in pairwise(cuts)]


def _notes(document: Row) -> RenderableType:
    shown = ["returns are sums of single signals, not compounded"]
    if document["n"] < FEW:
        shown.append("fewer than 30 signals prove nothing")
    if document["truncated"]:
        shown.append("only the newest 5,000 signals are counted")
    return Group(*(Text(note, "dim") for note in [" · ".join(shown), *_others(document)]))


def _others(document: Row) -> list[str]:
    """Return a note about other policies and markets with signals in the window."""
    mine = (document["policy_digest"], document["market"])
    others = [
        f"{policy_words(row)} on {plain(row['market'])} (n = {row['n']})"
        for row in document["policies"]
        if (row["policy_digest"], row["market"]) != mine
    ]
    return (
        [f"not counted, choose with --policy and --market: {', '.join(others)}"] if others else []
    )


def equity(document: Row, page: Page, now: float = 0.0) -> RenderableType:
    """Render the equity of a policy on a market by day, from its first signal to `now` (ms)."""
    rows = document["equity"]
    if not rows:
        return nothing("no closed signals yet")
    head = Text.assemble(
        market_badge(document["market"]),
        (percent(rows[-1]["equity_pct"]), "bold"),
        f" net after {len(rows)} day{'s' if len(rows) > 1 else ''}",
        (f"  policy {policy_words(document)}", "dim"),
    )
    columns = [
        Column("day UTC"), number("closed", 1), number("net"), number("equity"),
        number("drawdown", 1),
    ]  # fmt: skip
    shown: list[Sequence[Cell]] = [
        [
            plain(row["day"]), str(row["closed"]), gain(row["net_pct"]), gain(row["equity_pct"]),
            gain(_down(row["drawdown_pct"])),
        ]
        for row in rows
    ]  # fmt: skip
    curve = _curve([(_begin(row["day"]), row["equity_pct"]) for row in rows], now, page)
    note = "percent of the stake of one signal, summed, not compounded"
    return Group(head, Text(), *curve, fitted(columns, shown, page.width, note))


def _begin(day: str) -> float:
    """Return the start of a UTC day, ms."""
    return datetime.fromisoformat(f"{day}T00:00:00+00:00").timestamp() * 1000


def _curve(steps: Sequence[tuple[float, float]], until: float, page: Page) -> list[RenderableType]:
    if not steps:
        return []
    width = max(10, min(LONGEST_CHART, page.width - CHART_MARGIN))
    drawn = line(stairs(steps, until, width), width, CHART_HEIGHT)
    return [Text("equity, percent", "dim"), *drawn, Text()]
