"""The transcript: each channel's faults as text, and as the table of docs/channels.md."""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from infra.assets import ROOT

from .play import Outcome

PAGE: Final[Path] = ROOT / "docs" / "channels.md"
HEAD: Final = (
    "| channel | fault of the first message | attempts at it | events | arrived | twice | counted "
    "| set aside | ended | lost |\n|---|---|---|---|---|---|---|---|---|---|\n"
)
TABLE: Final = re.compile(re.escape(HEAD) + r"(?:\|.*\|\n)*")


def row(outcome: Outcome) -> str:
    """Return the row of a fault."""
    cells = (
        outcome.channel, outcome.trouble.name, ", ".join(attempts(outcome)), outcome.sent,
        outcome.arrived, outcome.twice, outcome.possible, outcome.set_aside, outcome.left,
        outcome.lost,
    )  # fmt: skip
    return f"| {' | '.join(map(str, cells))} |\n"


def attempts(outcome: Outcome) -> Iterator[str]:
    """Yield when the first message was sent, in seconds of virtual time, and what came back."""
    begin = outcome.disturbed[0].at
    for one in outcome.disturbed:
        yield f"{(one.at - begin) / 1000:g} s: {one.answer}"


def text(outcome: Outcome) -> str:
    """Return a fault as lines of a terminal: every attempt, then what became of all events."""
    begin = outcome.attempts[0].at
    lines = [f"{outcome.channel}, {outcome.trouble.name}"]
    lines += [
        f"  {(one.at - begin) / 1000:8.1f} s  {one.event[:6]}#{one.event.partition('#')[2]:8}"
        f"  {one.answer}"
        for one in outcome.attempts
    ]
    lines.append(
        f"  events {outcome.sent}, arrived {outcome.arrived}, twice {outcome.twice} (counted "
        f"{outcome.possible}), set aside {outcome.set_aside}, ended {outcome.left}, "
        f"lost {outcome.lost}"
    )
    return "\n".join(lines)


def page_with(page: str, outcomes: Iterable[Outcome]) -> str:
    """Return the document with the table of these outcomes."""
    table = HEAD + "".join(map(row, outcomes))
    return TABLE.sub(lambda _: table, page)
