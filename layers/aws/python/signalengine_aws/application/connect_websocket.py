"""connect_websocket: a client resumes from a cursor, and gets the signals that changed since.

Clients are registered by their first message, not on $connect: before $connect has returned, a
post to them would answer 410. Signals committed near `since` may be sent twice; clients drop
repeats by event id. While the API has a token, the message has to contain it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from signalengine.intervals import DAY_MS
from signalengine.signals import public

from ..messaging.websockets import encode
from ..ports import ClientAuth, Connections, Signals, Sockets
from ..runtime.api_token import AccessError, refusal
from ..runtime.clock import Clock, day_of, wall_ms
from ..runtime.strict_json import read_json
from ..stores.signals import StoredSignal

OVERLAP_MS: Final = 60_000
MAX_RESUMED: Final = 200
"""Signals sent on a resume; a client that missed more reloads its table."""
MAX_REQUEST_CHARS: Final = 4_096


class RequestError(ValueError):
    """A client's message that is not a known request; the text is for the client."""


@dataclass(frozen=True, slots=True)
class Ping:
    """The client keeps its connection open."""


@dataclass(frozen=True, slots=True)
class Resume:
    """The client subscribes, and requests what changed since a cursor (wall ms; None: nothing)."""

    since: int | None
    token: str | None = field(default=None, repr=False)


def read_request(body: str | None) -> Ping | Resume:
    """Read a client's message; raises RequestError (pure)."""
    if not body or len(body) > MAX_REQUEST_CHARS:
        raise RequestError(f"expected 1 to {MAX_REQUEST_CHARS} characters of JSON")
    try:
        raw = read_json(body)
    except ValueError as error:
        raise RequestError("not JSON") from error
    action = raw.get("action") if isinstance(raw, dict) else None
    if action == "ping":
        return Ping()
    if action != "resume":
        raise RequestError('expected {"action": "resume", "since": n} or {"action": "ping"}')
    return Resume(_since(raw.get("since")), _token(raw.get("token")))


def _since(value: Any) -> int | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 10**14:
        raise RequestError("since: expected ms since the epoch, or null")
    return value


def _token(value: Any) -> str | None:
    if value is not None and not isinstance(value, str):
        raise RequestError("token: expected text")
    return value or None


class ConnectWebsocket:
    """Serves the messages of WebSocket clients."""

    def __init__(
        self,
        *,
        connections: Connections,
        signals: Signals,
        sockets: Sockets,
        access: ClientAuth,
        clock: Clock = wall_ms,
    ) -> None:
        self._access = access
        self._connections = connections
        self._signals = signals
        self._sockets = sockets
        self._clock = clock

    def serve(self, connection_id: str, body: str | None) -> int:
        """Answer one message; returns how many messages were posted. Raises GoneError."""
        try:
            request = read_request(body)
        except RequestError as error:
            return self._post(connection_id, {"type": "error", "data": {"message": str(error)}})
        if isinstance(request, Ping):
            return self._post(connection_id, {"type": "keepalive"})
        return self._resume(connection_id, request)

    def leave(self, connection_id: str) -> None:
        """Remove a client."""
        self._connections.remove(connection_id)

    def _resume(self, connection_id: str, request: Resume) -> int:
        try:
            mark = self._access.admit(connection_id, request.token)
        except AccessError as error:
            self._connections.remove(connection_id)  # it may be registered with another token
            return self._post(connection_id, refusal(str(error)))
        now = self._clock()
        self._connections.add(
            connection_id, mark
        )  # before reading, so that no signal is missed between the two
        changed, complete = self._changed(request.since, now)
        connected = {
            "message": "Connected to signal feed",
            "timestamp": now / 1000,
            "cursor": now,
            "complete": complete,
        }
        posted = self._post(connection_id, {"type": "connected", "data": connected})
        for stored in changed:
            for message in resumed_messages(stored):
                posted += self._post(connection_id, message)
        return posted

    def _changed(self, since: int | None, now: int) -> tuple[list[StoredSignal], bool]:
        """Return the signals changed since the cursor, oldest first, and whether those are all."""
        if since is None:
            return [], True
        since = max(0, since - OVERLAP_MS)
        found: list[StoredSignal] = []
        for day in (day_of(now - DAY_MS), day_of(now)):
            found += self._signals.changed(day, since, MAX_RESUMED + 1)
        complete = len(found) <= MAX_RESUMED and day_of(since) >= day_of(now - DAY_MS)
        return found[-MAX_RESUMED:], complete

    def _post(self, connection_id: str, message: Mapping[str, Any]) -> int:
        self._sockets.post(connection_id, encode(message))
        return 1


def resumed_messages(stored: StoredSignal) -> Iterator[dict[str, Any]]:
    """Yield the messages of a signal: its opening and, once it is closed, its closing."""
    signal = stored.signal
    yield _message("signal", f"{signal.signal_id}#opened", stored, public(_opened(stored)))
    if signal.settlement is not None:
        yield _message("signal_closed", f"{signal.signal_id}#closed", stored, public(signal))


def _opened(stored: StoredSignal) -> Any:
    return replace(stored.signal, settlement=None)


def _message(kind: str, event_id: str, stored: StoredSignal, data: Any) -> dict[str, Any]:
    return {"type": kind, "event_id": event_id, "cursor": stored.updated_at, "data": data}
