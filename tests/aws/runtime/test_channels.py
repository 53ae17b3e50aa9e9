"""What is derived from a channel's name."""

import pytest
from signalengine_aws.runtime.channels import COUNTED, QUEUES, metric, title
from signalengine_aws.runtime.config import ConfigError, channel_queues
from signalengine_aws.runtime.observability import METRICS


def test_telegrams_names_are_those_that_are_stored_and_charged() -> None:
    assert QUEUES["telegram"] == "all"
    assert [metric("telegram", counted) for counted in COUNTED] == [
        "TelegramBlocked", "TelegramSuppressed", "TelegramPossibleDuplicates",
    ]  # fmt: skip


@pytest.mark.parametrize("channel", QUEUES)
def test_every_channel_has_its_metrics_and_queues(channel: str) -> None:
    assert [name for name in METRICS if name.startswith(title(channel))] == [
        metric(channel, counted) for counted in COUNTED
    ]
    environ = {
        f"{name.upper()}_{kind}_URL": f"{name} {kind}"
        for name in QUEUES
        for kind in ("QUEUE", "DEAD_LETTER")
    }
    found = channel_queues(environ)[channel]
    assert (found.queue_url, found.dead_letter_url) == (
        f"{channel} QUEUE", f"{channel} DEAD_LETTER",
    )  # fmt: skip
    with pytest.raises(ConfigError, match=f"{channel.upper()}_QUEUE_URL"):
        channel_queues(environ | {f"{channel.upper()}_QUEUE_URL": ""})
