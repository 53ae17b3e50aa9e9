"""Web Push of a local stack: its keys stay, and the stand-in's browser is the only one of its."""

import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws
from signalengine_aws.channels.push.channel import SENDER
from signalengine_aws.channels.push.contacts import BUCKET, Browser, contact_item
from signalengine_aws.channels.push.subscribing import read_own
from signalengine_aws.channels.push.vapid import Sender
from signalengine_aws.delivery.destinations import read_destinations
from signalengine_aws.delivery.subscriptions import DynamoSubscriptions
from signalengine_aws.stores.tables import MODELS

from infra.local.stack.stand_ins import register, secret_with
from infra.local.stack.web_push import with_keys
from tests.aws.world import REGION, table_definition

CONTACT = "mailto:you@example.org"
NTFY = {"path": "/signals"}
BROWSER = {"path": "/push/desk", "p256dh": "BP", "auth": "A"}


def test_a_pair_is_made_once_and_stays() -> None:
    first = with_keys("{}", '{"api_token": "t"}', CONTACT, allowed=["127.0.0.1:9"])
    second = with_keys(first.channels, first.api, "https://operator.example")
    assert (first.made, second.made) == (True, False)
    assert first.public_key == second.public_key
    destination = read_destinations(second.channels).destinations[SENDER]
    assert destination.url == "https://operator.example"
    assert Sender(destination.get("private_key"), CONTACT).public == first.public_key
    assert json.loads(second.api)["api_token"] == "t"
    assert read_own(first.api).allowed == {"127.0.0.1:9"}
    assert read_own(second.api).public_key == first.public_key
    assert first.public_key not in first.channels
    assert destination.get("private_key") not in second.api


def test_a_new_pair_is_made_only_when_it_is_asked_for() -> None:
    first = with_keys("{}", "{}", CONTACT)
    second = with_keys(first.channels, first.api, CONTACT, new=True)
    assert second.made
    assert second.public_key != first.public_key


def test_a_stored_key_that_is_none_is_not_replaced_by_itself() -> None:
    stored = json.dumps({"destinations": {SENDER: {"private_key": "AA"}}})
    with pytest.raises(ValueError, match=r"\w"):
        with_keys(stored, "{}", CONTACT)


def ready(port: int = 4001) -> dict[str, Any]:
    return {"port": port, "control_token": "token", "destinations": {"push": BROWSER, "ntfy": NTFY}}


def test_keys_are_no_destination_and_stay_beside_those_of_the_stand_ins() -> None:
    keys = with_keys("{}", "{}", CONTACT).channels
    found = json.loads(secret_with(secret_with(keys, ready()), ready(4002)))
    assert set(found["destinations"]) == {SENDER, "ntfy:local"}
    assert found["allowed"] == ["127.0.0.1:4002"]


@pytest.fixture
def outputs() -> Iterator[dict[str, str]]:
    with mock_aws():
        secrets = boto3.client("secretsmanager", REGION)
        arns = {
            f"{name}SecretArn": secrets.create_secret(Name=name, SecretString="{}")["ARN"]
            for name in ("Channels", "Api")
        }
        (variable,) = (name for name in MODELS if name.lower().startswith("subscriptions"))
        definition = table_definition(variable, MODELS[variable])
        boto3.client("dynamodb", REGION).create_table(**definition)
        yield {**arns, "SubscriptionsTable": definition["TableName"]}


def client(service: str) -> Any:
    return boto3.client(service, REGION)  # type: ignore[call-overload]  # the name is not a literal


def browsers(outputs: dict[str, str]) -> list[str]:
    found = client("dynamodb").scan(TableName=outputs["SubscriptionsTable"])["Items"]
    return [one["body"]["S"] for one in found if one["bucket"]["S"] == BUCKET]


def test_each_run_has_its_own_browser_and_a_real_one_stays(outputs: dict[str, str]) -> None:
    real = Browser("https://fcm.googleapis.com/x", "BP", "A")
    item = contact_item(real)
    client("dynamodb").put_item(TableName=outputs["SubscriptionsTable"], Item=item)
    for port in (4001, 4002):
        register(client, outputs, ready(port))
    stored = DynamoSubscriptions(outputs["SubscriptionsTable"]).all()
    (own,) = [one for one in stored if one.channel.startswith("push:")]
    assert own.active
    assert sorted("4002" in one for one in browsers(outputs)) == [False, True]
    text = client("secretsmanager").get_secret_value(SecretId=outputs["ApiSecretArn"])
    assert read_own(text["SecretString"]).allowed == {"127.0.0.1:4002"}
