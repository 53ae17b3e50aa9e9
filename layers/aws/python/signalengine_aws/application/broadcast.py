"""broadcast: a message of the topic is posted to every WebSocket client.

Few clients are posted to here. Many are divided into shards, each posted to by an invocation of
post_messages, so that the time does not grow with their number. Clients that did not show the
current API token get a refusal and are removed, once the others have the message. While the feed is
silent, few clients get keepalives instead of statuses.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from signalengine.errors import SignalEngineError

from ..messaging.status_pacing import FEW_CLIENTS, due, held_back, prices_every_ms
from ..messaging.websockets import encode
from ..ports import ClientAuth, Connections, Posters
from ..runtime.api_token import refusal
from .post_messages import Posted, PostMessages

FEW_POSTS: Final = 400
"""So many clients are posted to without another invocation: half a second of work."""
CLIENTS_A_SHARD: Final = 1_000
MOST_REFUSED: Final = 2_000
"""Refused with one message: a new token refuses everyone, and an invocation has an end."""


def client_message(body: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the client's form of a message of the topic; None when it has none (pure)."""
    types = {
        "signal.opened": "signal",
        "signal.progress": "signal_progress",
        "signal.closed": "signal_closed",
    }
    kind = body.get("kind")
    if kind == "keepalive":
        return {"type": "keepalive"}
    if kind == "status":
        return {"type": "status", "data": body["status"]}
    if kind == "prices":
        return {"type": "prices", "data": {"time": body["time"], "prices": body["prices"]}}
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
        posting: PostMessages,
        posters: Posters,
        access: ClientAuth,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._connections = connections
        self._posting = posting
        self._posters = posters
        self._access = access
        self._sleep = sleep
        self._clients = 0
        """How many there were for the newest message."""

    def broadcast(self, body: Mapping[str, Any]) -> Posted:
        """Post a message of the topic to all clients; raises only when they cannot be listed.

        Those who did not pass the current token are refused after the others have the message.
        """
        message = client_message(body)
        if message is None:
            return Posted()
        if message["type"] == "keepalive":
            return self._keep_alive(encode(message), body["waits_ms"])
        status = message["data"] if message["type"] == "status" else None
        if status is not None and not due(status, self._clients):
            return Posted(held_back=1)
        data, marks = encode(message), self._connections.all()
        unauthenticated = self._access.unauthenticated(marks)
        clients = [one for one in marks if one not in unauthenticated]
        self._clients = len(clients)
        of_none = message["type"] == "prices" and prices_every_ms(len(clients)) is None
        if of_none or (status is not None and held_back(status, len(clients))):
            posted = Posted(held_back=1)
        else:
            posted = self._post(data, clients)
        if unauthenticated:
            last = encode(refusal("the token has changed, or was not shown"))
            posted.refused = self._refuse(last, sorted(unauthenticated))
        return posted

    def _keep_alive(self, data: bytes, waits_ms: Sequence[int]) -> Posted:
        """Post to few clients after each of the waits; schedules count whole minutes."""
        total = Posted()
        for wait_ms in waits_ms:
            self._sleep(wait_ms / 1000)
            marks = self._connections.all()
            clients = [*marks.keys() - self._access.unauthenticated(marks)]
            if len(clients) > FEW_CLIENTS:
                total.held_back += 1
                continue
            posted = self._posting.post(data, clients)
            total.sent, total.gone = total.sent + posted.sent, total.gone + posted.gone
            total.failed += posted.failed
        return total

    def _post(self, data: bytes, clients: Sequence[str]) -> Posted:
        if len(clients) <= FEW_POSTS:
            return self._posting.post(data, clients)
        posted = Posted()
        for first in range(0, len(clients), CLIENTS_A_SHARD):
            shard = clients[first : first + CLIENTS_A_SHARD]
            try:
                self._posters.post(data, shard)
            except SignalEngineError:
                posted.failed += len(shard)  # the next status lists what they lack
            else:
                posted.passed_on += len(shard)
        return posted

    def _refuse(self, data: bytes, clients: Sequence[str]) -> int:
        """Refuse some of the clients now, and the others with the next messages."""
        return self._posting.refuse(data, clients[:MOST_REFUSED]).refused
