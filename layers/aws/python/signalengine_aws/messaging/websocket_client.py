"""A client of the WebSocket API, as a browser is one."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from time import monotonic
from typing import Any, Final, Self

from signalengine.errors import TransientError

CONNECT_S: Final = 29.0
"""As long as API Gateway waits for the function behind a new connection."""


class ListenError(TransientError):
    """The WebSocket API does not accept a client, or ends its connection."""


class WebsocketClient:
    """One open connection, closed at the end of a `with` block.

    Its errors are ListenError; none of them has the address's query or what was sent.
    """

    def __init__(self, url: str, *, connect_timeout_s: float = CONNECT_S) -> None:
        import websocket  # only the probe needs it, which is not imported by others

        self._closed = websocket.WebSocketException
        self._silent = websocket.WebSocketTimeoutException
        with self._mapped("connect"):
            self._socket = websocket.create_connection(url, timeout=connect_timeout_s)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close(timeout=1)

    def send(self, message: Mapping[str, Any]) -> None:
        """Send one message."""
        with self._mapped("send"):
            self._socket.send(json.dumps(message))

    def messages(self, for_s: float) -> Iterator[dict[str, Any]]:
        """Yield what arrives within `for_s` seconds; text that is no JSON object is left out."""
        until = monotonic() + for_s
        while (left := until - monotonic()) > 0:
            self._socket.settimeout(left)
            try:
                with self._mapped("receive"):
                    text = self._socket.recv()
            except TimeoutError:
                return
            message = _read(text)
            if message is not None:
                yield message

    @contextmanager
    def _mapped(self, action: str) -> Iterator[None]:
        try:
            yield
        except self._silent as error:
            if action == "receive":
                raise TimeoutError from error
            raise ListenError(f"{action}: no answer in time") from None
        except (self._closed, OSError) as error:
            raise ListenError(f"{action}: {type(error).__name__}: {error}") from None


def _read(text: str | bytes) -> dict[str, Any] | None:
    try:
        message = json.loads(text)
    except ValueError:
        return None
    return message if isinstance(message, dict) else None
