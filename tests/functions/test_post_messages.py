"""post_messages: the clients of one shard get the message, and those that left are removed."""

import json
from typing import Any

import pytest
from signalengine_aws.application.post_messages import PostMessages
from signalengine_aws.messaging.posters import to_event
from signalengine_aws.stores.connections import DynamoConnections

from functions.post_messages import handler as module
from tests.aws.world import World

from .test_broadcast import MemorySockets


def test_a_shard_is_posted_to_and_who_left_is_removed(
    world: World,
    context: object,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    connections, sockets = DynamoConnections("connections_table"), MemorySockets()
    for name in ("a", "left", "broken", "of another shard"):
        connections.resume(name)
    sockets.gone, sockets.broken = {"left"}, {"broken"}
    fresh = PostMessages(connections=connections, sockets=sockets, workers=2)
    monkeypatch.setattr(module, "post_messages", lambda: fresh)
    message: dict[str, Any] = {"type": "signal", "data": {"symbol": "BTCUSDT"}}
    module.handler(to_event(json.dumps(message).encode(), ["a", "left", "broken"]), context)
    assert sockets.got == {"a": [message]}
    assert set(connections.all()) == {"a", "broken", "of another shard"}
    line = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (line["sent"], line["gone"], line["failed"]) == (1, 1, 1)
