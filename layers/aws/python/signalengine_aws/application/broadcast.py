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

WORKERS: Final = 16
FEW_CLIENTS: Final = 20
STATUS_EVERY_MS: Final = (10_000, 60_000)
"""Wall time between two statuses: for few clients, and for many."""
EARLY_MS: Final = 1_000
"""A status that is a little early is not held back until the next."""


@dataclass(slots=True)
class Posted:
    """The result of broadcasting one message."""

    sent: int = 0
    gone: int = 0
    failed: int = 0
    held_back: int = 0
    refused: int = 0


def paced(before: Mapping[str, Any] | None, now: int) -> list[int]:
    """Return how long ago (ms) a status was due, for few clients and for many: 0 is now (pure).

    `before` is the status before, `now` the wall time (ms). Each status has these numbers, so that
    all instances agree.
    """
    if before is None or "paced" not in before:
        return [0, 0]
    passed = now - int(before["received_at"])
    ages = [ago + passed for ago in before["paced"]]
    due = (age >= every - EARLY_MS for age, every in zip(ages, STATUS_EVERY_MS, strict=True))
    return [0 if is_due else age for age, is_due in zip(ages, due, strict=True)]


def held_back(status: Mapping[str, Any], clients: int) -> bool:
    """Return whether a status is not for that many clients (pure)."""
    if clients == 0:
        return True
    ago = status.get("paced", (0, 0))  # none in a status of an older version
    return bool(ago[clients > FEW_CLIENTS])


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
    """Posts to all connections; status messages at most once in an interval, as they say."""

    def __init__(
        self,
        *,
        connections: Connections,
        sockets: Sockets,
        access: ClientAuth,
        workers: int = WORKERS,
    ) -> None:
        self._connections = connections
        self._sockets = sockets
        self._access = access
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
        if message["type"] == "status" and held_back(message["data"], len(clients)):
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
