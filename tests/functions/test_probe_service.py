"""probe_service whole: a WebSocket and an API that listen, and the tables."""

from collections.abc import Iterator

import pytest
from signalengine_aws.application.probe_service import ProbeError
from signalengine_aws.stores.state import DynamoFeed

from functions.probe_service.handler import handler, probe_service
from tests.aws.world import World
from tests.public_api import PublicApi, running_api

pytestmark = pytest.mark.enable_socket


@pytest.fixture
def api(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[PublicApi]:
    with running_api() as running:
        running.received_at = world.now - 2_000
        monkeypatch.setenv("HTTP_URL", running.http)
        monkeypatch.setenv("WEBSOCKET_URL", running.websocket)
        probe_service.cache_clear()
        yield running


def test_it_shows_the_token_sees_a_heartbeat_and_stores_when(
    world: World, api: PublicApi, context: object
) -> None:
    world.set_api_token("t0k3n")
    handler({}, context)
    assert api.sent == [{"action": "resume", "since": None, "token": "t0k3n"}]
    assert DynamoFeed("state_table").probed_at() == world.now


@pytest.mark.parametrize("behaviour", ["forbids", "refuses", "leaves"])
def test_it_fails_when_a_client_would(
    world: World, api: PublicApi, context: object, behaviour: str
) -> None:
    api.behaviour = behaviour
    with pytest.raises(ProbeError):
        handler({}, context)
    assert DynamoFeed("state_table").probed_at() is None


def test_it_fails_when_the_health_is_not_ok(world: World, api: PublicApi, context: object) -> None:
    api.health = {"status": "degraded", "components": {"scoring": "not scored: BTCUSDT at 1"}}
    with pytest.raises(ProbeError, match="scoring not scored: BTCUSDT"):
        handler({}, context)


def test_an_error_names_neither_the_token_nor_a_query(
    world: World, api: PublicApi, context: object
) -> None:
    world.set_api_token("t0k3n")
    api.behaviour, api.health_status = "forbids", 500
    with pytest.raises(ProbeError) as raised:
        handler({}, context)
    assert "t0k3n" not in str(raised.value)
