"""Waits until a started system answers as its clients use it, so that the first page is not slow.

The first request of a function starts it, which takes seconds on a busy machine. `/health`,
`/signals` and a ping over the WebSocket are requested, each until it has answered; then `/health`
again, until the ingest task's first heartbeat is stored. A request is given up when its answer is
not whole in time.
"""

import time
from collections.abc import Callable
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any, Final

import requests
from signalengine.errors import TransientError
from signalengine_aws.messaging.websocket_client import ListenError, WebsocketClient

from infra.local.stack.running import Addresses

GIVE_UP_S: Final = 90.0
FEED_S: Final = 15.0
"""How long to wait for the first heartbeat, once everything answers."""
REQUEST_S: Final = 30.0
PAUSE_S: Final = 0.25


class SilentError(TransientError):
    """A request without the answer that is waited for; the text says which."""


def await_answers(
    where: Addresses, token: str = "", *, give_up_s: float = GIVE_UP_S, feed_s: float = FEED_S
) -> str | None:
    """Wait for the first answers; returns what has not answered in time, None if all have."""
    until = time.monotonic() + give_up_s
    first: dict[str, Callable[[], object]] = {
        "/health": lambda: _get(where.api, "/health", token),
        "/signals": lambda: _get(where.api, "/signals?limit=1", token),
        "the WebSocket": lambda: _ping(where.websocket),
    }
    for name, request in first.items():
        error = _repeated(request, until)
        if error is not None:
            return f"{name} has not answered: {error}"
    return _repeated(lambda: _seen(where.api, token), time.monotonic() + feed_s)


def _repeated(request: Callable[[], object], until: float) -> str | None:
    """Repeat a request until it is answered; returns the last error when time is over."""
    while True:
        try:
            _in_time(request)
        except (requests.RequestException, SilentError, ListenError) as error:
            if time.monotonic() >= until:
                return str(error)
            time.sleep(PAUSE_S)
        else:
            return None


def _in_time(request: Callable[[], object]) -> None:
    """Make a request; raises its error, or SilentError when it takes longer than a request may.

    The time-outs of requests are of a single read, so a reply that comes byte by byte has none.
    """
    ended: SimpleQueue[Exception | None] = SimpleQueue()

    def run() -> None:
        try:
            request()
        except Exception as error:  # raised again by the caller
            ended.put(error)
        else:
            ended.put(None)

    Thread(target=run, daemon=True).start()
    try:
        error = ended.get(timeout=REQUEST_S)
    except Empty:
        raise SilentError(f"no whole answer in {REQUEST_S:g} s") from None
    if error is not None:
        raise error


def _get(api: str, path: str, token: str) -> Any:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    response = requests.get(f"{api}{path}", headers=headers, timeout=REQUEST_S)
    response.raise_for_status()
    return response.json()


def _seen(api: str, token: str) -> None:
    """Raise SilentError while no heartbeat is stored."""
    health = _get(api, "/health", token)
    components = health.get("components") if isinstance(health, dict) else None
    feed = components.get("feed") if isinstance(components, dict) else None
    if feed in (None, "never seen"):
        raise SilentError("the ingest task has not sent a heartbeat yet")


def _ping(address: str) -> None:
    """Connect, and wait for the answer to a ping, which may be that a token is needed."""
    with WebsocketClient(address, connect_timeout_s=REQUEST_S) as client:
        client.send({"action": "ping"})
        if next(client.messages(REQUEST_S), None) is None:
            raise SilentError("no answer to a ping")
