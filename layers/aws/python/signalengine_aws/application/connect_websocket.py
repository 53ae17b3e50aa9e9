"""connect_websocket: a client resumes from a cursor, and gets the signals that changed since.

One message answers a resume, whatever was missed: each post is billed. It contains a page of
events, and the client requests the next page with its `next`. Clients are registered by their
first message, or without one by greet_clients, but not on $connect, which only counts them: before
it has returned, a post would answer 410. Signals committed near `since` may be sent twice; clients
drop repeats by event id. While the API has a token, the message has to contain it, and a connection
that does not count is ended by its next message without it: else pings would keep it open.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, TypeAlias

from signalengine.intervals import DAY_MS
from signalengine.signals import public

from ..messaging.websockets import encode
from ..ports import ClientAuth, ClosableSockets, CountedConnections, Signals
from ..runtime.api_token import AccessError, refusal
from ..runtime.clock import Clock, day_of, wall_ms
from ..runtime.strict_json import read_json
from ..stores.connections import TooManyResumesError
from ..stores.signals import StoredSignal

OVERLAP_MS: Final = 60_000
MAX_RESUMED: Final = 200
"""Signals sent on a resume; a client that missed more reloads its table."""
PAGE_BYTES: Final = 96 * 1024
"""Of the events in one answer; the message stays below API Gateway's limit of 128 KB."""
MAX_REQUEST_CHARS: Final = 4_096
COUNT_EVERY_MS: Final = 10_000
MAX_AFTER_CHARS: Final = 64


Place: TypeAlias = tuple[int, str]
"""Where a signal stands among those that changed: its commit (wall ms), and its id."""


class RequestError(ValueError):
    """A client's message that is not a known request; the text is for the client."""


@dataclass(frozen=True, slots=True)
class Ping:
    """The client keeps its connection open."""


@dataclass(frozen=True, slots=True)
class Resume:
    """The client subscribes, and requests what changed since a cursor (wall ms; None: nothing).

    A client that reads events in the answer says `batch`; another one gets none. `after` is the
    place of the last signal on the page before, None for the first page.
    """

    since: int | None
    token: str | None = field(default=None, repr=False)
    batch: bool = False
    after: Place | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """Events that fit into one answer; `next` requests those after them, None when all are here."""

    events: tuple[dict[str, Any], ...] = ()
    next: str | None = None

    def to_dict(self) -> dict[str, Any]:
        return {"events": list(self.events), "next": self.next}


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
    batch = raw.get("batch", False)
    if not isinstance(batch, bool):
        raise RequestError("batch: expected true or false")
    return Resume(_since(raw.get("since")), _token(raw.get("token")), batch, _after(raw))


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


def _after(raw: Mapping[str, Any]) -> Place | None:
    value = raw.get("after")
    if value is None:
        return None
    expected = RequestError("after: expected the `next` of the page before, unchanged")
    if not isinstance(value, str) or len(value) > MAX_AFTER_CHARS:
        raise expected
    time, dash, signal_id = value.partition("-")
    if not (dash and time.isascii() and time.isdigit()):
        raise expected
    return int(time), signal_id


def error_message(message: str) -> dict[str, Any]:
    """Return the message for a client whose own message is not accepted (pure)."""
    return {"type": "error", "data": {"message": message}}


def connected(now: int, **more: Any) -> dict[str, Any]:
    """Return the message for a client that is registered from now on (wall ms; pure)."""
    about = {"message": "Connected to signal feed", "timestamp": now / 1000}
    return {"type": "connected", "data": about | more}


class ConnectWebsocket:
    """Serves the messages of WebSocket clients, of `most` connections at a time."""

    def __init__(
        self,
        *,
        connections: CountedConnections,
        signals: Signals,
        sockets: ClosableSockets,
        access: ClientAuth,
        most: int,
        clock: Clock = wall_ms,
    ) -> None:
        self._access = access
        self._connections = connections
        self._signals = signals
        self._sockets = sockets
        self._clock = clock
        self._most = most
        self._counted, self._counted_at = 0, 0

    def connect(self, connection_id: str) -> bool:
        """Accept a new connection, unless there are as many as there may be.

        They are counted in the table every few seconds, so that the number cannot drift: whatever
        left without notice has expired there. Between two counts, each instance adds its own.
        """
        now = self._clock()
        if now - self._counted_at >= COUNT_EVERY_MS:
            self._counted, self._counted_at = self._connections.count(), now
        if self._counted >= self._most:
            return False
        self._counted += 1
        self._connections.open(connection_id)
        return True

    def serve(self, connection_id: str, body: str | None) -> int:
        """Answer one message; returns how many messages were posted. Raises GoneError."""
        try:
            request = read_request(body)
        except RequestError as error:
            return self._answer(connection_id, error_message(str(error)))
        if isinstance(request, Ping):
            return self._answer(connection_id, {"type": "keepalive"})
        return self._resume(connection_id, request)

    def leave(self, connection_id: str) -> None:
        """Remove a client."""
        self._connections.remove(connection_id)

    def _resume(self, connection_id: str, request: Resume) -> int:
        try:
            mark = self._access.admit(connection_id, request.token)
        except AccessError as error:
            counted = self._connections.is_counted(connection_id)
            self._connections.remove(connection_id)  # it may be registered with another token
            return self._refuse(connection_id, error, keep=counted)
        now = self._clock()
        try:
            # before reading, so that no signal is missed between the two
            self._connections.resume(connection_id, mark)
        except TooManyResumesError as error:
            return self._post(connection_id, error_message(str(error)))
        changed, complete = self._changed(request.since, now)
        page = page_of(changed, request.after) if request.batch else Page()
        if request.after is not None:
            return self._post(connection_id, {"type": "missed", "data": page.to_dict()})
        whole = complete and (request.batch or not changed)
        answer = connected(now, cursor=now, complete=whole, **page.to_dict())
        return self._post(connection_id, answer)

    def _answer(self, connection_id: str, message: Mapping[str, Any]) -> int:
        """Answer a message that needs no token, unless only a token may keep its connection."""
        try:
            self._access.admit(connection_id, None)
        except AccessError as error:
            if not self._connections.is_counted(connection_id):
                return self._refuse(connection_id, error, keep=False)
        return self._post(connection_id, message)

    def _refuse(self, connection_id: str, error: AccessError, *, keep: bool) -> int:
        posted = self._post(connection_id, refusal(str(error)))
        if not keep:
            self._sockets.close(connection_id)
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
    """Yield the messages of a signal: its opening, its steps and, if there is one, its closing."""
    signal = stored.signal
    open_ = replace(signal, settlement=None, progress=())
    yield _message("signal", f"{signal.signal_id}#opened", stored, public(open_))
    for n, step in enumerate(signal.progress, start=1):
        data = public(replace(open_, progress=signal.progress[:n]))
        yield _message("signal_progress", f"{signal.signal_id}#{step.name}", stored, data)
    if signal.settlement is not None:
        yield _message("signal_closed", f"{signal.signal_id}#closed", stored, public(signal))


def page_of(changed: Sequence[StoredSignal], after: Place | None) -> Page:
    """Return the events of the signals behind a place, as many signals as fit (pure)."""
    events: list[dict[str, Any]] = []
    place, size = after or (0, ""), 0
    for stored in sorted(changed, key=_place):
        if _place(stored) <= place:
            continue
        messages = list(resumed_messages(stored))
        size += len(encode({"events": messages}))
        if size > PAGE_BYTES and events:
            return Page(tuple(events), f"{place[0]}-{place[1]}")
        events += messages
        place = _place(stored)
    return Page(tuple(events))


def _place(stored: StoredSignal) -> Place:
    return stored.updated_at, stored.signal.signal_id


def _message(kind: str, event_id: str, stored: StoredSignal, data: Any) -> dict[str, Any]:
    return {"type": kind, "event_id": event_id, "cursor": stored.updated_at, "data": data}
