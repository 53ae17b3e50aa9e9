"""The environment of send_channels."""

import pytest
from signalengine_aws.channels.config import SendChannels
from signalengine_aws.runtime.config import ConfigError, load

WHOLE = {
    "DELIVERIES_TABLE": "d", "SUBSCRIPTIONS_TABLE": "s", "CHANNELS_QUEUE_URL": "q",
    "CHANNELS_DEAD_LETTER_URL": "l", "CHANNELS_SECRET_ARN": "arn",
}  # fmt: skip


def test_it_has_defaults_of_what_may_be_left_out() -> None:
    found = load(SendChannels, WHOLE)
    assert (found.channels_pace, found.channels_digest_after_s) == ("normal", "30")
    assert found.dashboard_url == ""


@pytest.mark.parametrize(
    ("name", "value"),
    [("CHANNELS_PACE", "fast"), ("CHANNELS_DIGEST_AFTER_S", "-1"),
     ("CHANNELS_DIGEST_AFTER_S", "\u0663")],
)  # fmt: skip
def test_a_wrong_value_is_named(name: str, value: str) -> None:
    with pytest.raises(ConfigError, match=name):
        load(SendChannels, WHOLE | {name: value})
