"""Views of the deliveries of a channel: what waits, what was set aside, what was released."""

import time
from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Group, RenderableType
from rich.text import Text
from signalengine.text.formatting import duration

from .page import Page, plain
from .quoted import NONE
from .tables import Cell, Column, fitted, listed, nothing

Row = Mapping[str, Any]


def pending(document: Row, page: Page) -> RenderableType:
    """Render the depth of the queue, the digests that are not sent yet, and what is paused."""
    now = int(time.time() * 1000)
    dead = document["dead_letters"]
    rows: list[tuple[str, Cell]] = [
        ("channel", plain(document["channel"])),
        ("in the queue", f"{document['waiting']:,} due"),
        ("", f"{document['hidden']:,} later, or being sent"),
        ("set aside", Text(f"{dead:,}", "yellow" if dead else "")),
    ]
    sender = document["sender"]
    if sender is not None:
        rows.append(
            ("paused", Text(f"the whole channel, {_until(sender['until'], now, page)}", "red"))
        )
        rows.append(("", plain(sender["reason"])))
    rows += [_digest(row, now) for row in document["digests"]]
    return Group(listed(rows), Text(), _parked(document["parked"], now, page))


def _digest(row: Row, now: int) -> tuple[str, Cell]:
    state = "collects" if row["collecting"] else "being sent"
    since = duration(now - row["since"])
    return ("digest", plain(f"{row['signals']:,} signals to {row['address']}, {state}, {since}"))


def _parked(rows: Sequence[Row], now: int, page: Page) -> RenderableType:
    if not rows:
        return nothing("no address is paused")
    columns = [Column("paused address"), Column("until"), Column("reason")]
    shown: list[Sequence[Cell]] = [
        [plain(row["address"]), _until(row["until"], now, page), plain(row["reason"])]
        for row in sorted(rows, key=lambda row: row["until"])
    ]
    return fitted(columns, shown, page.width)


def _until(at: int, now: int, page: Page) -> str:
    """Return when a pause ends; at its end the next message tries again."""
    return f"{page.at(at)}, in {duration(at - now)}" if at > now else "the next message"


def unsent(document: Row, page: Page) -> RenderableType:
    """Render the messages that were set aside."""
    rows = document["unsent"]
    if not rows:
        return nothing("no message was set aside")
    columns = [Column("event"), Column("address"), Column("set aside", 1), Column("reason")]
    shown: list[Sequence[Cell]] = [
        [
            plain(row["event"]) or NONE,
            plain(row["address"] or NONE),
            NONE if row["at"] is None else page.at(row["at"]),
            plain(row["reason"]),
        ]
        for row in rows
    ]
    return fitted(columns, shown, page.width, "`deliveries release EVENT` sends it again")


def released(document: Row, _page: Page) -> RenderableType:
    """Render how many messages were released."""
    return listed(
        [
            ("released", f"{document['released']:,}"),
            ("already delivered", f"{document['already_delivered']:,}"),
            ("left", f"{document['left']:,}"),
        ]
    )
