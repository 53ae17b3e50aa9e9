"""probe_service on fakes: what is seen is stored, and all that is wrong is named at once."""

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import pytest
from signalengine.errors import TransientError
from signalengine_aws.application.probe_service import Client, ProbeError, ProbeService
from signalengine_aws.runtime.observability import LogLine

NOW = 1_000_000
STATUS = {"type": "status", "data": {"received_at": NOW - 1_500}}
OK = {"status": "ok", "components": {"feed": "ok"}}
BAD = {"status": "degraded", "components": {"feed": "ok", "fold": "5 min behind"}}


class Socket:
    """A connection on which these messages arrive."""

    def __init__(self, *messages: dict[str, Any]) -> None:
        self.messages_ = messages
        self.sent: list[Mapping[str, Any]] = []

    def send(self, message: Mapping[str, Any]) -> None:
        self.sent.append(message)

    def messages(self, for_s: float) -> Iterator[dict[str, Any]]:
        yield from self.messages_


class Case:
    """A service, and where the probe stores what it saw."""

    def __init__(self, *messages: dict[str, Any], health: Mapping[str, Any] = OK) -> None:
        self.socket, self.stored = Socket(*messages), list[int]()
        self.line = LogLine()
        self.probe = ProbeService(
            connect=self.connect,
            health=lambda: health,
            token=lambda: "t0k3n",
            probes=self,
            clock=lambda: NOW,
            wait_s=0.0,
        )
        self.away = ""

    def connect(self) -> AbstractContextManager[Client]:
        if self.away:
            raise TransientError(self.away)
        return nullcontext(self.socket)

    def put_probed_at(self, time: int) -> None:
        self.stored.append(time)


def test_a_heartbeat_and_a_good_health_are_stored_and_measured() -> None:
    case = Case({"type": "connected", "data": {}}, STATUS)
    case.probe.probe(case.line)
    assert case.socket.sent == [{"action": "resume", "since": None, "token": "t0k3n"}]
    assert case.stored == [NOW]
    assert case.line.metrics == {"HeartbeatAge": 1_500.0}
    assert case.line.fields == {"heartbeat_age_ms": 1_500}


@pytest.mark.parametrize(
    ("messages", "reason"),
    [
        ([{"type": "connected", "data": {}}], "no heartbeat over the WebSocket"),
        ([{"type": "refused", "data": {}}, STATUS], "refuses the API's own token"),
    ],
)
def test_without_a_heartbeat_it_fails(messages: list[dict[str, Any]], reason: str) -> None:
    case = Case(*messages)
    with pytest.raises(ProbeError, match=reason):
        case.probe.probe(case.line)
    assert (case.stored, case.line.metrics) == ([], {})


def test_a_degraded_health_fails_but_the_heartbeat_is_stored() -> None:
    """Otherwise a stage that the probe itself keeps well could never recover."""
    case = Case(STATUS, health=BAD)
    with pytest.raises(ProbeError, match="the health is degraded: fold 5 min behind"):
        case.probe.probe(case.line)
    assert case.stored == [NOW]
    assert case.line.fields["degraded"] == "fold 5 min behind"


def test_both_failures_are_named() -> None:
    case = Case(health=BAD)
    case.away = "connect: refused"
    with pytest.raises(ProbeError, match="connect: refused; the health is degraded"):
        case.probe.probe(case.line)
