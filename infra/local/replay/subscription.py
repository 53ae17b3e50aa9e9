"""A client of the WebSocket API: connects, requests missed messages, listens, reconnects.

    for message in Subscription(url): ...

yields every message, without end. A lost connection yields `Lost` and is reopened; with the cursor
the server sends what was published meanwhile, as pages of events in its answer, which are yielded
as `Requested`. Some of these may arrive twice: drop duplicates by event id. A status
lists recent events: one that did not arrive is requested, as soon as the server accepts another
request of this connection. A stack with a token refuses clients without it, which yields `Refused`.
"""

import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import websocket

from infra.local.replay.completeness import Completeness

QUIET_S = 30.0
"""Seconds without a message after which the client sends a ping, to check the connection."""


@dataclass(frozen=True, slots=True)
class Lost:
    """The connection was lost, or cannot be opened."""

    reason: str


@dataclass(frozen=True, slots=True)
class Refused(Lost):
    """The server requires a token, or another one."""


class Requested(dict[str, Any]):
    """An event of an answer to this client, which may repeat one that was pushed."""


class _RefusedError(Exception):
    """Raised with the server's message."""


RESUME_EVERY_S: Final = 31.0
RESUMES_AT_ONCE: Final = 4
"""The server accepts so many requests of a new connection, and then one in 30 s."""
PAGES: Final = ("connected", "missed")
"""Types of messages that contain events."""

Update: TypeAlias = dict[str, Any] | Lost


def is_greeting(message: dict[str, Any]) -> bool:
    """Return whether a message is the one for clients that only listen: it has no cursor."""
    return message.get("type") == "connected" and "cursor" not in message["data"]


def unpacked(message: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield an answer to a resume without its events, then these; another message as it is."""
    if message.get("type") not in PAGES:
        yield message
        return
    data = dict(message["data"])
    events = data.pop("events", [])
    if message["type"] == "connected":
        yield message | {"data": data}
    for event in events:
        yield Requested(event)


class Subscription:
    """One client of the WebSocket API; iterate in one thread, `stop` from any."""

    def __init__(
        self,
        url: str,
        since: int | None = None,
        *,
        token: str | None = None,
        reconnect_s: float = 0.5,
    ) -> None:
        self.url = url
        self._token = token
        self._reconnect_s = reconnect_s
        self._stopping = threading.Event()
        self._socket: websocket.WebSocket | None = None
        self._completeness = Completeness()
        self._since = since
        """Of the newest request."""
        self._resume_at = 0.0
        """From when (monotonic s) the server accepts another request."""
        self.cursor = since
        """Where the next connection resumes (wall ms); None: from now."""

    def __iter__(self) -> Iterator[Update]:
        while not self._stopping.is_set():
            try:
                yield from self._listen()
                lost = Lost("closed by the server")
            except _RefusedError as error:
                lost = Refused(str(error))
            except (OSError, ValueError, websocket.WebSocketException) as error:
                lost = Lost(str(error) or type(error).__name__)
            if not self._stopping.is_set():
                yield lost
                self._stopping.wait(self._reconnect_s)

    def stop(self) -> None:
        """End the iteration, also while it waits."""
        self._stopping.set()
        if self._socket is not None:
            self._socket.close()

    def drop(self) -> None:
        """Lose the connection, as when the network goes; the iteration reconnects."""
        if self._socket is not None and self._socket.sock is not None:
            with suppress(OSError):  # it is lost already
                self._socket.sock.shutdown(socket.SHUT_RDWR)

    def _listen(self) -> Iterator[dict[str, Any]]:
        self._socket = websocket.create_connection(self.url, timeout=QUIET_S)
        try:
            self._resume_at = time.monotonic() - (RESUMES_AT_ONCE - 1) * RESUME_EVERY_S
            self._resume(self._socket, self.cursor)
            while not self._stopping.is_set():
                try:
                    text = self._socket.recv()
                except websocket.WebSocketTimeoutException:
                    self._socket.send(json.dumps({"action": "ping"}))
                    continue
                if not text:
                    return
                message = json.loads(text)
                if message.get("type") == "refused":
                    raise _RefusedError(message["data"]["message"])
                if is_greeting(message):
                    continue  # the answer to the request is still to come
                for one in unpacked(message):
                    self._store_cursor(one)
                    self._complete(self._socket, one)
                    yield one
                self._request_next(self._socket, message)
        finally:
            self._socket.close()

    def _resume(self, connection: websocket.WebSocket, since: int | None, **more: str) -> None:
        token = {"token": self._token} if self._token else {}
        request = {"action": "resume", "since": since, "batch": True}
        self._since = since
        self._resume_at += RESUME_EVERY_S
        connection.send(json.dumps(request | token | more))

    def _request_next(self, connection: websocket.WebSocket, message: dict[str, Any]) -> None:
        """Request the events that did not fit into an answer."""
        if message.get("type") in PAGES and message["data"].get("next") is not None:
            self._resume(connection, self._since, after=message["data"]["next"])

    def _complete(self, connection: websocket.WebSocket, message: dict[str, Any]) -> None:
        """Note what arrived, and request what a status lists and did not arrive."""
        if message.get("type") == "connected":
            self._completeness.expect_from(int(message["data"]["cursor"]))
        elif message.get("type") == "status" and time.monotonic() >= self._resume_at:
            oldest = self._completeness.missing_since(message["data"].get("recent", ()))
            if oldest is not None:
                self._resume(connection, oldest - 1)
        elif message.get("event_id") is not None:
            self._completeness.add(str(message["event_id"]), int(message.get("cursor") or 0))

    def _store_cursor(self, message: dict[str, Any]) -> None:
        """Store the newest cursor of a signal, or the greeting's if there is none yet."""
        place = message.get("cursor")
        if place is None and message.get("type") == "connected" and self.cursor is None:
            place = message["data"]["cursor"]
        if place is not None:
            self.cursor = max(self.cursor or 0, int(place))
