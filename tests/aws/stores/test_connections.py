"""WebSocket connections."""

from signalengine_aws.stores.connections import CONNECTIONS_TTL_S, DynamoConnections, bucket_of

from tests.aws.world import World


def test_connections_are_added_and_removed(world: World) -> None:
    connections = DynamoConnections("connections_table")
    for name in ("a", "b", "a"):
        connections.add(name)
    connections.add("b", "shown")
    assert connections.all() == {"a": "", "b": "shown"}
    connections.remove("a")
    connections.remove("never there")
    assert connections.all() == {"b": "shown"}


def test_an_expired_connection_is_left_out(world: World) -> None:
    clock = [0]
    connections = DynamoConnections("connections_table", lambda: clock[0])
    connections.add("a")
    clock[0] = CONNECTIONS_TTL_S * 1000 - 1
    assert connections.all() == {"a": ""}
    clock[0] += 1
    assert connections.all() == {}


def test_an_id_has_the_same_bucket_in_every_process() -> None:
    assert bucket_of("connection") == "2"
