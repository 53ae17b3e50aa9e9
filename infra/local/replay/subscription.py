"""The WebSocket API as a client sees it: connect, ask for what was missed, listen, and again.

    for message in Subscription(url): ...

yields every message as it comes, for ever. A connection that is lost is told as `Lost` and made
anew; the cursor makes the server send what came meanwhile. Some may then come twice: drop what you
have by its event id. A stack with a token refuses who does not show it, which is told as `Refused`.
"""

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

import websocket

QUIET_S = 30.0
"""After so long without a message the client says something, to be sure of the connection."""


@dataclass(frozen=True, slots=True)
class Lost:
    """The connection is gone, or cannot be made."""

    reason: str


@dataclass(frozen=True, slots=True)
class Refused(Lost):
    """The server wants a token, or another one."""


class _RefusedError(Exception):
    """The server's words."""


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
        self.cursor = since
        """Where a next connection goes on (wall ms); None: from now."""

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
        """End the iteration, at once where it waits."""
        self._stopping.set()
        if self._socket is not None:
            self._socket.close()

    def _listen(self) -> Iterator[dict[str, Any]]:
        self._socket = websocket.create_connection(self.url, timeout=QUIET_S)
        try:
            resume = {"action": "resume", "since": self.cursor}
            self._socket.send(json.dumps(resume | ({"token": self._token} if self._token else {})))
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
                self._remember(message)
                yield message
        finally:
            self._socket.close()

    def _remember(self, message: dict[str, Any]) -> None:
        """The newest cursor of a signal, or the greeting's when nothing else is known."""
        place = message.get("cursor")
        if place is None and message.get("type") == "connected" and self.cursor is None:
            place = message["data"]["cursor"]
        if place is not None:
            self.cursor = max(self.cursor or 0, int(place))
