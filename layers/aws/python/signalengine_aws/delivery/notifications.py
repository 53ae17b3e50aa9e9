"""Notices: messages of the Telegram queue, read into what is to be told, and to whom.

A message as published says nothing of chats: `audience` makes one for each, with `to`.
"""

import json
from dataclasses import dataclass
from typing import Any, Final, Literal

from signalengine.errors import PermanentError
from signalengine.signals import Signal, signal_from_dict
from signalengine.text.messages import Buttons, announcement_text, closed_text, opened_text

ANNOUNCEMENT: Final = "announcement"
MAX_CHANNEL: Final = 100
KINDS: Final = {"signal.opened": "opened", "signal.closed": "closed"}


class MalformedNoticeError(PermanentError):
    """A message that says nothing that could be told, with the reason."""


@dataclass(frozen=True, slots=True)
class Notification:
    """A committed opening or closing of a signal, or an administrator's words."""

    event_id: str
    kind: Literal["opened", "closed", "announcement"]
    signal: Signal | None
    """None for an announcement."""
    committed_at: int
    """Wall-clock ms of the commit."""
    words: str = ""
    to: str | None = None
    """The one channel that is meant; None: it is to be found out who is."""

    @property
    def opening_id(self) -> str | None:
        """The event that has to be told before this one, None for what is no closing."""
        if self.kind != "closed" or self.signal is None:
            return None
        return f"{self.signal.signal_id}#opened"

    @property
    def decided_at(self) -> int:
        """Close time (exchange ms) of the bar that opened or closed the signal."""
        if self.signal is None:
            return self.committed_at
        end = self.signal.settlement
        return end.closed_at if self.kind == "closed" and end else self.signal.close_time

    def text(self) -> str:
        if self.signal is None:
            return announcement_text(self.words)
        return opened_text(self.signal) if self.kind == "opened" else closed_text(self.signal)

    def buttons(self) -> Buttons:
        if self.signal is None:
            return ()
        why = ("🔎 Why", f"why:{self.signal.signal_id}")
        return ((why, ("🔕 Mute 2h", "mute:2h")),) if self.kind == "opened" else ((why,),)


def read_notification(body: str) -> Notification:
    """Read the body of a queue message; raises MalformedNoticeError with what is wrong."""
    try:
        raw = json.loads(body)
    except ValueError as error:
        raise MalformedNoticeError(f"not JSON: {error}") from error
    kind = raw.get("kind") if isinstance(raw, dict) else type(raw).__name__
    if not isinstance(raw, dict) or kind not in (*KINDS, ANNOUNCEMENT):
        raise MalformedNoticeError(f"kind: {kind!r} is not one of {', '.join(KINDS)}")
    try:
        notification = _announcement(raw) if kind == ANNOUNCEMENT else _notice(raw)
        notification.text()  # what cannot be put into words is malformed too, and is found out here
    except (LookupError, TypeError, ValueError, AttributeError, ArithmeticError) as error:
        raise MalformedNoticeError(f"{type(error).__name__}: {error}") from error
    return notification


def _notice(raw: dict[str, Any]) -> Notification:
    signal = signal_from_dict(raw["stored"])
    kind: Literal["opened", "closed"] = "opened" if raw["kind"] == "signal.opened" else "closed"
    expected = f"{signal.signal_id}#{kind}"
    if raw["event_id"] != expected:
        raise MalformedNoticeError(f"event_id: {raw['event_id']!r} is not {expected!r}")
    if kind == "closed" and signal.settlement is None:
        raise MalformedNoticeError("stored: a closing without a settlement")
    return Notification(expected, kind, signal, int(raw["cursor"]), to=_channel(raw))


def _announcement(raw: dict[str, Any]) -> Notification:
    event_id, words = str(raw["event_id"]), str(raw["text"])
    if not event_id.startswith(f"{ANNOUNCEMENT}#") or not words.strip():
        raise MalformedNoticeError("an announcement without an id of its own, or without words")
    return Notification(event_id, "announcement", None, int(raw["cursor"]), words, _channel(raw))


def _channel(raw: dict[str, Any]) -> str | None:
    channel = raw.get("to")
    if channel is not None and not (isinstance(channel, str) and 0 < len(channel) <= MAX_CHANNEL):
        raise MalformedNoticeError("to: not a channel")
    return channel


def addressed(body: str, channel: str) -> str:
    """Return the message of the same notice for one channel."""
    return json.dumps(json.loads(body) | {"to": channel}, separators=(",", ":"))
