"""probe_service: the service is used as its clients use it, by its public addresses.

A heartbeat has to arrive over the WebSocket, and `/health` has to be ok. What is seen is stored, so
that the health covers the WebSocket too; the first failure of the two does not hide the second.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from typing import Any, Final, Protocol

from signalengine.errors import SignalEngineError, TransientError

from ..runtime.clock import Clock, wall_ms
from ..runtime.observability import LogLine

WAIT_S: Final = 75.0
"""With many clients a status is posted once a minute."""


class ProbeError(TransientError):
    """The service does not do what its clients need; the text names all that is wrong."""


class Client(Protocol):
    """The port: a connected WebSocket client."""

    def send(self, message: Mapping[str, Any], /) -> None: ...

    def messages(self, for_s: float, /) -> Iterator[dict[str, Any]]: ...


class Probes(Protocol):
    """The port: where the last success is stored."""

    def put_probed_at(self, time: int, /) -> None: ...


class ProbeService:
    """Probes once; `token` returns the API's token, "" for none."""

    def __init__(
        self,
        *,
        connect: Callable[[], AbstractContextManager[Client]],
        health: Callable[[], Mapping[str, Any]],
        token: Callable[[], str],
        probes: Probes,
        clock: Clock = wall_ms,
        wait_s: float = WAIT_S,
    ) -> None:
        self._connect = connect
        self._health = health
        self._token = token
        self._probes = probes
        self._clock = clock
        self._wait_s = wait_s

    def probe(self, line: LogLine) -> None:
        """Probe, and log what was seen; raises ProbeError with all that is wrong."""
        wrong = [*self._failure(self._listen, line), *self._failure(self._read_health, line)]
        if wrong:
            raise ProbeError("; ".join(wrong))

    def _failure(self, step: Callable[[LogLine], str], line: LogLine) -> list[str]:
        try:
            wrong = step(line)
        except SignalEngineError as error:
            wrong = str(error)
        return [wrong] if wrong else []

    def _listen(self, line: LogLine) -> str:
        """Wait for a heartbeat as a client; returns what is wrong, "" for nothing."""
        with self._connect() as client:
            client.send({"action": "resume", "since": None, "token": self._token() or None})
            for message in client.messages(self._wait_s):
                if message.get("type") == "refused":
                    return "the WebSocket refuses the API's own token"
                if message.get("type") == "status":
                    return self._seen(message["data"], line)
        return f"no heartbeat over the WebSocket in {self._wait_s:.0f} s"

    def _seen(self, status: Mapping[str, Any], line: LogLine) -> str:
        now = self._clock()
        age = max(0, now - int(status["received_at"]))
        line.note(heartbeat_age_ms=age)
        line.measure("HeartbeatAge", age)
        self._probes.put_probed_at(now)
        return ""

    def _read_health(self, line: LogLine) -> str:
        """Read `/health`; returns what is wrong, "" for nothing."""
        found = self._health()
        if found.get("status") == "ok":
            return ""
        parts = found.get("components", {})
        wrong = [f"{name} {state}" for name, state in parts.items() if state != "ok"]
        line.note(degraded=", ".join(wrong))
        return f"the health is {found.get('status')}: {', '.join(wrong)}"
