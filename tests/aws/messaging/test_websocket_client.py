"""The client of the WebSocket API, over real connections."""

from collections.abc import Iterator

import pytest
from signalengine_aws.messaging.websocket_client import ListenError, WebsocketClient

from tests.public_api import PublicApi, running_api

pytestmark = pytest.mark.enable_socket


@pytest.fixture
def api() -> Iterator[PublicApi]:
    with running_api() as running:
        yield running


def test_messages_arrive_until_the_time_is_over_and_other_text_is_left_out(api: PublicApi) -> None:
    api.received_at = 7
    with WebsocketClient(api.websocket) as client:
        client.send({"action": "resume"})
        found = list(client.messages(0.5))
    assert [one["type"] for one in found] == ["connected", "status"]
    assert api.sent == [{"action": "resume"}]


def test_an_address_that_refuses_or_does_not_answer_is_an_error(api: PublicApi) -> None:
    api.behaviour = "forbids"
    with pytest.raises(ListenError, match="connect: WebSocketBadStatus"):
        WebsocketClient(api.websocket)
    with pytest.raises(ListenError, match="connect: ConnectionRefusedError"):
        WebsocketClient("ws://127.0.0.1:9/live")


def test_a_connection_that_ends_is_an_error(api: PublicApi) -> None:
    api.behaviour = "leaves"
    with WebsocketClient(api.websocket) as client:
        client.send({"action": "resume"})
        with pytest.raises(ListenError, match="receive: WebSocketConnectionClosed"):
            list(client.messages(5.0))
