"""The channels that a destination may be of, and their fields."""

import pytest
from signalengine_aws.runtime.channels import CHANNELS

from infra.cli.channels.kinds import KINDS, kind_of
from infra.errors import CommandError


def test_each_is_a_registered_channel() -> None:
    assert set(KINDS) <= set(CHANNELS) - {"telegram"}
    with pytest.raises(CommandError, match="no channel"):
        kind_of("telegram")


@pytest.mark.parametrize(
    ("fields", "good"),
    [
        ({}, True),
        ({"template": "cornix", "leverage": "5"}, True),
        ({"template": "{{symbol}}"}, True),
        ({"template": "{{nothing}}"}, False),
        ({"leverage": "5"}, False),
        ({"template": "cornix", "leverage": "126"}, False),
        ({"template": "cornix", "leverage": "5x"}, False),
    ],
)
def test_a_webhook_has_a_template_and_perhaps_a_leverage(
    fields: dict[str, str], good: bool
) -> None:
    assert (KINDS["webhook"].problem_of_fields(fields) == "") == good


@pytest.mark.parametrize(
    ("channel", "url", "good"),
    [
        ("discord", "https://discord.com/api/webhooks/123/a_b-c", True),
        ("discord", "https://discord.com/api/v10/webhooks/123/a_b-c?thread_id=5", True),
        ("discord", "https://discord.com/channels/1/2", False),
        ("discord", "https://discord.com/api/webhooks/123", False),
        ("slack", "https://hooks.slack.com/services/T1/B1/abc", True),
        ("slack", "https://app.slack.com/client/T1/C1", False),
        ("ntfy", "https://ntfy.sh/my-topic", True),
        ("ntfy", "https://ntfy.example/", False),
        ("ntfy", "https://ntfy.sh/my-topic/json", False),
    ],
)
def test_a_url_is_that_of_its_service(channel: str, url: str, good: bool) -> None:
    problem = KINDS[channel].problem_of_url(url)
    assert (problem == "") == good
    assert url not in problem


def test_a_guild_is_a_number() -> None:
    problem = KINDS["discord"].problem_of_fields
    assert (problem({}), problem({"guild": "123"})) == ("", "")
    assert problem({"guild": "mine"})
