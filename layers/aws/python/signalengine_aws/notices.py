"""Notices: messages of the Telegram queue, read into what is to be told."""

import json
from dataclasses import dataclass
from typing import Any, Final, Literal

from signalengine.errors import PermanentError
from signalengine.messages import closed_text, opened_text
from signalengine.signals import Signal, signal_from_dict

KINDS: Final = {"signal.opened": "opened", "signal.closed": "closed"}


class MalformedNoticeError(PermanentError):
    """A message that says nothing that could be told, with the reason."""


@dataclass(frozen=True, slots=True)
class Notice:
    """A committed opening or closing of a signal."""

    event_id: str
    kind: Literal["opened", "closed"]
    signal: Signal
    committed_at: int
    """Wall-clock ms of the commit."""

    @property
    def opening_id(self) -> str | None:
        """The event that has to be told before this one, None for an opening."""
        return f"{self.signal.signal_id}#opened" if self.kind == "closed" else None

    @property
    def decided_at(self) -> int:
        """Close time (exchange ms) of the bar that opened or closed the signal."""
        end = self.signal.settlement
        return end.closed_at if self.kind == "closed" and end else self.signal.close_time

    def text(self) -> str:
        return opened_text(self.signal) if self.kind == "opened" else closed_text(self.signal)


def read_notice(body: str) -> Notice:
    """Read the body of a queue message; raises MalformedNoticeError with what is wrong."""
    try:
        raw = json.loads(body)
    except ValueError as error:
        raise MalformedNoticeError(f"not JSON: {error}") from error
    if not isinstance(raw, dict) or raw.get("kind") not in KINDS:
        kind = raw.get("kind") if isinstance(raw, dict) else type(raw).__name__
        raise MalformedNoticeError(f"kind: {kind!r} is not one of {', '.join(KINDS)}")
    try:
        return _notice(raw)
    except (LookupError, TypeError, ValueError, AttributeError, ArithmeticError) as error:
        raise MalformedNoticeError(f"{type(error).__name__}: {error}") from error


def _notice(raw: dict[str, Any]) -> Notice:
    signal = signal_from_dict(raw["stored"])
    kind: Literal["opened", "closed"] = "opened" if raw["kind"] == "signal.opened" else "closed"
    expected = f"{signal.signal_id}#{kind}"
    if raw["event_id"] != expected:
        raise MalformedNoticeError(f"event_id: {raw['event_id']!r} is not {expected!r}")
    if kind == "closed" and signal.settlement is None:
        raise MalformedNoticeError("stored: a closing without a settlement")
    notice = Notice(expected, kind, signal, int(raw["cursor"]))
    notice.text()  # what cannot be put into words is malformed too, and is found out here
    return notice
