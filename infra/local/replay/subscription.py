"""A client of the WebSocket API: connects, requests missed messages, listens, reconnects.

    for message in Subscription(url): ...

yields every message, without end. A lost connection yields `Lost` and is reopened; with the cursor
the server sends what was published meanwhile. Some messages may then arrive twice: drop duplicates
by event id. A status lists recent events: one that did not arrive is requested. A stack with a
token refuses clients without it, which yields `Refused`.
"""

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, TypeAlias

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


class _RefusedError(Exception):
    """Raised with the server's message."""


Update: TypeAlias = dict[str, Any] | Lost


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
                self._store_cursor(message)
                self._complete(self._socket, message)
                yield message
        finally:
            self._socket.close()

    def _resume(self, connection: websocket.WebSocket, since: int | None) -> None:
        token = {"token": self._token} if self._token else {}
        connection.send(json.dumps({"action": "resume", "since": since} | token))

    def _complete(self, connection: websocket.WebSocket, message: dict[str, Any]) -> None:
        """Note what arrived, and request what a status lists and did not arrive."""
        if message.get("type") == "connected":
            self._completeness.expect_from(int(message["data"]["cursor"]))
        elif message.get("type") == "status":
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
