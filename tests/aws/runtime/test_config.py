"""The environment is whole, or the function does not start."""

import dataclasses

import pytest
from signalengine_aws.runtime import config
from signalengine_aws.runtime.config import Broadcast, ComputeFeatures, ConfigError, load

WHOLE = {
    "STATE_TABLE": "s",
    "BARS_TABLE": "b",
    "EVENTS_TABLE": "e",
    "DEAD_LETTER_URL": "https://queue",
    "UNRELATED": "ignored",
}


def test_a_whole_environment_is_read() -> None:
    read = load(ComputeFeatures, WHOLE)
    assert (read.state_table, read.dead_letter_url) == ("s", "https://queue")


def test_every_missing_or_empty_key_is_named() -> None:
    some = WHOLE | {"BARS_TABLE": ""}
    del some["EVENTS_TABLE"]
    with pytest.raises(ConfigError, match="BARS_TABLE, EVENTS_TABLE"):
        load(ComputeFeatures, some)


def test_a_key_with_a_default_may_be_empty_or_missing() -> None:
    needed = {
        "CONNECTIONS_TABLE": "c",
        "WEBSOCKET_API_ID": "a",
        "WEBSOCKET_STAGE": "live",
        "API_SECRET_ARN": "arn",
    }
    assert load(Broadcast, needed).execute_api_base == ""
    assert load(Broadcast, needed | {"EXECUTE_API_BASE": ""}).execute_api_base == ""


def test_configurations_are_frozen() -> None:
    for shape in vars(config).values():
        if dataclasses.is_dataclass(shape):
            assert getattr(shape, "__dataclass_params__").frozen  # noqa: B009 - stubs lack it
