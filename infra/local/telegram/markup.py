"""Telegram's HTML mode: parse as strictly as Telegram does, and render safely for the chat page.

The rules and error texts follow tdlib's `parse_html`: a closed list of tags, every tag closed in
order, `<` always starts a tag, and only four named entities. Offsets and lengths of entities are
UTF-16 code units, byte offsets in errors are UTF-8.
"""

import html
import re
from dataclasses import dataclass
from typing import Any, Final

MAX_TEXT_UNITS: Final = 4096
_TYPES: Final = {
    "b": "bold", "strong": "bold", "i": "italic", "em": "italic", "u": "underline",
    "ins": "underline", "s": "strikethrough", "strike": "strikethrough", "del": "strikethrough",
    "tg-spoiler": "spoiler", "span": "spoiler", "a": "text_link", "code": "code", "pre": "pre",
    "blockquote": "blockquote", "tg-emoji": "custom_emoji", "tg-time": "date_time",
}  # fmt: skip
_RENDERED: Final = {
    "bold": "b", "italic": "i", "underline": "u", "strikethrough": "s", "spoiler": "mark",
    "code": "code", "pre": "pre", "blockquote": "blockquote",
}  # fmt: skip
# Possessive (`*+`): a tag that does not end is refused at once, without trying shorter parts of it.
_TAG = re.compile(r"""<(/?)([^\s>]*+)((?:"[^"]*+"|'[^']*+'|[^>"'])*+)>""")
_ATTRIBUTE = re.compile(r"([^\s=]++)(?:\s*+=\s*+(?:\"([^\"]*+)\"|'([^']*+)'|([^\s\"'>]++)))?")
_ENTITY = re.compile(r"&(?:(lt|gt|amp|quot)|#(\d{1,7})|#x([0-9a-fA-F]{1,6}));")
_NAMED: Final = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}
_SAFE_LINK = re.compile(r"^(https?|tg|mailto):", re.IGNORECASE)
_COMMAND = re.compile(r"(?<!\S)/[A-Za-z0-9_]{1,32}(@\w+)?")


class MarkupError(ValueError):
    """Text that Telegram would refuse; the message is Telegram's description."""


@dataclass(frozen=True, slots=True)
class Entity:
    """A formatted range of the text; `url` for links only."""

    type: str
    offset: int
    length: int
    url: str | None = None

    def to_dict(self) -> dict[str, Any]:
        out: dict[str, Any] = {"type": self.type, "offset": self.offset, "length": self.length}
        return out | ({"url": self.url} if self.url is not None else {})


@dataclass(frozen=True, slots=True)
class Formatted:
    """A text as a reader sees it, with its formatting as entities, outer before inner."""

    text: str
    entities: tuple[Entity, ...] = ()


@dataclass(frozen=True, slots=True)
class _Open:
    tag: str
    offset: int
    url: str | None


def parse_html(source: str) -> Formatted:
    """Parse HTML mode, in time linear in its length; raises MarkupError with Telegram's words."""
    out: list[str] = []
    units = byte = 0
    opened: list[_Open] = []
    entities: list[Entity] = []
    at = 0
    while at < len(source):
        start = source.find("<", at)
        raw = source[at : len(source) if start < 0 else start]
        piece = _unescape(raw)
        out.append(piece)
        units += units_of(piece)
        byte += _bytes(raw)
        if start < 0:
            break
        match = _TAG.match(source, start)
        if match is None:
            raise _refused(f"Unclosed start tag at byte offset {byte}")
        at = match.end()
        if match[1]:
            entities.extend(_close(opened, match[2], units, byte))
        else:
            opened.append(_start(match[2].lower(), match[3], units, byte))
        byte += _bytes(match[0])
    if opened:
        tag = opened[-1].tag
        raise _refused(f'Can\'t find end tag corresponding to start tag "{tag}"')
    entities.sort(key=lambda entity: (entity.offset, -entity.length))
    return _trimmed(Formatted("".join(out), tuple(entities)))


def plain(source: str) -> Formatted:
    """Return text sent without a parse mode: bot commands are the only entities."""
    trimmed = source.strip()
    commands, units, at = [], 0, 0
    for found in _COMMAND.finditer(trimmed):
        units += units_of(trimmed[at : found.start()])
        at = found.start()
        commands.append(Entity("bot_command", units, units_of(found[0])))
    return Formatted(trimmed, tuple(commands))


def render(formatted: Formatted) -> str:
    """Return HTML that is safe to put into a page: known tags only, everything else escaped."""
    opening: dict[int, list[str]] = {}
    closing: dict[int, list[str]] = {}
    for entity in formatted.entities:
        before, after = _rendered(entity)
        opening.setdefault(entity.offset, []).append(before)
        closing.setdefault(entity.offset + entity.length, []).append(after)
    out: list[str] = []
    at = 0
    for character in formatted.text:
        out += reversed(closing.pop(at, []))
        out += opening.pop(at, [])
        out.append(html.escape(character))
        at += units_of(character)
    out += reversed(closing.pop(at, []))
    return "".join(out)


def units_of(text: str) -> int:
    """Return the length of `text` in UTF-16 code units, as Telegram counts."""
    return len(text) + sum(1 for character in text if ord(character) > 0xFFFF)


def _start(tag: str, attributes: str, offset: int, byte: int) -> _Open:
    if tag not in _TYPES:
        raise _refused(f'Unsupported start tag "{tag}" at byte offset {byte}')
    values = {m[1].lower(): m[2] or m[3] or m[4] or "" for m in _ATTRIBUTE.finditer(attributes)}
    if tag == "span" and values.get("class") != "tg-spoiler":
        raise _refused(f'Tag "span" must have class "tg-spoiler" at byte offset {byte}')
    return _Open(tag, offset, _unescape(values.get("href", "")) if tag == "a" else None)


def _close(opened: list[_Open], tag: str, offset: int, byte: int) -> list[Entity]:
    if not opened:
        raise _refused(f"Unexpected end tag at byte offset {byte}")
    start = opened.pop()
    if tag and tag.lower() != start.tag:
        raise _refused(
            f'Unmatched end tag at byte offset {byte}, expected "</{start.tag}>", found "</{tag}>"'
        )
    length = offset - start.offset
    return [Entity(_TYPES[start.tag], start.offset, length, start.url)] if length else []


def _rendered(entity: Entity) -> tuple[str, str]:
    if entity.type == "text_link" and entity.url and _SAFE_LINK.match(entity.url):
        url = html.escape(entity.url)
        return f'<a href="{url}" rel="noopener noreferrer" target="_blank">', "</a>"
    if entity.type == "bot_command":
        return '<span class="command">', "</span>"
    tag = _RENDERED.get(entity.type)
    return (f"<{tag}>", f"</{tag}>") if tag else ("", "")


def _trimmed(formatted: Formatted) -> Formatted:
    """Strip outer white space, as Telegram does, moving and clipping the entities with it."""
    text = formatted.text.strip()
    shift = units_of(formatted.text[: len(formatted.text) - len(formatted.text.lstrip())])
    end = units_of(text)
    moved = []
    for entity in formatted.entities:
        start = max(0, entity.offset - shift)
        stop = min(end, entity.offset + entity.length - shift)
        if stop > start:
            moved.append(Entity(entity.type, start, stop - start, entity.url))
    return Formatted(text, tuple(moved))


def _unescape(text: str) -> str:
    return _ENTITY.sub(_character, text)


def _character(match: re.Match[str]) -> str:
    if match[1]:
        return _NAMED[match[1]]
    code = int(match[2]) if match[2] else int(match[3], 16)
    valid = 0 < code < 0x110000 and not 0xD800 <= code < 0xE000
    return chr(code) if valid else match[0]


def _bytes(text: str) -> int:
    return len(text.encode("utf-8", "surrogatepass"))


def _refused(reason: str) -> MarkupError:
    return MarkupError(f"Bad Request: can't parse entities: {reason}")
