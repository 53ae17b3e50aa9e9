"""greet_clients: a client that sends nothing is registered, and gets `connected`.

`$connect` stores a connection as pending, and cannot post to it: until it has returned, API Gateway
answers 410. This follows the table's changes: it waits until the connection is open, registers it,
unless its own first message did so before, and posts. A client is registered before it is posted
to, so that it misses no signal after its `connected`. While the API has a token, a client that
sends none is not registered; it gets a message with what is needed.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final, Literal, NamedTuple, TypeAlias

from signalengine.errors import SignalEngineError

from ..messaging.records import Change
from ..messaging.websockets import GoneError, encode
from ..ports import ClientAuth, NewSockets, PendingConnections
from ..runtime.api_token import AccessError
from ..runtime.clock import Clock, wall_ms
from ..runtime.observability import LogLine
from ..stores.items.connections import PENDING_TTL_S
from .connect_websocket import connected, error_message

PAUSES_S: Final = (0.05, 0.1, 0.2, 0.35, 0.5, 0.8)
"""Between two looks at whether a connection is open: 2 s in all."""
WORKERS: Final = 16
IDLE_S: Final = 600
"""API Gateway closes a connection on which nothing is sent for so long."""
WANTED: Final = 'a token is needed: send {"action": "resume", "since": null, "token": "…"}'

Outcome: TypeAlias = Literal["greeted", "known", "gone", "unauthenticated"]


class Silent(NamedTuple):
    """A connection that was pending; `expired`: DynamoDB may have deleted its item since."""

    connection_id: str
    expired: bool = False


def silent(changes: Iterable[Change], now: int) -> Iterator[Silent]:
    """Yield the connections that a batch shows as new and pending (pure); `now` is wall ms.

    One that nobody has greeted within `IDLE_S` is closed.
    """
    for change in changes:
        item: Mapping[str, Any] = change.after or {}
        if change.kind != "INSERT" or item.get("pending") != {"BOOL": True}:
            continue
        expires_s = int(item["ttl"]["N"])
        if (expires_s - PENDING_TTL_S + IDLE_S) * 1000 > now:
            yield Silent(item["connection_id"]["S"], expires_s * 1000 <= now)


class GreetClients:
    """Greets several clients at a time."""

    def __init__(
        self,
        *,
        connections: PendingConnections,
        sockets: NewSockets,
        access: ClientAuth,
        clock: Clock = wall_ms,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._connections = connections
        self._sockets = sockets
        self._access = access
        self._clock = clock
        self._sleep = sleep
        self._pool = ThreadPoolExecutor(WORKERS)

    def greet_all(self, changes: Iterable[Change], line: LogLine) -> None:
        """Greet the clients of a batch; raises the first error when all others are done."""
        failed: list[SignalEngineError] = []
        for outcome in self._pool.map(self._outcome, silent(changes, self._clock())):
            if isinstance(outcome, SignalEngineError):
                failed.append(outcome)
            else:
                line.count(**{outcome: 1})
        line.count(failed=len(failed))
        for error in failed:
            raise error

    def greet(self, client: Silent) -> Outcome:
        """Greet one client."""
        connection_id, expired = client
        if not self._is_open(connection_id):
            self._connections.remove(connection_id)
            return "gone"
        try:
            self._access.admit(connection_id, None)
        except AccessError:
            return self._ask_for_token(connection_id)
        if not self._connections.greet(connection_id, expired=expired):
            return "known"
        return self._post(connection_id, connected(self._clock()), "greeted")

    def _outcome(self, client: Silent) -> Outcome | SignalEngineError:
        try:
            return self.greet(client)
        except SignalEngineError as error:
            return error

    def _ask_for_token(self, connection_id: str) -> Outcome:
        """Say what is needed to a client that has not sent it yet."""
        if not self._connections.is_pending(connection_id):
            return "known"
        return self._post(connection_id, error_message(WANTED), "unauthenticated")

    def _post(self, connection_id: str, message: Mapping[str, Any], outcome: Outcome) -> Outcome:
        try:
            self._sockets.post(connection_id, encode(message))
        except GoneError:
            self._connections.remove(connection_id)
            return "gone"
        return outcome

    def _is_open(self, connection_id: str) -> bool:
        for pause_s in (*PAUSES_S, None):
            try:
                self._sockets.check(connection_id)
            except GoneError:
                if pause_s is not None:
                    self._sleep(pause_s)
            else:
                return True
        return False
