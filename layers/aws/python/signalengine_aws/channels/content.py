"""What a notification says, for services that have their own layout (pure).

The words are those of Telegram's messages, in the same order. Links are beside them, as each
service has its own form.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import urljoin

from signalengine.text.languages import t

from ..delivery.notifications import Notification
from .markup import Line, labelled, lines_of, text_of
from .words import SIGNALS, Links, elsewhere, words

EMPTY: Final[Line] = ()
NARROW: Final = 32
"""Characters that fit beside another field."""


@dataclass(frozen=True, slots=True)
class Field:
    """What a value is, and the value; lines below it belong to it."""

    label: str
    lines: tuple[Line, ...]

    @property
    def wide(self) -> bool:
        """Whether it needs the whole width of a message."""
        return any(len(text_of(line)) > NARROW for line in self.lines)


@dataclass(frozen=True, slots=True)
class Content:
    """The parts of a message, from above."""

    title: Line
    head: tuple[Line, ...]
    """Of a message without fields: all lines between the title and the identity."""
    fields: tuple[Field, ...] = ()
    """Of an opening: its score, its levels, and what it lacks."""
    foot: tuple[Line, ...] = ()
    """Of an opening: its times."""
    identity: Line = EMPTY
    """Of a signal: its id and its rules."""
    lines: tuple[Line, ...] = ()
    """All lines below the title, for a service without a layout."""
    address: str = ""
    """The dashboard's page of it; "" without a dashboard."""
    links: Links = ()


def content(notification: Notification, dashboard: str = "") -> Content:
    """Return what a notification says; `dashboard` is its address, "" for none."""
    title, *lines = lines_of(words(notification))
    lines = lines[1:] if lines and not lines[0] else lines
    signal = notification.signal
    if signal is None:
        address = urljoin(dashboard, SIGNALS) if dashboard and notification.digest else ""
        links: Links = ((t("📋 All of them"), address),) if address else ()
        return Content(title, tuple(lines), lines=tuple(lines), address=address, links=links)
    *lines, identity = lines
    address = urljoin(dashboard, f"{SIGNALS}/{signal.signal_id}") if dashboard else ""
    links = ((t("📈 Chart"), address),) if address else ()
    if notification.kind != "opened":
        rest = tuple(lines)
        return Content(title, rest, (), (), identity, (*rest, identity), address, links)
    *above, levels, times = _blocks(lines)
    head = tuple(line for block in above for line in block)
    whole = (*head, EMPTY, *levels, EMPTY, *times, identity)
    links += elsewhere(signal)
    return Content(title, head, _fields(levels), times, identity, whole, address, links)


def _blocks(lines: Sequence[Line]) -> Iterator[tuple[Line, ...]]:
    """Yield the lines between empty ones."""
    block: list[Line] = []
    for line in (*lines, EMPTY):
        if line:
            block.append(line)
        else:
            yield tuple(block)
            block = []


def _fields(lines: Sequence[Line]) -> tuple[Field, ...]:
    """Return lines by their labels; one without a label belongs to the field before it."""
    found: list[tuple[str, list[Line]]] = []
    for line in lines:
        named = labelled(line)
        if named is not None or not found:
            label, value = named or ("", line)
            found.append((label, [value]))
        else:
            found[-1][1].append(_outdented(line))
    return tuple(Field(label, tuple(values)) for label, values in found)


def _outdented(line: Line) -> Line:
    return (replace(line[0], text=line[0].text.lstrip()), *line[1:])
