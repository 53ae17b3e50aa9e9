"""Reading a secret."""

import boto3
import pytest
from signalengine.errors import PermanentError, TransientError
from signalengine_aws.runtime.secrets import secret_text

from tests.aws.world import REGION, Trouble, World


def test_a_secret_is_read_by_its_arn(world: World) -> None:
    world.set_api_token("a token")
    assert "a token" in secret_text(world.api_secret_arn)


def test_a_secret_is_read_from_an_encrypted_parameter(world: World) -> None:
    store = boto3.client("ssm", REGION)
    store.put_parameter(Name="/S/secure/api", Value="a token", Type="SecureString")
    arn = store.get_parameter(Name="/S/secure/api")["Parameter"]["ARN"]
    assert secret_text(arn) == "a token"
    store.delete_parameter(Name="/S/secure/api")
    with pytest.raises(PermanentError):
        secret_text(arn)


def test_an_error_carries_none_of_the_secret(world: World) -> None:
    world.set_api_token("a token")
    world.trouble = Trouble(0, "throttled")
    with pytest.raises(TransientError) as caught:
        secret_text(world.api_secret_arn)
    assert "a token" not in str(caught.value)
