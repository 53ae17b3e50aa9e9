"""The stand-ins of channels in a local run: their destinations, and those of the operator."""

import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws
from signalengine_aws.delivery.destinations import read_destinations
from signalengine_aws.delivery.subscriptions import DynamoSubscriptions, Subscription
from signalengine_aws.stores.tables import MODELS

from infra.local.channels.server import ChannelServer
from infra.local.stack.stand_ins import (
    CHANNELS,
    base_of,
    page_of,
    parameters,
    register,
    secret_with,
)
from tests.aws.world import REGION, table_definition

DESTINATIONS = {
    "discord": {"path": "/api/webhooks/1/t", "guild": "77"},
    "ntfy": {"path": "/signals", "secret": "tk_1"},
    "email": {"path": "/v2/email/outbound-emails", "from": "a@b.example"},
}
KEYS = {"discord:local", "ntfy:local"}


def ready(port: int = 4001) -> dict[str, Any]:
    return {"port": port, "control_token": "token", "destinations": DESTINATIONS}


def test_the_secret_has_a_destination_of_each_channel_and_opens_their_server() -> None:
    found = read_destinations(secret_with("{}", ready()))
    assert set(found.destinations) == KEYS
    assert found.allowed == {"127.0.0.1:4001"}
    assert found.public_id_key
    discord, ntfy = (found.destinations[key] for key in sorted(KEYS))
    assert (discord.url, dict(discord.fields)) == ("http://127.0.0.1:4001/api/webhooks/1/t", {})
    assert (ntfy.url, dict(ntfy.fields)) == ("http://127.0.0.1:4001/signals", {"secret": "tk_1"})


def test_the_next_run_replaces_its_own_and_leaves_the_operators() -> None:
    first = json.loads(secret_with("{}", ready(4001)))
    first["destinations"]["slack:team"] = {"url": "https://hooks.slack.com/services/T/B/x"}
    first["destinations"]["webhook:nas"] = {"url": "http://nas.lan:8123/hook", "secret": "s"}
    first["allowed"].append("nas.lan:8123")
    second = json.loads(secret_with(json.dumps(first), ready(4002)))
    assert set(second["destinations"]) == KEYS | {"slack:team", "webhook:nas"}
    assert second["allowed"] == ["127.0.0.1:4002", "nas.lan:8123"]
    assert second["public_id_key"] == first["public_id_key"]
    assert second["destinations"]["webhook:nas"] == first["destinations"]["webhook:nas"]


def test_without_stand_ins_nothing_is_registered_and_shown() -> None:
    register(lambda _service: pytest.fail("AWS was called"), {}, {})
    assert (parameters({}), base_of({})) == ({}, None)
    assert parameters(ready()) == {"ServesChannels": "true"}
    assert page_of("http://front/channels/", ready()) == "http://front/channels/#token"


@pytest.fixture
def outputs() -> Iterator[dict[str, str]]:
    with mock_aws():
        secret = boto3.client("secretsmanager", REGION).create_secret(Name="channels")
        (variable,) = (name for name in MODELS if name.lower().startswith("subscriptions"))
        definition = table_definition(variable, MODELS[variable])
        boto3.client("dynamodb", REGION).create_table(**definition)
        yield {"ChannelsSecretArn": secret["ARN"], "SubscriptionsTable": definition["TableName"]}


def test_each_is_subscribed_once_and_stays_as_it_was_left(outputs: dict[str, str]) -> None:
    def client(service: str) -> Any:
        return boto3.client(service, REGION)  # type: ignore[call-overload]  # the name is not a literal

    boto3.client("secretsmanager", REGION).put_secret_value(
        SecretId=outputs["ChannelsSecretArn"], SecretString="{}"
    )
    register(client, outputs, ready())
    stored = DynamoSubscriptions(outputs["SubscriptionsTable"])
    first = {one.channel: one for one in stored.all()}
    assert set(first) == KEYS
    assert all(one.active and one.since for one in first.values())
    changed = Subscription("ntfy:local", min_score=0.7, version=1)
    stored.save(changed)
    register(client, outputs, ready(4002))
    again = stored.get("ntfy:local")
    assert again is not None
    assert again.min_score == changed.min_score


def test_every_stand_in_has_a_destination() -> None:
    found = ChannelServer().destinations
    assert set(CHANNELS) <= set(found)
    assert all(one["path"].startswith("/") for one in found.values())
