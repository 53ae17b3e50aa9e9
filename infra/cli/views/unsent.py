"""The view of signals that a chat has not received."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Group, RenderableType
from rich.text import Text
from signalengine.text.formatting import duration

from .page import Page, plain
from .tables import Cell, Column, fitted, nothing

Row = Mapping[str, Any]


def unsent(document: Row, page: Page) -> RenderableType:
    """Render the messages by symbol, and how many each symbol has."""
    rows: Sequence[Row] = document["unsent"]
    if not rows:
        return nothing(f"the newest {document['signals']:,} signals were all sent")
    zone = page.zone(row["close_time"] for row in rows)
    columns = [
        Column("symbol"), Column(f"closed {zone}", 2), Column("message"), Column("chat", 1),
        Column("reason"), Column("next try"),
    ]  # fmt: skip
    now = int(document["now"])
    shown: list[Sequence[Cell]] = [
        [
            plain(row["symbol"]),
            page.minute(row["close_time"]),
            f"{row['direction']} {row['kind']}",
            plain(row["chat"]),
            plain(row["reason"]),
            next_try(row["next_try"], now, page),
        ]
        for row in rows
    ]
    counts = Counter(str(row["symbol"]) for row in rows)
    summary = ", ".join(f"{plain(symbol)} {n:,}" for symbol, n in counts.most_common())
    return Group(fitted(columns, shown, page.width), Text(f"by symbol: {summary}", "dim"))


def next_try(at: int | None, now: int, page: Page) -> str:
    """Return in words when the next try is."""
    if at is None:
        return "none by itself"
    return "at any moment" if at <= now else f"in {duration(at - now)}, at {page.clock(at)}"
