"""greet_clients on fakes: a silent client is registered once it is connected, then greeted."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from signalengine.errors import TransientError
from signalengine_aws.application.greet_clients import (
    IDLE_S,
    PAUSES_S,
    GreetClients,
    Silent,
    silent,
)
from signalengine_aws.messaging.records import Change
from signalengine_aws.runtime.api_token import ApiTokenAuth
from signalengine_aws.runtime.observability import LogLine

from tests.aws.fakes import Journal, ManualClock, MemoryConnections, MemorySockets
from tests.examples import examples
from tests.telegram_samples import NOON

ME = "client"


class Case:
    """Some clients that have connected, and a common journal."""

    def __init__(self, *clients: str, token: str = "") -> None:
        self.clock = ManualClock(NOON)
        self.journal: Journal = []
        self.connections = MemoryConnections(self.journal)
        self.sockets = MemorySockets(self.journal)
        self.slept: list[float] = []
        self.use_case = GreetClients(
            connections=self.connections, sockets=self.sockets,
            access=ApiTokenAuth(lambda: token), clock=self.clock, sleep=self.slept.append,
        )  # fmt: skip
        for client in clients:
            self.connections.open(client)

    def got(self, client: str = ME) -> list[dict[str, Any]]:
        return [json.loads(one) for one in self.sockets.posts.get(client, [])]


def change(
    client: str = ME, kind: Any = "INSERT", *, pending: bool = True, ttl: int = 30
) -> Change:
    item = {"connection_id": {"S": client}, "ttl": {"N": str(NOON // 1000 + ttl)}}
    return Change(kind, None, item | ({"pending": {"BOOL": True}} if pending else {}))


def test_a_client_that_says_nothing_is_registered_and_then_greeted() -> None:
    case = Case(ME)
    assert case.use_case.greet(Silent(ME)) == "greeted"
    (greeting,) = case.got()
    assert greeting == {
        "type": "connected",
        "data": {"message": "Connected to signal feed", "timestamp": NOON / 1000},
    }
    assert case.connections.all() == {ME: ""}
    assert case.journal == [("greet", ME), ("post", ME)]
    assert case.slept == []


@given(looks=st.integers(0, len(PAUSES_S) + 2))
@examples(10)
def test_it_is_waited_for_two_seconds_until_a_connection_is_open(looks: int) -> None:
    case = Case(ME)
    case.sockets.closed[ME] = looks
    opens = looks <= len(PAUSES_S)
    assert case.use_case.greet(Silent(ME)) == ("greeted" if opens else "gone")
    assert case.slept == list(PAUSES_S[:looks])
    assert sum(PAUSES_S) == pytest.approx(2.0)
    assert case.connections.all() == ({ME: ""} if opens else {})
    assert case.connections.count() == int(opens)


def test_a_client_that_has_resumed_is_not_greeted() -> None:
    case = Case(ME)
    case.connections.resume(ME, "")
    assert case.use_case.greet(Silent(ME)) == "known"
    assert case.got() == []


def test_a_client_that_has_left_is_not_registered_again() -> None:
    case = Case(ME)
    case.connections.remove(ME)
    assert case.use_case.greet(Silent(ME)) == "known"
    assert case.connections.count() == 0


def test_a_client_that_leaves_before_its_greeting_is_removed() -> None:
    case = Case(ME)
    case.sockets.gone = {ME}
    assert case.use_case.greet(Silent(ME)) == "gone"
    assert case.connections.count() == 0


def test_without_the_token_a_client_is_told_what_is_needed_and_gets_no_signals() -> None:
    case = Case(ME, token="secret")
    assert case.use_case.greet(Silent(ME)) == "unauthenticated"
    (answer,) = case.got()
    assert answer["type"] == "error"  # not `refused`: its token may be on its way
    assert answer["data"]["message"].startswith("a token is needed: send {")
    assert case.connections.all() == {}


def test_a_client_that_has_shown_its_token_hears_nothing_of_it() -> None:
    case = Case(ME, token="secret")
    case.connections.resume(ME, "mark")
    assert case.use_case.greet(Silent(ME)) == "known"
    assert case.got() == []


def test_only_new_and_pending_connections_are_silent() -> None:
    changes = [
        change("new"), change("resumed", pending=False), change("known", "MODIFY"),
        change("expired", ttl=0), Change("REMOVE", None, None),
    ]  # fmt: skip
    assert list(silent(changes, NOON)) == [Silent("new"), Silent("expired", expired=True)]


def test_a_client_is_greeted_late_as_long_as_its_connection_may_be_open() -> None:
    after = [29_999, 30_000, IDLE_S * 1000 - 1, IDLE_S * 1000]
    found = [list(silent([change()], NOON + ms)) for ms in after]
    assert found == [[Silent(ME)], [Silent(ME, expired=True)], [Silent(ME, expired=True)], []]


@pytest.mark.parametrize("deleted", [True, False])
def test_a_greeting_that_failed_for_long_is_made_up_for(deleted: bool) -> None:
    case = Case(ME)
    case.sockets.unseen = {ME}
    with pytest.raises(TransientError):
        case.use_case.greet_all([change()], LogLine())
    case.clock.now += 300_000
    case.sockets.unseen = set()
    if deleted:  # by TTL
        case.connections.pending.clear()
    for _ in range(2):
        case.use_case.greet_all([change()], LogLine())
    assert [one["type"] for one in case.got()] == ["connected"]
    assert case.connections.all() == {ME: ""}


def test_one_that_fails_holds_up_no_other_and_is_tried_again() -> None:
    names = [f"c{number}" for number in range(20)]
    case = Case(*names)
    case.sockets.unseen = {"c3"}
    batch = [change(name) for name in names]
    line = LogLine()
    with pytest.raises(TransientError):
        case.use_case.greet_all(batch, line)
    assert case.connections.all().keys() == {*names} - {"c3"}
    case.sockets.unseen = set()
    case.use_case.greet_all(batch, LogLine())  # the stream delivers all of it again
    assert [len(case.got(name)) for name in names] == [1] * 20
