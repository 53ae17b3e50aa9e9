"""Notifications: messages of a channel's queue, read into what is to be sent, and to which address.

A message as published names no address: `audience` makes a copy for each, with `to`.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, Literal, TypeAlias

from signalengine.digests import Digest
from signalengine.errors import PermanentError
from signalengine.facts.alerts import Alert
from signalengine.facts.typed import typed
from signalengine.signals import Signal, signal_from_dict, step_time

ANNOUNCEMENT: Final = "announcement"
ALERT: Final = "alert"
MAX_CHANNEL: Final = 100
REPEAT: Final = "#again:"
"""In the event id of a repeat, between the id of what it repeats and that of the request."""
OfSignal: TypeAlias = Literal["opened", "progress", "closed"]
Kind: TypeAlias = Literal["opened", "progress", "closed", "announcement", "digest", "alert"]
KINDS: Final[Mapping[str, OfSignal]] = {
    "signal.opened": "opened",
    "signal.progress": "progress",
    "signal.closed": "closed",
}
LANGUAGE: Final = "en"
"""Of addresses that have chosen none, and of messages that cannot be written in another."""
UNREADABLE: Final = (LookupError, TypeError, ValueError, AttributeError, ArithmeticError)
"""What reading or rendering raises for a message of another shape."""


class MalformedNotificationError(PermanentError):
    """A message that is not a notification, with the reason."""


@dataclass(frozen=True, slots=True)
class ReachedAlert:
    """A price alert, and the bar that reached it."""

    alert: Alert
    closed_at: int
    """Close (exchange ms) of the bar."""
    market: str


@dataclass(frozen=True, slots=True)
class Notification:
    """A committed opening, step or closing of a signal, an announcement, a digest, or an alert."""

    event_id: str
    kind: Kind
    signal: Signal | None
    """None for an announcement, a digest and a price alert."""
    committed_at: int
    """Wall-clock ms of the commit."""
    words: str = ""
    """Text of an announcement."""
    to: str | None = None
    """The one channel key that it is for; None: the audience is not determined yet."""
    published_at: int | None = None
    """Wall-clock ms of its arrival in the queue, as published; None if that is not known."""
    digest: Digest | None = None
    """What a digest says."""
    alert: "ReachedAlert | None" = None
    """What a price alert says."""
    repeat: str = ""
    """Of a message that an operator sends again: what tells this request from others."""

    @property
    def opening_id(self) -> str | None:
        """The event that has to be delivered before this one; None unless this follows an opening.

        A repeat waits for nothing, and is no reply.
        """
        if self.kind not in ("progress", "closed") or self.signal is None or self.repeat:
            return None
        return f"{self.signal.signal_id}#opened"

    @property
    def decided_at(self) -> int:
        """Close time (exchange ms) of the bar that opened, changed or closed the signal."""
        if self.alert is not None:
            return self.alert.closed_at
        if self.signal is None:
            return self.committed_at
        if self.kind == "progress":
            return step_time(self.signal.progress[-1])
        end = self.signal.settlement
        return end.closed_at if self.kind == "closed" and end else self.signal.close_time


def read_notification(body: str, queued_at: int | None = None) -> Notification:
    """Read the body of a queue message; raises MalformedNotificationError with the reason.

    `queued_at` counts as the time of publication unless the body, that of a copy, names one.
    """
    try:
        raw = json.loads(body)
    except ValueError as error:
        raise MalformedNotificationError(f"not JSON: {error}") from error
    kind = raw.get("kind") if isinstance(raw, dict) else type(raw).__name__
    if not isinstance(raw, dict) or kind not in (*KINDS, *_UNSIGNED):
        raise MalformedNotificationError(f"kind: {kind!r} is not one of {', '.join(KINDS)}")
    try:
        found = _UNSIGNED.get(kind, _of_signal)(raw)
        return replace(found, published_at=_published(raw, queued_at))
    except UNREADABLE as error:
        raise malformed(error) from error


def malformed(error: Exception) -> MalformedNotificationError:
    """Return the error of a message that cannot be read or rendered."""
    return MalformedNotificationError(f"{type(error).__name__}: {error}")


def _of_signal(raw: dict[str, Any]) -> Notification:
    signal = signal_from_dict(raw["stored"])
    kind = KINDS[raw["kind"]]
    name = signal.progress[-1].name if kind == "progress" else kind
    repeat = str(raw.get("repeat", ""))
    expected = f"{signal.signal_id}#{name}" + (f"{REPEAT}{repeat}" if repeat else "")
    if raw["event_id"] != expected:
        raise MalformedNotificationError(f"event_id: {raw['event_id']!r} is not {expected!r}")
    if kind == "closed" and signal.settlement is None:
        raise MalformedNotificationError("stored: a closing without a settlement")
    cursor = int(raw["cursor"])
    return Notification(expected, kind, signal, cursor, to=_channel(raw), repeat=repeat)


def _announcement(raw: dict[str, Any]) -> Notification:
    event_id, words = str(raw["event_id"]), str(raw["text"])
    if not event_id.startswith(f"{ANNOUNCEMENT}#") or not words.strip():
        raise MalformedNotificationError(
            "an announcement without an id of its own, or without text"
        )
    return Notification(event_id, "announcement", None, int(raw["cursor"]), words, _channel(raw))


def _alert(raw: dict[str, Any]) -> Notification:
    event_id, to = str(raw["event_id"]), _channel(raw)
    if not event_id.startswith(f"{ALERT}#") or to is None:
        raise MalformedNotificationError("an alert without an id of its own, or without an address")
    alert = typed(Alert, raw["alert"])
    found = ReachedAlert(alert, int(raw["closed_at"]), str(raw["market"]))
    return Notification(event_id, ALERT, None, int(raw["cursor"]), to=to, alert=found)


_UNSIGNED: Final[Mapping[str, Callable[[dict[str, Any]], Notification]]] = {
    ANNOUNCEMENT: _announcement,
    ALERT: _alert,
}
"""What reads the kinds of messages that are about no signal."""


def _channel(raw: dict[str, Any]) -> str | None:
    channel = raw.get("to")
    if channel is not None and not (isinstance(channel, str) and 0 < len(channel) <= MAX_CHANNEL):
        raise MalformedNotificationError("to: not a channel")
    return channel


def _published(raw: dict[str, Any], queued_at: int | None) -> int | None:
    found = raw.get("published_at", queued_at)
    return None if found is None else int(found)


def addressed(body: str, channel: str, queued_at: int | None = None) -> str:
    """Return the message of the same notification for one channel key.

    It names when the original came into the queue, as its own arrival is later.
    """
    raw = json.loads(body)
    published_at = _published(raw, queued_at)
    times = {} if published_at is None else {"published_at": published_at}
    return json.dumps(raw | {"to": channel} | times, separators=(",", ":"))


def repeated(body: str, repeat: str) -> str:
    """Return the message as one to be sent again: another event, marked in its text.

    `repeat` tells the request from others: each of them is delivered once.
    """
    raw = json.loads(body)
    again = {"repeat": repeat, "event_id": f"{raw['event_id']}{REPEAT}{repeat}"}
    return json.dumps(raw | again, separators=(",", ":"))


def name_of(key: str) -> str:
    """Return the name of the channel in a channel key."""
    return key.partition(":")[0]
