"""Telegram HTML as text: its length as Telegram counts, its parts, and the text without tags.

Telegram counts UTF-16 code units after parsing: an entity like `&lt;` is one, a tag is none, and
most emojis are two.
"""

import html
import re
from typing import Final

MAX_UNITS: Final = 4_096
"""Longest text of a message. Captions, of 1,024, are not used."""
_PIECE: Final = re.compile(
    r"</?[A-Za-z][^<>]*>|&(?:lt|gt|amp|quot|#\d{1,7}|#x[0-9A-Fa-f]{1,6});|.", re.S
)
_NAME: Final = re.compile(r"</?([A-Za-z-]+)")
_GLUE: Final = re.compile(r"[\u200c\u200d\u0300-\u036f\ufe00-\ufe0f\U0001f3fb-\U0001f3ff]")
"""Characters that belong to the one before them, or to the one after (the joiners)."""


def units(text: str) -> int:
    """Return the length of a text without tags in UTF-16 code units."""
    return len(text) + sum(character > "\uffff" for character in text)


def without_tags(source: str) -> str:
    """Return Telegram HTML as the plain text that people read."""
    pieces = (piece for piece in _PIECE.findall(source) if not _is_tag(piece))
    return "".join(html.unescape(piece) if len(piece) > 1 else piece for piece in pieces)


def parts(source: str, limit: int = MAX_UNITS) -> list[str]:
    """Return Telegram HTML in parts of at most `limit` units, each of them whole HTML.

    A part ends at the end of a line, else at a space, else anywhere but within a tag, an entity or
    a joined emoji. Tags that are open there are closed, and opened again in the next part.
    """
    found, rest = [], _PIECE.findall(source)
    reopened: list[str] = []
    while rest:
        end = _end(rest, limit)
        taken, rest = rest[:end], rest[end:]
        opened = _opened([*reopened, *taken])
        closing = [f"</{_NAME.match(tag)[1]}>" for tag in reversed(opened)]  # type: ignore[index]  # only tags
        part = "".join([*reopened, *taken, *(closing if rest else ())])
        reopened = opened
        if without_tags(part).strip():
            found.append(part)
    return found


def _end(pieces: list[str], limit: int) -> int:
    """Return how many pieces the next part has; at least one."""
    length, line, space, last = 0, 0, 0, 0
    for at, piece in enumerate(pieces):
        length += 0 if _is_tag(piece) else units(html.unescape(piece))
        if length > limit:
            return line or space or last or max(1, at)
        if piece == "\n":
            line = at + 1
        elif piece.isspace():
            space = at + 1
        elif not _glued(pieces, at + 1):
            last = at + 1
    return len(pieces)


def _glued(pieces: list[str], at: int) -> bool:
    """Return whether the piece at a place belongs to the one before it."""
    if at >= len(pieces):
        return False
    return bool(_GLUE.match(pieces[at])) or pieces[at - 1] in ("\u200c", "\u200d")


def _opened(pieces: list[str]) -> list[str]:
    """Return the tags that are open after these pieces, the outermost first."""
    opened: list[str] = []
    for piece in filter(_is_tag, pieces):
        if not piece.startswith("</"):
            opened.append(piece)
        elif opened:
            opened.pop()
    return opened


def _is_tag(piece: str) -> bool:
    return len(piece) > 1 and piece[0] == "<"
