"""How a message is shown on the page: lines of runs, fields and links, from a service's own text.

The page makes text nodes of it, so nothing here is HTML. Each service's markup is read as the
service reads it; what it does not know stays text.
"""

import html
import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Final, Literal, TypeAlias

Style: TypeAlias = Literal["", "bold", "italic", "code", "link"]
_DISCORD: Final = re.compile(
    r"\\(?P<escaped>[^0-9A-Za-z\s])|\*\*(?P<bold>(?:\\.|[^*\\])+)\*\*|`(?P<code>[^`]+)`"
    r"|\*(?P<italic>(?:\\.|[^*\\])+)\*"
    r"|\[(?P<label>[^\]]+)\]\((?P<address>https?://[^\s)]+)\)",
    re.S,
)
_SLACK: Final = re.compile(
    r"<(?P<address>https?://[^\s|>]+)\|(?P<label>[^>]+)>|\*(?P<bold>[^*\n]+)\*"
    r"|`(?P<code>[^`\n]+)`|\b_(?P<italic>[^_\n]+)_\b"
)
_ADDRESS: Final = re.compile(r"(?P<bare>https?://\S+)")
_BACKSLASH: Final = re.compile(r"\\([^0-9A-Za-z\s])")


@dataclass(frozen=True, slots=True)
class Run:
    """A part of a line in one style; `address` is where a link leads."""

    text: str
    style: Style = ""
    address: str = ""


Line: TypeAlias = tuple[Run, ...]


@dataclass(frozen=True, slots=True)
class Shown:
    """A message as the page shows it."""

    destination: str
    title: Line = ()
    lines: tuple[Line, ...] = ()
    fields: tuple[tuple[Line, tuple[Line, ...]], ...] = ()
    """Names and values beside each other."""
    footer: tuple[Line, ...] = ()
    links: tuple[tuple[str, str], ...] = ()
    """Labels and addresses."""
    colour: str = ""
    silent: bool = False
    receipt: str = ""
    """The service's id of the message, where it has one."""
    payload: Any = field(default=None)
    """The request's body as it came: JSON, or text."""

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


def discord(text: str) -> tuple[Line, ...]:
    """Return Discord's markdown as lines."""
    return _lines(_found(text, _DISCORD, lambda part: _BACKSLASH.sub(r"\1", part)))


def slack(text: str) -> tuple[Line, ...]:
    """Return Slack's mrkdwn as lines."""
    return _lines(_found(text, _SLACK, html.unescape))


def plain(text: str) -> tuple[Line, ...]:
    """Return text without markup as lines."""
    return _lines([Run(text)])


def linked(text: str) -> tuple[Line, ...]:
    """Return text whose addresses lead there, as lines."""
    return _lines(_found(text, _ADDRESS, str))


def line(text: str) -> Line:
    """Return text without markup as one line."""
    return (Run(text),)


def text_of(lines: Sequence[Line]) -> str:
    """Return lines as text."""
    return "\n".join("".join(run.text for run in one) for one in lines)


def _found(text: str, pattern: "re.Pattern[str]", read: Any) -> Iterator[Run]:
    at = 0
    for match in pattern.finditer(text):
        if match.start() > at:
            yield Run(read(text[at : match.start()]))
        at = match.end()
        parts = {name: value for name, value in match.groupdict().items() if value is not None}
        if "bare" in parts:
            yield Run(parts["bare"], "link", parts["bare"])
        elif "label" in parts:
            yield Run(read(parts["label"]), "link", parts["address"])
        elif "escaped" in parts:
            yield Run(parts["escaped"])
        elif "code" in parts:
            yield Run(
                html.unescape(parts["code"]) if read is html.unescape else parts["code"], "code"
            )
        elif "bold" in parts:
            yield Run(read(parts["bold"]), "bold")
        else:
            yield Run(read(parts["italic"]), "italic")
    if at < len(text):
        yield Run(read(text[at:]))


def _lines(runs: "Iterator[Run] | Sequence[Run]") -> tuple[Line, ...]:
    lines: list[list[Run]] = [[]]
    for run in runs:
        first, *others = run.text.split("\n")
        if first:
            lines[-1].append(Run(first, run.style, run.address))
        lines += [[Run(other, run.style, run.address)] if other else [] for other in others]
    return tuple(tuple(one) for one in lines)
