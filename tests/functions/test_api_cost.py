"""The estimate of `GET /system`, from heartbeats that track_signals stores."""

from dataclasses import replace
from typing import get_type_hints

import pytest
from signalengine_aws.application.heartbeats import Heartbeats
from signalengine_aws.costs.shapes import Cost
from signalengine_aws.messaging.sns import SnsTopic
from signalengine_aws.runtime import clients
from signalengine_aws.stores.state import DynamoFeed

from tests.aws.market import heartbeat
from tests.aws.world import World
from tests.functions.api_requests import ask
from tests.functions.conftest import forget_processes


def test_the_cost_is_reported_with_its_basis(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """From the heartbeat as track_signals stores it; on an emulator nothing is billed."""
    feed, topic = DynamoFeed("state_table"), SnsTopic(clients.sns(), world.topic_arn)
    beats = Heartbeats(feed, topic, clock=lambda: world.now, connections=lambda: 2)
    for number in range(3):
        time = world.now
        fact = replace(heartbeat(time, "BTCUSDT"), sent={"bars": number, "ticks": number * 10})
        beats.beat(fact, time, [])
        world.now += 10_000
    cost = ask("/system").body["cost"]
    assert set(cost) == set(get_type_hints(Cost))
    assert cost["since"] == world.now - 30_000
    assert cost["counted"] | {"hours": 0, "client_minutes": 0} == {
        "hours": 0, "ticks": 20.0, "beats": 2.0, "closes": 2.0, "events": 0.0, "opened": 0.0,
        "closed": 0.0, "deliveries": 0.0, "client_minutes": 0, "statuses": 2.0,
        "prices": 0.0, "price_posts": 0.0,
    }  # fmt: skip
    assert 0 < cost["usd_estimate"] < 0.01
    assert cost["billed"]
    assert not cost["own_pace"]
    assert "Here nothing is billed" not in cost["basis"]
    assert {row["service"] for row in cost["by_service"]} >= {"Fargate", "Kinesis", "DynamoDB"}
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:4566")  # the clients are made already
    forget_processes()
    cost = ask("/system").body["cost"]
    assert not cost["billed"]
    assert "Here nothing is billed" in cost["basis"]
