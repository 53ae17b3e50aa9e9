"""The keys of Web Push by the operator's command, in the two secrets of a stack."""

import json
from dataclasses import dataclass, field
from typing import Any

import pytest
from signalengine_aws.channels.push.channel import SENDER
from signalengine_aws.channels.push.subscribing import read_own

from infra.cli.channels.destinations import Destinations
from infra.cli.channels.push_keys import store_keys
from infra.cli.channels.store import ChannelStore
from infra.errors import CommandError

CONTACT = "mailto:you@example.org"
CHANNELS, API = "arn:channels", "arn:api"


@dataclass
class Aws:
    """The services of a stack whose queue is not read yet."""

    secrets: dict[str, str]
    served: list[str] = field(default_factory=list)

    def get_secret_value(self, **given: str) -> dict[str, str]:
        return {"SecretString": self.secrets[given["SecretId"]]}

    def put_secret_value(self, **given: str) -> None:
        self.secrets[given["SecretId"]] = given["SecretString"]

    def get_queue_attributes(self, **_: Any) -> dict[str, Any]:
        return {"Attributes": {"QueueArn": "arn:queue"}}

    def purge_queue(self, **_: Any) -> None:
        self.served.append("purged")

    def set_queue_attributes(self, **_: Any) -> None:
        self.served.append("kept")

    def list_event_source_mappings(self, **_: Any) -> dict[str, Any]:
        state = "Enabled" if "enabled" in self.served else "Disabled"
        return {"EventSourceMappings": [{"UUID": "u", "State": state}]}

    def update_event_source_mapping(self, **_: Any) -> None:
        self.served.append("enabled")


@pytest.fixture
def aws() -> Aws:
    other = {"webhook:a": {"url": "https://a.example"}}
    return Aws({CHANNELS: json.dumps({"destinations": other}), API: '{"api_token": "t"}'})


@pytest.fixture
def store(aws: Aws) -> ChannelStore:
    outputs = {"ChannelsSecretArn": CHANNELS, "ApiSecretArn": API, "ChannelsQueueUrl": "url"}
    nothing: Any = None
    return ChannelStore(lambda _service: aws, outputs, nothing, nothing)


def test_keys_are_stored_beside_what_is_there_and_the_queue_is_read(
    aws: Aws, store: ChannelStore
) -> None:
    done = store_keys(store, CONTACT)
    assert (done["new"], done["served_now"]) == (True, True)
    assert read_own(aws.secrets[API]).public_key == done["key"]
    assert json.loads(aws.secrets[API])["api_token"] == "t"
    assert set(store.destinations().destinations) == {"webhook:a", SENDER}
    assert aws.served == ["purged", "kept", "enabled"]
    again = store_keys(store, CONTACT)
    assert again == {"key": done["key"], "new": False, "served_now": False}
    assert store_keys(store, CONTACT, new=True)["key"] != done["key"]


@pytest.mark.parametrize("contact", ["", "you@example.org", "http://example.org", "mailto:a"])
def test_a_contact_that_is_none_changes_nothing(
    aws: Aws, store: ChannelStore, contact: str
) -> None:
    before = dict(aws.secrets)
    with pytest.raises(CommandError):
        store_keys(store, contact)
    assert aws.secrets == before


def test_a_stored_key_that_is_none_is_said(aws: Aws, store: ChannelStore) -> None:
    stored = {"destinations": {SENDER: {"url": CONTACT, "private_key": "AA"}}}
    aws.secrets[CHANNELS] = json.dumps(stored)
    with pytest.raises(CommandError, match="private key"):
        store_keys(store, CONTACT)
    assert store_keys(store, CONTACT, new=True)["new"]


def test_the_sender_is_no_destination_of_a_list(store: ChannelStore) -> None:
    store_keys(store, CONTACT)
    with pytest.raises(AttributeError):  # the other one is looked up: there are no tables here
        Destinations(store).rows()
    del (raw := store.secret())["destinations"]["webhook:a"]
    store.write_secret(raw)

    class Rows:
        def all(self) -> list[Any]:
            return []

    alone = ChannelStore(store.client, store.outputs, Rows(), Rows())  # type: ignore[arg-type]
    assert Destinations(alone).rows() == []
