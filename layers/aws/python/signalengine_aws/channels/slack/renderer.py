"""Notifications as Slack messages: Block Kit, with a text for where blocks are not shown (pure).

Links are in the text: a button would need an address that Slack can report its presses to, and
shows a warning without one. Texts are `verbatim`, so Slack makes no links and mentions of its own.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any, Final, TypeAlias

from ...delivery.notifications import Notification
from ..content import Content, content
from ..markup import Line, Run, Style, fitted, text_of, units
from . import limits

_ESCAPES: Final = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
_IN_A_LINK: Final = frozenset("<>| \n")
"""What an address in a link cannot have."""
SlackMessage: TypeAlias = Mapping[str, Any]
"""The payload to post."""
Block: TypeAlias = dict[str, Any]


def render(notification: Notification, dashboard: str = "") -> SlackMessage:
    """Return the message of a notification; `dashboard` is its address, "" for none."""
    said = content(notification, dashboard)
    title = fitted([said.title], text_of, limits.HEADER)
    blocks = [
        {"type": "header", "text": {"type": "plain_text", "text": title, "emoji": True}},
        *_section(said.head),
        *_fields(said),
        *(_section(said.foot) if said.fields else ()),
        *_context(fitted([said.identity], mrkdwn, limits.TEXT)),
        *_context(_links(said)),
    ]
    fallback = fitted([said.title], mrkdwn, limits.FALLBACK)
    return {"text": fallback, "blocks": blocks, "unfurl_links": False, "unfurl_media": False}


def mrkdwn(line: Line) -> str:
    """Return a line in Slack's mrkdwn."""
    return "".join(map(_written, line))


def escaped(text: str) -> str:
    """Return text that begins no entity, link or mention; mrkdwn has no other escapes."""
    return text.translate(_ESCAPES)


def _written(run: Run) -> str:
    match run.style:
        case Style.BOLD:
            return f"*{escaped(run.text)}*"
        case Style.ITALIC:
            return f"_{escaped(run.text)}_"
        case Style.CODE:
            return f"`{escaped(run.text).replace('`', chr(39))}`"
        case Style.PLAIN:
            return escaped(run.text)


def _section(lines: Sequence[Line]) -> Iterator[Block]:
    text = fitted(lines, mrkdwn, limits.TEXT)
    if text.strip():
        yield {"type": "section", "text": _text(text)}


def _fields(said: Content) -> Iterator[Block]:
    """Yield sections of narrow fields beside each other, and one of each wide field."""
    for wide, some in groupby(said.fields[: limits.MOST_FIELDS], lambda one: one.wide):
        lines = [((Run(one.label, Style.BOLD),), *one.lines) for one in some]
        if wide:
            for one in lines:
                yield from _section(one)
            continue
        texts = [_text(fitted(one, mrkdwn, limits.FIELD)) for one in lines]
        for at in range(0, len(texts), limits.FIELDS):
            yield {"type": "section", "fields": texts[at : at + limits.FIELDS]}


def _context(text: str) -> Iterator[Block]:
    if text:
        yield {"type": "context", "elements": [_text(text)]}


def _links(said: Content) -> str:
    """Return the links in one line: as many as fit."""
    shown = ""
    for label, address in said.links:
        more = f"{shown} · " if shown else ""
        more += f"<{escaped(address)}|{escaped(label)}>"
        if not _IN_A_LINK & set(address) and units(more) <= limits.TEXT:
            shown = more
    return shown


def _text(text: str) -> dict[str, Any]:
    return {"type": "mrkdwn", "text": text, "verbatim": True}
