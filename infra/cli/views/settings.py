"""The view of all settings."""

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Group, RenderableType
from rich.text import Text

from .page import Page, plain
from .quoted import NONE
from .tables import Cell, listed

Row = Mapping[str, Any]


def settings(document: Row, _page: Page) -> RenderableType:
    """Render the settings below the titles of their sections, and what to know about them."""
    parts: list[RenderableType] = [
        Text(plain(f"file: {document['file'] or 'none'}")),
        Text(f"policy: {document['policy_digest']}"),
    ]
    rows = document["settings"]
    for title in dict.fromkeys(row["section"] for row in rows):
        parts += [Text(f"\n{title}", "bold underline"), _section(rows, title)]
    notices = [Text(plain(f"! {text}"), "yellow") for text in document["notices"]]
    return Group(*parts, *([Text(), *notices] if notices else []))


def _section(rows: Sequence[Row], title: str) -> RenderableType:
    found: list[tuple[str, Cell]] = [
        (
            row["name"],
            Text.assemble(
                plain(row["value"]) or NONE,
                (f"  {plain(row['source'])}", "dim" if row["source"] == "default" else "bold cyan"),
                (f"\n{row['help']}", "dim"),
            ),
        )
        for row in rows
        if row["section"] == title
    ]
    return listed(found)
