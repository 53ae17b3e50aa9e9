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
