"""The secret of the destinations, in Secrets Manager or in a parameter."""

import json
from typing import Any

import pytest

from infra.cli.channels.store import MOST_BYTES, ChannelStore, store_of
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


def test_what_does_not_fit_into_a_parameter_is_refused_with_a_fix() -> None:
    parameters = Parameters()
    with pytest.raises(CommandError) as caught:
        store(parameters).write_secret({"destinations": {"x:a": {"url": "u" * MOST_BYTES}}})
    assert "secrets-manager" in caught.value.fix
    assert parameters.text == "{}"


def test_a_stack_of_an_earlier_version_has_none() -> None:
    with pytest.raises(CommandError, match="no other channels"):
        store_of(StackAccess({}, {}))
