"""Reading a secret."""

import pytest
from signalengine.errors import TransientError
from signalengine_aws.runtime.secrets import secret_text

from tests.aws.world import Trouble, World


def test_a_secret_is_read_by_its_arn(world: World) -> None:
    world.set_api_token("a token")
    assert "a token" in secret_text(world.api_secret_arn)


def test_an_error_carries_none_of_the_secret(world: World) -> None:
    world.set_api_token("a token")
    world.trouble = Trouble(0, "throttled")
    with pytest.raises(TransientError) as caught:
        secret_text(world.api_secret_arn)
    assert "a token" not in str(caught.value)
