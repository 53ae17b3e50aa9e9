"""The bot's ears and answers: updates of the webhook in, one method call in the reply out.

Questions only read. Who may ask is whoever finds the bot: nothing is told that the dashboard does
not show, and nothing can be changed.
"""

import hmac
import json
from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol

from signalengine.messages import (
    COMMANDS,
    EngineStatus,
    help_text,
    signals_text,
    start_text,
    stats_text,
    status_text,
)

from .clock import Clock
from .telegram import html_message

SECRET_HEADER: Final = "x-telegram-bot-api-secret-token"  # noqa: S105 - a header's name
_SHOWN: Final = 10
_KNOWN: Final = frozenset(name for name, _ in COMMANDS)


class Api(Protocol):
    """The port: what the HTTP API answers, so that the bot never says anything else."""

    def signals(self, symbol: str | None = None, limit: int = ...) -> dict[str, Any]: ...

    def stats(self) -> dict[str, Any]: ...


class Feed(Protocol):
    """The port: the newest heartbeat as stored, None before the first."""

    def heartbeat(self) -> dict[str, Any] | None: ...


@dataclass(frozen=True, slots=True)
class Question:
    """What a person asked; `command` is one of `COMMANDS`."""

    chat_id: int
    message_id: int
    command: str


def authentic(event: Mapping[str, Any], webhook_secret: str) -> bool:
    """True when the request carries the webhook's secret; never without one configured."""
    given = event.get("headers", {}).get(SECRET_HEADER, "")
    return bool(webhook_secret) and hmac.compare_digest(given.encode(), webhook_secret.encode())


def read_question(event: Mapping[str, Any]) -> Question | None:
    """Return what an HTTP API event asks; None for what needs no answer, or is no update."""
    body = event.get("body") or ""
    try:
        update = json.loads(b64decode(body) if event.get("isBase64Encoded") else body)
        message = update["message"]
        chat, text = message["chat"], message["text"]
        asked = Question(int(chat["id"]), int(message["message_id"]), _command(str(text)))
    except (ValueError, KeyError, TypeError):
        return None  # edits, joins, stickers: Telegram must not send them again
    among_others = chat.get("type") != "private"
    return None if among_others and not str(text).startswith("/") else asked


def _command(text: str) -> str:
    """Return the command in `/stats@TheBot 24h`; what is none asks for help."""
    words = text.split(maxsplit=1)
    first = words[0].partition("@")[0] if words else ""
    name = first[1:].lower()
    return name if first.startswith("/") and name in _KNOWN else "help"


def reply(question: Question, text: str) -> dict[str, Any]:
    """Return the HTTP response whose body makes Telegram send `text` as the answer."""
    call = {
        "method": "sendMessage",
        **html_message(question.chat_id, text),
        "reply_parameters": {
            "message_id": question.message_id,
            "allow_sending_without_reply": True,
        },
    }
    return response(200, call)


def response(status: int, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
    return {
        "statusCode": status,
        "headers": {"content-type": "application/json"},
        "body": json.dumps(body or {}),
    }


class Answers:
    """Finds what a question asks for, and puts it into words."""

    def __init__(self, *, api: Api, feed: Feed, clock: Clock) -> None:
        self._api = api
        self._feed = feed
        self._clock = clock

    def to(self, command: str) -> str:
        """Return the answer to one of `COMMANDS`, in Telegram HTML."""
        match command:
            case "start":
                return start_text()
            case "status":
                return status_text(engine_status(self._feed.heartbeat()), self._clock())
            case "signals":
                return signals_text(self._api.signals(limit=_SHOWN)["signals"])
            case "stats":
                return stats_text(self._api.stats())
            case _:
                return help_text()


def engine_status(beat: Mapping[str, Any] | None) -> EngineStatus | None:
    """Return what is told of a stored heartbeat (`heartbeats.status`)."""
    if beat is None:
        return None
    return EngineStatus(
        heard_at=int(beat["received_at"]),
        market_time=int(beat["time"]),
        market=beat["market"],
        symbols=beat["symbols"],
        stream_ages_ms=beat["stream_ages_ms"],
        reconnects=int(beat["reconnects"]),
        gaps=int(beat["gaps"]),
        backlog=int(beat["backlog"]),
        open_signals=int(beat["metrics"]["open_signals"]),
    )
