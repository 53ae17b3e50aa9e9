"""Views of destinations: what they get, what is paused, and receipts of tests."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from rich.console import Group, RenderableType
from rich.text import Text

from .page import Page, plain
from .quoted import NONE
from .tables import Cell, Column, fitted, listed, nothing

Row = Mapping[str, Any]
SERVED: Final = "the queue is read from now on ($0.33 a month); `deploy` adds its alarms"


def destinations(document: Row, page: Page) -> RenderableType:
    """Render all destinations, then the subscribers by e-mail, their addresses masked."""
    shown = _destinations(document["destinations"], page)
    subscribers = document.get("subscribers", ())
    if not subscribers:
        return shown
    columns = [Column("subscriber"), Column("to", 2), Column("gets", 1), Column("state")]
    rows: list[Sequence[Cell]] = [
        [
            plain(one["subscriber"]),
            plain(one["to"]),
            plain(one["preferences"]),
            "on" if one["active"] else "ended",
        ]
        for one in subscribers
    ]
    return Group(shown, Text(""), fitted(columns, rows, page.width))


def _destinations(rows: Sequence[Row], page: Page) -> RenderableType:
    if not rows:
        return nothing("no destinations; `signalengine channel add --help`")
    columns = [Column("destination"), Column("to", 2), Column("gets", 1), Column("state")]
    shown: list[Sequence[Cell]] = [
        [plain(row["destination"]), plain(row["to"]), plain(row["preferences"]), _state(row, page)]
        for row in rows
    ]
    return fitted(columns, shown, page.width)


def changed(document: Row, page: Page) -> RenderableType:
    """Render a destination that was added or changed; a secret that was made is shown once."""
    rows: list[tuple[str, Cell]] = [
        ("destination", plain(document["destination"])),
        ("to", plain(document["to"])),
        ("gets", plain(document["preferences"])),
        ("state", _state(document, page)),
    ]
    notes = []
    if "secret" in document:
        rows.append(("secret", plain(document["secret"])))
        notes.append("the secret is shown this once: receivers verify signatures with it")
    if document.get("served_now"):
        notes.append(SERVED)
    notes.append(f"next: signalengine channel test {document['destination']}")
    return Group(listed(rows), *(Text(note, "dim") for note in notes))


def pairs(document: Row, _page: Page) -> RenderableType:
    """Render what was done, a line a value."""
    return listed([(name.replace("_", " "), plain(str(one))) for name, one in document.items()])


def keys(document: Row, _page: Page) -> RenderableType:
    """Render the public key that browsers subscribe with."""
    rows: list[tuple[str, Cell]] = [
        ("public key", plain(document["key"])),
        ("pair", plain("new" if document["new"] else "as it was")),
    ]
    notes = ["browsers see it within five minutes; turn push on in the dashboard's settings"]
    if document["served_now"]:
        notes.append(SERVED)
    return Group(listed(rows), *(Text(note, "dim") for note in notes))


def tested(document: Row, _page: Page) -> RenderableType:
    """Render the receipt of a test, or why there is none."""
    good = document["status"] == "delivered"
    rows: list[tuple[str, Cell]] = [
        ("destination", plain(document["destination"])),
        ("status", Text(document["status"], "green" if good else "red")),
        ("receipt", plain(document["receipt"] or NONE)),
    ]
    if document["reason"]:
        rows.append(("reason", plain(document["reason"])))
    if document["ms"] is not None:
        rows.append(("took", f"{document['ms']:,} ms from the queue to the answer"))
    return listed(rows)


def removed(document: Row, _page: Page) -> RenderableType:
    """Render what was removed."""
    return listed([("removed", plain(document["removed"]))])


def _state(row: Row, page: Page) -> Cell:
    if not row["active"]:
        return Text("off", "yellow")
    if row["paused_until"] is None:
        return Text("on", "green")
    reason = f": {row['reason']}" if row["reason"] else ""
    return Text(f"paused until {page.at(row['paused_until'])}{reason}", "red")
