"""The secret of the destinations, in Secrets Manager or in a parameter."""

import json
from typing import Any, ClassVar

import pytest

from infra.cli.channels.store import MOST_BYTES, RETENTION_S, ChannelStore, store_of
from infra.cli.deliveries.stack import StackAccess
from infra.errors import CommandError


class Parameters:
    """A parameter of Systems Manager."""

    def __init__(self) -> None:
        self.text = "{}"

    def get_parameter(self, **given: Any) -> dict[str, Any]:
        assert given == {"Name": "/S/secure/channels", "WithDecryption": True}
        return {"Parameter": {"Value": self.text}}

    def put_parameter(self, **given: Any) -> None:
        assert (given["Type"], given["Overwrite"]) == ("SecureString", True)
        self.text = given["Value"]


def store(parameters: Parameters) -> ChannelStore:
    outputs = {"ChannelsSecretArn": "arn:aws:ssm:r:1:parameter/S/secure/channels"}
    nothing: Any = None
    return ChannelStore(lambda _service: parameters, outputs, nothing, nothing)


def test_a_parameter_is_read_and_replaced() -> None:
    parameters = Parameters()
    mine = store(parameters)
    assert mine.secret() == {"allowed": [], "destinations": {}}
    mine.write_secret(mine.secret() | {"public_id_key": "k"})
    assert json.loads(parameters.text)["public_id_key"] == "k"
    assert mine.destinations().public_id_key == b"k"


def test_what_came_before_a_destination_is_dropped_and_what_comes_is_kept() -> None:
    class Aws:
        state = "Disabled"
        calls: ClassVar[list[str]] = []

        def get_queue_attributes(self, **_: Any) -> dict[str, Any]:
            return {"Attributes": {"QueueArn": "arn"}}

        def list_event_source_mappings(self, **_: Any) -> dict[str, Any]:
            return {"EventSourceMappings": [{"UUID": "u", "State": self.state}]}

        def purge_queue(self, **_: Any) -> None:
            self.calls.append("purged")

        def set_queue_attributes(self, **given: Any) -> None:
            assert given["Attributes"] == {"MessageRetentionPeriod": str(RETENTION_S)}
            self.calls.append("kept")

        def update_event_source_mapping(self, **_: Any) -> None:
            self.calls.append("read")
            self.state = "Enabled"

    nothing: Any = None
    stack = ChannelStore(lambda _service: Aws(), {"ChannelsQueueUrl": "u"}, nothing, nothing)
    assert stack.serve()
    assert Aws.calls == ["purged", "kept", "read"]


def test_what_does_not_fit_into_a_parameter_is_refused_with_a_fix() -> None:
    parameters = Parameters()
    with pytest.raises(CommandError) as caught:
        store(parameters).write_secret({"destinations": {"x:a": {"url": "u" * MOST_BYTES}}})
    assert "secrets-manager" in caught.value.fix
    assert parameters.text == "{}"


def test_a_stack_of_an_earlier_version_has_none() -> None:
    with pytest.raises(CommandError, match="no other channels"):
        store_of(StackAccess({}, {}))
