"""WebSocket clients as the dashboard's feed is one (`web/src/feed`): cursors, repeats, resumes.

A client drops what it has. It resumes from its cursor when it connects again, and from what it
lacks when a status lists an event that did not arrive: as often as the server accepts.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from .services.account import Account, Client
from .services.faults import Fault

STEADY_MS: Final = 30_000
"""A cursor does not advance for so long after a reconnection: missed messages may still arrive."""
RESUME_EVERY_MS: Final = 31_000
RESUMES_AT_ONCE: Final = 4
"""The server accepts so many requests of a new connection, and then one in 30 s."""
MOST_REQUESTS: Final = 3
"""How often a client requests one event that does not arrive."""


@dataclass(slots=True)
class Person:
    """A user of the dashboard."""

    name: str
    connections: list[str] = field(default_factory=list)
    since: int | None = None
    """Server time of the first `connected`; events committed from then on are expected."""
    cursor: int | None = None
    """Sent when it connects again: all events up to here were received."""
    disturbed: bool = False
    """A post to it failed, or a resume ended early, without its connection being closed."""
    hindrance: tuple[Fault, ...] = ()
    """Faults of the next resume that it requests by itself."""
    events: set[str] = field(default_factory=set)
    """Ids of the events that have arrived."""
    listed: set[str] = field(default_factory=set)
    """Ids of events that a status has listed and that it had not; it has requested them."""
    reloaded: int = 0
    """Server time at which it has read the whole table."""
    _requests: Counter[str] = field(default_factory=Counter)
    _newest: int | None = None
    _since: int | None = None
    """Of the newest resume."""
    _resume_at: int = 0
    """From when the server accepts another resume of this connection."""
    _steady_at: int = 0
    _read: int = 0
    """Messages of the newest connection that were read."""

    @property
    def connection(self) -> str | None:
        """Return the newest connection."""
        return self.connections[-1] if self.connections else None

    def connect(self, account: Account) -> str:
        """Replace the connection; returns the id of the new one."""
        self.leave(account)
        self._advance(None, account.now)
        connection = f"{self.name}{len(self.connections)}"
        self.connections.append(connection)
        self._read = 0
        if self.since is not None:
            self._steady_at = account.now + STEADY_MS
        account.clients[connection] = Client()
        self._resume_at = account.now - (RESUMES_AT_ONCE - 1) * RESUME_EVERY_MS
        return connection

    def request(self, since: int | None, after: str | None = None) -> dict[str, Any]:
        """Return the message by which it resumes."""
        self._since = since
        self._resume_at += RESUME_EVERY_MS
        return {"action": "resume", "since": since, "batch": True, "after": after}

    def leave(self, account: Account) -> None:
        """Break the connection; nobody is notified."""
        if self.connection is not None:
            account.clients[self.connection].there = False

    def read(self, account: Account) -> dict[str, Any] | None:
        """Read what has arrived; returns the resume that it requests, None for none."""
        if self.connection is None:
            return None
        received = account.clients[self.connection].received
        fresh, self._read = received[self._read :], len(received)
        lacking: list[int] = []
        for message in fresh:
            lacking += self._take(message, account.now)
        pages = [one["data"]["next"] for one in fresh if one["type"] in ("connected", "missed")]
        if pages and pages[-1] is not None:
            return self.request(self._since, pages[-1])
        return self.request(min(lacking) - 1) if lacking else None

    def _take(self, message: dict[str, Any], now: int) -> Sequence[int]:
        match message["type"]:
            case "connected":
                at = message["data"]["cursor"]
                self.since = at if self.since is None else self.since
                if not message["data"]["complete"]:
                    self.reloaded = at
                self._advance(at, now)
                self._take_page(message, now)
            case "missed":
                self._take_page(message, now)
            case "signal" | "signal_progress" | "signal_closed":
                self._advance(message["cursor"], now)
                self.events.add(message["event_id"])
            case "status":
                if now >= self._resume_at:
                    return self._lacking(message["data"].get("recent", []))
        return ()

    def _take_page(self, message: dict[str, Any], now: int) -> None:
        for event in message["data"]["events"]:
            self._take(event, now)

    def _advance(self, cursor: int | None, now: int) -> None:
        if cursor is not None:
            self._newest = max(self._newest or 0, cursor)
        if now >= self._steady_at:
            self.cursor = self._newest

    def _lacking(self, recent: Sequence[tuple[str, int]]) -> list[int]:
        """Return the commit times of listed events that have not arrived, and count requests."""
        found = []
        for event_id, at in recent:
            if self.since is None or at <= self.since or event_id in self.events:
                continue
            self.listed.add(event_id)
            self._requests[event_id] += 1
            if self._requests[event_id] <= MOST_REQUESTS:
                found.append(at)
        return found


def registered(account: Account) -> dict[str, int]:
    """Return the clients that are registered, each with the time (ms) until which it is."""
    return {
        item["connection_id"]["S"]: int(item["ttl"]["N"]) * 1000
        for item in account.dynamodb.tables["connections_table"].items.values()
        if "pending" not in item
    }
