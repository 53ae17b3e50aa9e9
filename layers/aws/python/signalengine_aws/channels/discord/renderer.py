"""Notifications as Discord messages: one embed, coloured by side or outcome (pure).

An opening's levels are fields; every other line is in the description. Everything from outside is
escaped, and no message mentions anyone.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Final, TypeAlias

from signalengine.signals import Outcome
from signalengine.text.languages import t

from ...delivery.notifications import Notification
from ..content import Content, Field, content
from ..markup import Line, Run, Style, fitted, text_of, units
from . import limits
from .client import FOLLOWS

GREEN: Final = 0x2E_CC_71
RED: Final = 0xE7_4C_3C
GREY: Final = 0x95_A5_A6
BLUE: Final = 0x34_98_DB
_OUTCOMES: Final[Mapping[Outcome, int]] = {Outcome.TP_HIT: GREEN, Outcome.SL_HIT: RED}
_NAMELESS: Final = "\u200b"
"""The name of a field that has none: Discord requires one."""
_SPECIAL: Final = re.compile(r"([\\*_~`|>#\[\]<@])")
_ADDRESS: Final = re.compile(r"(https?://[^\s<>]+)")
_IN_A_LINK: Final = re.compile(r"https://[^\s()\[\]<>]+")
DiscordMessage: TypeAlias = Mapping[str, Any]
"""The document to post, and `FOLLOWS`."""


def render(notification: Notification, dashboard: str = "") -> DiscordMessage:
    """Return the message of a notification; `dashboard` is its address, "" for none."""
    said = content(notification, dashboard)
    lines, most = said.head, limits.HEAD if said.fields else limits.DESCRIPTION
    embed = {
        "title": fitted([(Run(text_of(said.title)),)], markdown, limits.TITLE),
        "url": said.address if said.address.startswith("https://") else "",
        "description": fitted(lines, markdown, most),
        "color": _colour(notification),
        "fields": [*_fields(said), *_links(said)],
        "footer": {"text": text} if (text := _footer(said)) else {},
        "timestamp": datetime.fromtimestamp(notification.decided_at / 1000, UTC).isoformat(),
    }
    filled = {name: value for name, value in embed.items() if value}
    message = {"embeds": [filled], "allowed_mentions": {"parse": []}}
    return message if said.fields else {**message, FOLLOWS: t("↩ Opening")}


def markdown(line: Line) -> str:
    """Return a line in Discord's markdown."""
    return "".join(map(_written, line))


def escaped(text: str) -> str:
    """Return text without any meaning in markdown; addresses stay, as they become links."""
    parts = _ADDRESS.split(text)
    return "".join(part if at % 2 else _SPECIAL.sub(r"\\\1", part) for at, part in enumerate(parts))


def _written(run: Run) -> str:
    match run.style:
        case Style.BOLD:
            return f"**{escaped(run.text)}**"
        case Style.ITALIC:
            return f"*{escaped(run.text)}*"
        case Style.CODE:
            return f"`{run.text.replace('`', chr(39))}`"
        case Style.PLAIN:
            return escaped(run.text)


def _fields(said: Content) -> Iterator[dict[str, Any]]:
    """Yield fields as long as there is room for them; the times, which have no label, are last."""
    room = limits.LEVELS
    last = [Field("", said.foot)] if said.fields and said.foot else []
    for one in [*said.fields, *last][: limits.FIELDS]:
        name = fitted([(Run(one.label or _NAMELESS),)], text_of, limits.NAME)
        most = min(limits.VALUE, room - units(name))
        value = fitted(one.lines, markdown, most).strip() if most > 0 else ""
        if not value:
            return
        room -= units(name) + units(value)
        yield {"name": name, "value": value, "inline": bool(one.label) and not one.wide}


def _links(said: Content) -> Iterator[dict[str, Any]]:
    """Yield the field of links: as many as fit."""
    shown = ""
    for label, address in said.links:
        more = f"{shown} · " if shown else ""
        more += f"[{escaped(label)}]({address})"
        if _IN_A_LINK.fullmatch(address) and units(more) <= limits.VALUE:
            shown = more
    if shown:
        yield {"name": _NAMELESS, "value": shown, "inline": False}


def _footer(said: Content) -> str:
    return fitted([said.identity], text_of, limits.FOOTER)


def _colour(notification: Notification) -> int:
    signal = notification.signal
    if signal is None:
        return BLUE
    if notification.kind == "closed" and signal.settlement is not None:
        return _OUTCOMES.get(signal.settlement.outcome, GREY)
    return GREEN if signal.direction == "long" else RED
