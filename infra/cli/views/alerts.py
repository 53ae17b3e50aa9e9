"""Views of price alerts."""

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Group, RenderableType
from rich.text import Text
from signalengine.text.formatting import price

from .page import Page, plain
from .tables import Cell, Column, fitted, listed, nothing

Row = Mapping[str, Any]


def alerts(document: Row, page: Page) -> RenderableType:
    """Render the alerts of destinations, and the number of the others."""
    parts: list[RenderableType] = [_alerts(document["alerts"], page)]
    others = ", ".join(f"{count} of {plain(name)}" for name, count in document["others"].items())
    if others:
        parts += [Text(f"beside them: {others}, which their owners see", style="dim")]
    return Group(*parts)


def _alerts(rows: Sequence[Row], page: Page) -> RenderableType:
    if not rows:
        return nothing("no alerts of destinations; `signalengine alert add --help`")
    columns = [Column("alert"), Column("symbol"), Column("price"), Column("to", 1)]
    shown: list[Sequence[Cell]] = [
        [plain(row["alert"]), plain(row["symbol"]), _level(row), plain(row["to"])] for row in rows
    ]
    return fitted(columns, shown, page.width)


def _level(row: Row) -> str:
    return f"{row['direction']} {price(row['price'], row['tick_size'])}"


def added(document: Row, page: Page) -> RenderableType:  # noqa: ARG001 - one form for all views
    """Render an alert that was set, with the price now."""
    rows: list[tuple[str, Cell]] = [
        ("alert", plain(document["alert"])),
        ("symbol", plain(document["symbol"])),
        ("price", _level(document)),
        ("now", price(document["last"], document["tick_size"])),
        ("to", plain(document["to"])),
    ]
    return listed(rows)


def removed(document: Row, page: Page) -> RenderableType:  # noqa: ARG001 - one form for all views
    """Render that an alert has ended."""
    return Text(f"ended: {plain(document['removed'])}")
