"""broadcast: a message of the topic is posted to every WebSocket client.

A client that has left is removed, and no other. A failed post to one client does not affect the
others; that client gets what it missed when it resumes. Clients that did not show the current API
token get a refusal and are removed.
"""

from collections.abc import Collection, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from signalengine.errors import SignalEngineError

from ..messaging.websockets import GoneError, encode
from ..ports import ClientAuth, Connections, Sockets
from ..runtime.api_token import refusal
from ..runtime.clock import Clock, wall_ms

WORKERS: Final = 16
FEW_CLIENTS: Final = 20
STATUS_EVERY_MS: Final = 10_000
STATUS_EVERY_MS_FOR_MANY: Final = 60_000
_EARLY_MS: Final = 1_000
"""A status that arrives a little early is not held back until the next."""


@dataclass(slots=True)
class Posted:
    """The result of broadcasting one message."""

    sent: int = 0
    gone: int = 0
    failed: int = 0
    held_back: int = 0
    refused: int = 0


def client_message(body: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the client's form of a message of the topic; None when it has none (pure)."""
    types = {"signal.opened": "signal", "signal.closed": "signal_closed"}
    kind = body.get("kind")
    if kind == "status":
        return {"type": "status", "data": body["status"]}
    if kind not in types:
        return None
    return {
        "type": types[kind],
        "event_id": body["event_id"],
        "cursor": body["cursor"],
        "data": body["signal"],
    }


class Broadcast:
    """Posts to all connections; status messages at most once in an interval."""

    def __init__(
        self,
        *,
        connections: Connections,
        sockets: Sockets,
        access: ClientAuth,
        clock: Clock = wall_ms,
        workers: int = WORKERS,
    ) -> None:
        self._connections = connections
        self._sockets = sockets
        self._access = access
        self._clock = clock
        self._status_at = 0
        self._pool = ThreadPoolExecutor(workers)

    def broadcast(self, body: Mapping[str, Any]) -> Posted:
        """Post a message of the topic to all clients; raises only when they cannot be listed."""
        message = client_message(body)
        if message is None:
            return Posted()
        data, marks = encode(message), self._connections.all()
        unauthenticated = self._access.unauthenticated(marks)
        posted = Posted(refused=self._refuse(unauthenticated))
        clients = [one for one in marks if one not in unauthenticated]
        if message["type"] == "status" and not self._status_due(len(clients)):
            posted.held_back = 1
            return posted
        for outcome in self._pool.map(partial(self._post, data), clients):
            match outcome:
                case None:
                    posted.sent += 1
                case GoneError():
                    posted.gone += 1
                case _:
                    posted.failed += 1
        return posted

    def _refuse(self, unauthenticated: Collection[str]) -> int:
        """Refuse and remove clients; one that cannot be removed is refused again next time."""
        data = encode(refusal("the token has changed, or was not shown"))
        for one in unauthenticated:
            self._post(data, one)
            self._remove(one)
        return len(unauthenticated)

    def _post(self, data: bytes, connection_id: str) -> SignalEngineError | None:
        try:
            self._sockets.post(connection_id, data)
        except GoneError as error:
            return self._remove(connection_id) or error
        except SignalEngineError as error:
            return error
        return None

    def _remove(self, connection_id: str) -> SignalEngineError | None:
        try:
            self._connections.remove(connection_id)
        except SignalEngineError as failure:
            return failure  # the next message gets 410 again
        return None

    def _status_due(self, clients: int) -> bool:
        now = self._clock()
        every = STATUS_EVERY_MS if clients <= FEW_CLIENTS else STATUS_EVERY_MS_FOR_MANY
        if clients == 0 or now - self._status_at < every - _EARLY_MS:
            return False
        self._status_at = now
        return True
