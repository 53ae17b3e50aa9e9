"""post_messages: one message is posted to some of the WebSocket clients.

A client that has left is removed, and no other. A failed post to one client does not affect the
others; that client gets what it missed when it resumes.
"""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Final

from signalengine.errors import SignalEngineError

from ..messaging.websockets import GoneError
from ..ports import Connections, Sockets

WORKERS: Final = 16


@dataclass(slots=True)
class Posted:
    """The result of posting one message."""

    sent: int = 0
    gone: int = 0
    failed: int = 0
    held_back: int = 0
    refused: int = 0
    passed_on: int = 0
    """Clients that another invocation posts to."""


class PostMessages:
    """Posts to the given clients, several at a time."""

    def __init__(
        self, *, connections: Connections, sockets: Sockets, workers: int = WORKERS
    ) -> None:
        self._connections = connections
        self._sockets = sockets
        self._pool = ThreadPoolExecutor(workers)

    def post(self, data: bytes, clients: Iterable[str]) -> Posted:
        """Post a message to the clients; raises nothing that happens to one of them."""
        return self._counted(partial(self._post, data), clients)

    def refuse(self, data: bytes, clients: Iterable[str]) -> Posted:
        """Post a last message to the clients, and remove them.

        One that cannot be removed is refused again with the next message.
        """
        posted = self._counted(partial(self._refuse, data), clients)
        return Posted(refused=posted.sent + posted.gone + posted.failed)

    def _counted(
        self, work: Callable[[str], SignalEngineError | None], clients: Iterable[str]
    ) -> Posted:
        posted = Posted()
        for outcome in self._pool.map(work, clients):
            match outcome:
                case None:
                    posted.sent += 1
                case GoneError():
                    posted.gone += 1
                case _:
                    posted.failed += 1
        return posted

    def _refuse(self, data: bytes, connection_id: str) -> SignalEngineError | None:
        self._post(data, connection_id)
        return self._remove(connection_id)

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
