"""A function starts with its whole environment or not at all."""

from inspect import get_annotations

import pytest
from signalengine_aws.runtime import config
from signalengine_aws.runtime.config import Broadcast, ComputeFeatures, ConfigError, load

WHOLE = {
    "STATE_TABLE": "s",
    "BARS_TABLE": "b",
    "EVENTS_TABLE": "e",
    "STRATEGIES_TABLE": "p",
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
        "POST_MESSAGES": "post_messages",
    }
    assert load(Broadcast, needed).execute_api_base == ""
    assert load(Broadcast, needed | {"EXECUTE_API_BASE": ""}).execute_api_base == ""


SHAPES = [
    shape
    for shape in vars(config).values()
    if isinstance(shape, type) and issubclass(shape, config.Environment)
]


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.__name__)
def test_a_configuration_is_read_only(shape: type[config.Environment]) -> None:
    read = load(shape, {name.upper(): "7" for name in config.names(shape)})
    for name in config.names(shape):
        assert getattr(read, name) == "7"
        with pytest.raises(AttributeError, match=name):
            setattr(read, name, "y")


@pytest.mark.parametrize("value", ["many", "-1", "1.5", "\u0663"])
def test_a_number_that_is_none_is_named(value: str) -> None:
    with pytest.raises(ConfigError, match="MAX_CONNECTIONS"):
        load(config.ConnectionCap, {"MAX_CONNECTIONS": value})


def test_a_variable_is_declared_in_one_place() -> None:
    from signalengine_aws.channels import config as channels
    from signalengine_aws.channels.telegram import config as telegram

    found = [
        name
        for shape in {**vars(config), **vars(channels), **vars(telegram)}.values()
        if isinstance(shape, type) and issubclass(shape, config.Environment)
        for name in get_annotations(shape)
    ]
    assert sorted(found) == sorted(set(found))
