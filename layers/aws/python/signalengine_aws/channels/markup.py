"""Telegram's HTML as lines of runs, so that other services' markup is made of the same text (pure).

Core writes `b`, `i` and `code` alone, escapes everything else, and ends what it opens.
"""

import html
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final, TypeAlias

_PIECE: Final = re.compile(r"<(/?)(b|i|code)>|([^<]+|<)")
_ELLIPSIS: Final = "…"


class Style(StrEnum):
    """How a part of a line is written, by its tag."""

    PLAIN = ""
    BOLD = "b"
    ITALIC = "i"
    CODE = "code"


@dataclass(frozen=True, slots=True)
class Run:
    """A part of a line in one style."""

    text: str
    style: Style = Style.PLAIN


Line: TypeAlias = tuple[Run, ...]
Written: TypeAlias = Callable[[Line], str]
"""Writes a line in a service's markup."""


def lines_of(source: str) -> tuple[Line, ...]:
    """Return Telegram HTML as lines; of nested styles the inner one counts."""
    lines: list[list[Run]] = [[]]
    styles = [Style.PLAIN]
    for closing, tag, text in _PIECE.findall(source):
        if closing:
            styles = styles[:-1] or [Style.PLAIN]
        elif tag:
            styles.append(Style(tag))
        else:
            first, *others = html.unescape(text).split("\n")
            lines[-1] += [Run(first, styles[-1])] if first else []
            lines += [[Run(other, styles[-1])] if other else [] for other in others]
    return tuple(tuple(line) for line in lines)


def text_of(line: Line) -> str:
    """Return a line without its styles."""
    return "".join(run.text for run in line)


def labelled(line: Line) -> tuple[str, Line] | None:
    """Return the label and the value of a line like `Entry: 1`; None for one that has no label."""
    if not line or line[0].style is not Style.PLAIN:
        return None
    label, colon, rest = line[0].text.partition(": ")
    if not colon or not label or label.startswith(" "):
        return None
    return label, (Run(rest), *line[1:]) if rest else line[1:]


def units(text: str) -> int:
    """Return the length of a text in UTF-16 code units, which no service counts more of."""
    return len(text) + sum(character > "\uffff" for character in text)


def fitted(
    lines: Sequence[Line], written: Written, limit: int, size: Callable[[str], int] = units
) -> str:
    """Return lines in a service's markup, as much of them as `limit` admits.

    The end that is left out is marked with an ellipsis; no markup is left open.
    """
    done = ""
    for at, line in enumerate(lines):
        more = f"{done}\n{written(line)}" if at else written(line)
        if size(more) > limit:
            return _clipped(f"{done}\n" if at else "", line, written, limit, size) or done
        done = more
    return done


def _clipped(
    done: str, line: Line, written: Written, limit: int, size: Callable[[str], int]
) -> str:
    """Return as much of one more line as fits with its ellipsis; "" when that alone does not."""
    least, most = -1, len(text_of(line))
    while least < most:
        middle = (least + most + 1) // 2
        if size(done + written(_first(line, middle))) <= limit:
            least = middle
        else:
            most = middle - 1
    return done + written(_first(line, least)) if least >= 0 else ""


def _first(line: Line, count: int) -> Line:
    """Return the first characters of a line, and an ellipsis."""
    found: list[Run] = []
    for run in line:
        part, count = run.text[:count], max(0, count - len(run.text))
        found += [replace(run, text=part)] if part else []
    return (*found, Run(_ELLIPSIS))
