"""The output page: its width, its time zone, and the escaping of foreign text.

Views produce `Text`, never markup, and all text from outside goes through `plain`, so that it
cannot colour, move or clear anything.
"""

import os
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.segment import Segment
from rich.status import Status
from rich.text import Text

UNLIMITED = 500
"""Columns when the output is piped, so that nothing is cut."""


class Page:
    """A console and a time zone."""

    def __init__(self, *, local: bool = False, console: Console | None = None) -> None:
        self.console = console or _console()
        self._local = local

    @property
    def width(self) -> int:
        return self.console.width

    def zone(self, times: Iterable[float | None]) -> str:
        """Return the name of the zone of these times (ms), of both where it changes between."""
        known = (self._moment(ms).tzname() or "" for ms in sorted(filter(None, times)))
        return "/".join(dict.fromkeys(known)) or "UTC"

    def print(self, *what: RenderableType) -> None:
        self.console.print(*map(_Stripped, what), highlight=False)

    def print_line(self, what: Text) -> None:
        """Print one line without wrapping, unbuffered."""
        self.console.print(what, highlight=False, soft_wrap=True)
        self.console.file.flush()

    def waiting(self, what: str) -> Status:
        """Show a status on the terminal for the duration of the block."""
        return Console(stderr=True).status(what)

    def at(self, ms: float) -> str:
        """Return a time (ms since the epoch) in full: `2025-05-19 08:00:30 UTC`."""
        moment = self._moment(ms)
        return f"{moment:%Y-%m-%d %H:%M:%S} {moment.tzname()}"

    def minute(self, ms: float) -> str:
        """Return a time for a column that names its zone: `05-19 08:00`."""
        return f"{self._moment(ms):%m-%d %H:%M}"

    def clock(self, ms: float) -> str:
        """Return the time of day: `08:00`."""
        return f"{self._moment(ms):%H:%M}"

    def _moment(self, ms: float) -> datetime:
        moment = datetime.fromtimestamp(ms / 1000, UTC)
        return moment.astimezone() if self._local else moment


@dataclass(frozen=True, slots=True)
class _Stripped:
    """What is printed, without the spaces that pad its lines to a column's width."""

    what: RenderableType

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for line in console.render_lines(self.what, options, pad=False):
            while line and not line[-1].text.rstrip():
                line.pop()
            for at, segment in enumerate(line):
                last = at == len(line) - 1
                yield segment._replace(text=segment.text.rstrip()) if last else segment
            yield Segment.line()


def plain(text: object) -> str:
    """Return foreign text as one line without control or formatting characters."""
    return "".join(c if c.isprintable() else "?" for c in str(text))


def words(name: object) -> str:
    """Return a name of the API as words: `ema_cross` → `ema cross`."""
    return plain(name).replace("_", " ")


def lines(*parts: Text | str | None) -> Text:
    """Join lines; None is left out, an empty line stays blank."""
    shown = [Text(part) if isinstance(part, str) else part for part in parts if part is not None]
    return Text("\n").join(shown)


def _console() -> Console:
    piped = not sys.stdout.isatty() and "COLUMNS" not in os.environ
    return Console(width=UNLIMITED) if piped else Console()
