"""A WebSocket client like the dashboard's, which records what it receives and when."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from infra.errors import CommandError
from infra.local.replay.subscription import Lost, Requested, Subscription


@dataclass(frozen=True, slots=True)
class Received:
    """One signal message; `at` is wall clock ms.

    `requested`: it is of an answer, which may repeat what was pushed.
    """

    event_id: str
    kind: str
    at: float
    signal: dict[str, Any]
    requested: bool = False


class Listener:
    """Receives signals until stopped; reconnects and resumes as a browser does."""

    def __init__(self, url: str, since: int | None = None) -> None:
        self._url = url
        self._lock = threading.Lock()
        self._received: list[Received] = []
        self._counts: dict[str, int] = {}
        self._connected = threading.Event()
        self._subscription = Subscription(url, since)
        self._thread = threading.Thread(target=self._run, name="listener", daemon=True)

    def start(self, timeout_s: float = 15.0, check: Callable[[], None] = lambda: None) -> None:
        """Connect; returns when the server has answered the first message.

        `check` is called every second meanwhile, and raises when the server has ended. Raises
        CommandError.
        """
        self._thread.start()
        give_up = time.monotonic() + timeout_s
        while not self._connected.wait(min(1.0, timeout_s)):
            check()
            if time.monotonic() >= give_up:
                raise CommandError(f"no answer from {self._url} in {timeout_s:.0f} s")

    def stop(self) -> None:
        self._subscription.stop()
        self._thread.join(timeout=5.0)

    def drop(self) -> None:
        """Lose the connection; the listener reconnects and resumes."""
        self._subscription.drop()

    def received(self) -> list[Received]:
        with self._lock:
            return list(self._received)

    def counts(self) -> dict[str, int]:
        """Return the number of messages by type."""
        with self._lock:
            return dict(self._counts)

    def _run(self) -> None:
        for message in self._subscription:
            if not isinstance(message, Lost):
                self._take(message, time.time() * 1000)

    def _take(self, message: dict[str, Any], at: float) -> None:
        kind = str(message.get("type"))
        with self._lock:
            self._counts[kind] = self._counts.get(kind, 0) + 1
            if kind in ("signal", "signal_progress", "signal_closed"):
                requested = isinstance(message, Requested)
                row = Received(message["event_id"], kind, at, message["data"], requested)
                self._received.append(row)
        if kind == "connected":
            self._connected.set()
