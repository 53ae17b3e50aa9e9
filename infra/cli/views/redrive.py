"""Views of dead letters: what there is by reason, and what became of those that were replayed."""

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Group, RenderableType
from rich.text import Text

from .page import Page, plain
from .quoted import NONE
from .tables import Cell, Column, fitted, listed, nothing

Row = Mapping[str, Any]


def groups(document: Row, page: Page) -> RenderableType:
    """Render the letters by reason, function and source."""
    rows = document["letters"]
    if not rows:
        return nothing("no dead letters")
    columns = [
        Column("letters"), Column("oldest", 1), Column("function"), Column("from", 1),
        Column("reason"),
    ]  # fmt: skip
    shown: list[Sequence[Cell]] = [
        [
            f"{row['count']:,}",
            page.at(row["oldest"]) if row["oldest"] else NONE,
            plain(row["function"]) or NONE,
            plain(row["source"]),
            plain(row["reason"]),
        ]
        for row in rows
    ]
    return fitted(columns, shown, page.width, "`redrive --reason TEXT` replays those with TEXT")


def replayed(document: Row, page: Page) -> RenderableType:
    """Render how many letters were replayed, and why others are left."""
    name = "would be replayed" if document["dry_run"] else "replayed"
    counts = listed([(name, f"{document['replayed']:,}"), ("left", f"{document['left']:,}")])
    if not document["problems"]:
        return counts
    columns = [Column("function"), Column("of", 1), Column("why it is left")]
    shown: list[Sequence[Cell]] = [
        [plain(row["function"]) or NONE, plain(row["key"]) or NONE, plain(row["problem"])]
        for row in document["problems"]
    ]
    return Group(counts, Text(), fitted(columns, shown, page.width))
