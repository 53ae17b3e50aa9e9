"""broadcast on fakes: everyone gets a message, and only clients that left are removed."""

import json
from collections.abc import Mapping
from itertools import accumulate, pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from signalengine.errors import PermanentError, TransientError
from signalengine_aws.application.broadcast import (
    CLIENTS_A_SHARD,
    FEW_POSTS,
    MOST_REFUSED,
    Broadcast,
    client_message,
)
from signalengine_aws.application.post_messages import Posted, PostMessages
from signalengine_aws.messaging.sns import (
    keepalive_message,
    prices_message,
    signal_message,
    status_message,
)
from signalengine_aws.messaging.status_pacing import (
    EARLY_MS,
    FEW_CLIENTS,
    STATUS_EVERY_MS,
    keepalives,
    paced,
)
from signalengine_aws.runtime.api_token import ApiTokenAuth

from tests.aws.fakes import Journal, MemoryConnections, MemoryPosters, MemorySockets
from tests.examples import examples
from tests.telegram_samples import NOON, signal, stepped

SIGNAL = signal_message(signal(), "opened", NOON).body
MANY = FEW_CLIENTS + 1


def statuses(*times: int) -> list[Mapping[str, Any]]:
    """Statuses at wall times, each stored before the next one is made."""
    found: list[Mapping[str, Any]] = []
    before = None
    for at in times:
        before = {"time": at, "received_at": at, "paced": paced(before, at)}
        found.append(status_message(at, before).body)
    return found


class Case:
    """Clients with a common journal, one thread, and a token if there is one."""

    def __init__(self, *clients: str, token: str = "") -> None:
        self.journal: Journal = []
        self.connections = MemoryConnections(self.journal)
        self.sockets = MemorySockets(self.journal)
        self.auth = ApiTokenAuth(lambda: token)
        for client in clients:
            self.connections.marks[client] = self.auth.admit(client, token or None)
        self.posters = MemoryPosters()
        posting = PostMessages(connections=self.connections, sockets=self.sockets, workers=1)
        self.slept: list[float] = []
        self.use_case = Broadcast(
            connections=self.connections, posting=posting, posters=self.posters, access=self.auth,
            sleep=self.slept.append,
        )  # fmt: skip

    def broadcast(self, body: Mapping[str, object] = SIGNAL) -> Posted:
        return self.use_case.broadcast(body)


def test_every_client_gets_the_message() -> None:
    case = Case("a", "b")
    assert case.broadcast() == Posted(sent=2)
    (message,) = map(json.loads, case.sockets.posts["a"])
    assert (message["type"], message["event_id"]) == ("signal", SIGNAL["event_id"])


def test_a_410_removes_that_client_and_no_other() -> None:
    case = Case("a", "gone", "b")
    case.sockets.gone = {"gone"}
    assert case.broadcast() == Posted(sent=2, gone=1)
    assert case.connections.marks.keys() == {"a", "b"}


@pytest.mark.parametrize("error", [TransientError("throttled"), PermanentError("403")])
def test_a_failed_post_removes_no_client_and_stops_no_other(error: Exception) -> None:
    case = Case("a", "b", "c")
    case.sockets.faults["b"] = error
    assert case.broadcast() == Posted(sent=2, failed=1)
    assert len(case.connections.marks) == 3


def test_a_failed_removal_fails_no_message() -> None:
    case = Case("gone", "b")
    case.sockets.gone = {"gone"}
    case.connections.fault = TransientError("throttled")
    posted = case.broadcast()
    assert (posted.sent, posted.gone + posted.failed) == (1, 1)


def test_a_client_without_the_current_token_is_refused_and_removed() -> None:
    case = Case("a", token="secret")
    case.connections.marks["old"] = ""
    assert case.broadcast() == Posted(sent=1, refused=1)
    assert json.loads(case.sockets.posts["old"][0])["type"] == "refused"
    assert case.connections.marks.keys() == {"a"}


@pytest.mark.parametrize(("clients", "sent"), [(1, 1), (119, 119), (120, 0)])
def test_prices_are_posted_unless_the_statuses_have_them_as_soon(clients: int, sent: int) -> None:
    case = Case(*(f"c{n}" for n in range(clients)))
    assert case.broadcast(prices_message(NOON, {"BTCUSDT": 1.5}).body).sent == sent


@pytest.mark.parametrize(
    ("clients", "every_ms"), list(zip((FEW_CLIENTS, MANY), STATUS_EVERY_MS, strict=True))
)
def test_a_status_is_held_back_until_its_interval_is_over(clients: int, every_ms: int) -> None:
    case = Case(*(f"c{n}" for n in range(clients)))
    first, early, due = statuses(NOON, NOON + every_ms - 2_000, NOON + every_ms - EARLY_MS)
    assert case.broadcast(first).sent == clients
    assert case.broadcast(early) == Posted(held_back=1)
    assert case.broadcast().sent == clients
    assert case.broadcast(due).sent == clients


@given(
    st.lists(st.tuples(st.integers(1, 40_000), st.integers(0, 2)), max_size=25),
    st.sampled_from(list(zip((1, MANY), STATUS_EVERY_MS, strict=True))),
)
@examples(60)
def test_whichever_instances_have_the_statuses_clients_get_the_same(
    beats: list[tuple[int, int]], size: tuple[int, int]
) -> None:
    clients, every_ms = size
    times = list(accumulate((pause for pause, _ in beats), initial=NOON))[1:]
    instances = [Case(*(f"c{n}" for n in range(clients))) for _ in range(3)]
    alone, sent = Case(*(f"c{n}" for n in range(clients))), []
    for (_, number), body, at in zip(beats, statuses(*times), times, strict=True):
        posted = instances[number].broadcast(body)
        assert posted == alone.broadcast(body)
        sent += [at] if posted.sent else []
    assert all(later - one >= every_ms - EARLY_MS for one, later in pairwise(sent))
    assert sent[:1] == times[:1]


def test_a_status_of_an_older_version_is_for_everyone() -> None:
    assert Case("a").broadcast(status_message(NOON, {"time": NOON}).body).sent == 1
    assert Case().broadcast(statuses(NOON)[0]) == Posted(held_back=1)


def test_a_step_is_a_message_of_its_own() -> None:
    found = client_message(signal_message(stepped(), "stop1", NOON).body)
    assert found is not None
    assert (found["type"], found["event_id"]) == (
        "signal_progress", f"{stepped().signal_id}#stop1",
    )  # fmt: skip
    assert [step["name"] for step in found["data"]["progress"]] == ["target1", "stop1"]


def test_other_messages_of_the_topic_are_not_for_clients() -> None:
    assert client_message({"kind": "other"}) is None
    assert Case("a").broadcast({"kind": "other"}) == Posted()


def test_a_refusal_waits_for_the_message_to_the_others() -> None:
    """After a new token everyone of before is to be refused: the signal does not wait for that."""
    case = Case(*(f"c{number}" for number in range(20)), token="secret")
    case.connections.marks |= {f"old{number}": "" for number in range(300)}
    assert case.broadcast() == Posted(sent=20, refused=300)
    first = next(n for n, (_, client) in enumerate(case.journal) if client.startswith("old"))
    assert {client for _, client in case.journal[:first]} == {f"c{number}" for number in range(20)}
    assert len(case.connections.marks) == 20


def test_more_clients_than_an_invocation_refuses_are_left_to_the_next() -> None:
    case = Case("a", token="secret")
    case.connections.marks |= {f"old{number}": "" for number in range(MOST_REFUSED + 5)}
    assert case.broadcast().refused == MOST_REFUSED
    assert case.broadcast().refused == 5


@given(
    clients=st.integers(FEW_POSTS - 1, 3 * CLIENTS_A_SHARD + 1),
    failing=st.sets(st.integers(0, 3)),
)
@examples(20)
def test_every_client_is_in_one_shard_and_a_lost_shard_stops_no_other(
    clients: int, failing: set[int]
) -> None:
    names = [f"c{number}" for number in range(clients)]
    case = Case(*names)
    case.posters.faults = {number: TransientError("throttled") for number in failing}
    posted = case.broadcast()
    passed_on = [name for _, shard in case.posters.shards for name in shard]
    assert len(passed_on) == len(set(passed_on)) == posted.passed_on
    assert posted.passed_on + posted.failed + posted.sent == clients
    if clients <= FEW_POSTS:
        assert (posted.sent, case.posters.calls) == (clients, 0)
        return
    assert posted.sent == 0
    assert case.posters.calls == -(-clients // CLIENTS_A_SHARD)
    assert all(len(shard) <= CLIENTS_A_SHARD for _, shard in case.posters.shards)
    if not failing & set(range(case.posters.calls)):
        assert passed_on == names


def test_a_status_that_is_for_nobody_reads_no_connections() -> None:
    """Of ten statuses a minute one is for many clients; the others would read them all."""
    case = Case(*(f"c{number}" for number in range(MANY)))
    times = [NOON + number * 10_000 for number in range(13)]
    posted = [case.broadcast(body) for body in statuses(*times)]
    assert [one.sent for one in posted] == [MANY, *[0] * 5, MANY, *[0] * 5, MANY]
    assert case.connections.reads == 3


def silence(age_ms: int) -> Mapping[str, Any]:
    return keepalive_message(NOON, keepalives(age_ms)).body


def test_few_clients_get_a_keepalive_every_thirty_seconds_of_a_silence() -> None:
    """From one schedule to the next: the first when they were idle for half a minute."""
    case = Case("a", "gone", "b")
    case.sockets.gone = {"gone"}
    assert case.broadcast(silence(20_000)) == Posted(sent=4, gone=1)
    assert case.slept == [10, 30]
    assert list(map(json.loads, case.sockets.posts["a"])) == [{"type": "keepalive"}] * 2


def test_many_clients_get_no_keepalive_nor_does_one_without_the_token() -> None:
    case = Case(*(f"c{n}" for n in range(MANY)))
    assert case.broadcast(silence(60_000)) == Posted(held_back=2)
    case = Case("a", token="secret")
    case.connections.marks["old"] = ""
    assert case.broadcast(silence(60_000)) == Posted(sent=2)
    assert case.sockets.posts.keys() == {"a"}
