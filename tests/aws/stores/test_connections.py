"""WebSocket connections."""

import pytest
from signalengine.errors import TransientError
from signalengine_aws.stores.connections import (
    CONNECTIONS_TTL_S,
    PENDING_TTL_S,
    RESUME_EVERY_MS,
    RESUMES_AT_ONCE,
    DynamoConnections,
    TooManyResumesError,
    bucket_of,
)

from tests.aws.world import Trouble, World


@pytest.fixture
def connections(world: World) -> DynamoConnections:
    return DynamoConnections("connections_table", lambda: world.now)


def test_clients_are_registered_and_removed(connections: DynamoConnections) -> None:
    for name in ("a", "b", "a"):
        connections.resume(name)
    connections.resume("b", "shown")
    assert connections.all() == {"a": "", "b": "shown"}
    connections.resume("b")
    assert connections.all() == {"a": "", "b": ""}
    connections.remove("a")
    connections.remove("never there")
    assert connections.all() == {"b": ""}


def test_a_connection_is_counted_before_it_is_registered(connections: DynamoConnections) -> None:
    for number in range(9):
        connections.open(f"c{number}")
    assert (connections.count(), connections.all()) == (9, {})
    connections.resume("c5")
    assert (connections.count(), connections.all()) == (9, {"c5": ""})
    connections.remove("c5")
    connections.remove("c6")
    assert connections.count() == 7


def test_an_expired_connection_is_left_out(world: World, connections: DynamoConnections) -> None:
    """Its disconnection was not reported, or its client has sent nothing."""
    connections.open("silent")
    connections.resume("a")
    start = world.now // 1000 * 1000
    world.now = start + PENDING_TTL_S * 1000
    assert (connections.count(), connections.all()) == (1, {"a": ""})
    world.now = start + CONNECTIONS_TTL_S * 1000
    assert (connections.count(), connections.all()) == (0, {})


def test_a_pending_client_is_registered_once_by_a_greeting(
    world: World, connections: DynamoConnections
) -> None:
    connections.open("silent")
    assert connections.is_pending("silent")
    assert [connections.greet("silent") for _ in range(2)] == [True, False]
    assert (connections.is_pending("silent"), connections.all()) == (False, {"silent": ""})
    world.now += PENDING_TTL_S * 1000
    assert connections.count() == 1
    connections.resume("silent")
    assert connections.count() == 1


def test_who_has_resumed_or_left_is_not_registered_by_a_greeting(
    connections: DynamoConnections,
) -> None:
    connections.open("resumed")
    connections.resume("resumed", "mark")
    connections.open("left")
    connections.remove("left")
    for name in ("resumed", "left", "never there"):
        assert not connections.is_pending(name)
        assert not connections.greet(name)
    assert connections.all() == {"resumed": "mark"}


def test_an_expired_client_is_registered_once_though_its_item_was_deleted(
    world: World, connections: DynamoConnections
) -> None:
    connections.open("expired")
    connections.resume("resumed", "mark")
    for name in ("expired", "deleted"):
        assert [connections.greet(name, expired=True) for _ in range(2)] == [True, False]
    assert not connections.greet("resumed", expired=True)
    assert connections.all() == {"expired": "", "deleted": "", "resumed": "mark"}


def test_clients_without_a_token_do_not_fill_the_cap(
    world: World, connections: DynamoConnections
) -> None:
    """Each counts for half a minute, in which it may show one."""
    connections.open("silent")
    world.now += (PENDING_TTL_S - 1) * 1000
    assert (connections.count(), connections.is_counted("silent")) == (1, True)
    world.now += 1000
    assert (connections.count(), PENDING_TTL_S) == (0, 30)
    assert not connections.is_counted("silent")
    assert not connections.is_counted("never there")


def resumes(connections: DynamoConnections, times: int) -> int:
    """Return how many resumes of so many were accepted."""
    accepted = 0
    for _ in range(times):
        try:
            connections.resume("a")
        except TooManyResumesError:
            continue
        accepted += 1
    return accepted


@pytest.mark.parametrize("opened", [True, False])
def test_a_connection_resumes_a_few_times_at_once_and_then_once_in_a_span(
    world: World, connections: DynamoConnections, opened: bool
) -> None:
    if opened:
        connections.open("a")
    assert resumes(connections, 7) == RESUMES_AT_ONCE
    world.now += RESUME_EVERY_MS - 1
    assert resumes(connections, 2) == 0
    world.now += 1
    assert resumes(connections, 2) == 1
    connections.resume("another")
    world.now += 10 * RESUME_EVERY_MS
    assert resumes(connections, 20) == 10


def test_another_failure_is_not_taken_for_too_many(
    world: World, connections: DynamoConnections
) -> None:
    world.trouble = Trouble(0, "throttled")
    with pytest.raises(TransientError):
        connections.resume("a")


def test_an_id_has_the_same_bucket_in_every_process() -> None:
    assert bucket_of("connection") == "2"
