"""Selecting the stack: precedence of options, and errors with a fix."""

import json
from dataclasses import replace
from pathlib import Path

import boto3
import pytest
from moto import mock_aws

from infra.cli.reading.target import Where, resolve
from infra.errors import CommandError
from infra.local.stack.running import remember
from infra.names import REGION
from tests.infra.cli.documents import RUNNING_HERE


def why(where: Where, **env: str) -> CommandError:
    with pytest.raises(CommandError) as caught:
        resolve(where, env)
    return caught.value


def test_the_system_running_here_is_the_default(tmp_path: Path) -> None:
    remember(tmp_path, RUNNING_HERE)
    found = resolve(Where(state_dir=tmp_path), {})
    assert (found.name, found.api, found.websocket) == ("local", "http://a", "ws://w")
    assert found.dashboard == "http://d/"


def test_where_none_runs_the_fix_is_named(tmp_path: Path) -> None:
    error = why(Where(state_dir=tmp_path))
    assert "no SignalEngine runs here" in str(error)
    assert "make up" in error.fix
    assert error.code == 1


def test_a_system_that_was_killed_does_not_run(tmp_path: Path) -> None:
    remember(tmp_path, replace(RUNNING_HERE, pid=2**22 + 1))
    assert "no SignalEngine runs here" in str(why(Where(state_dir=tmp_path)))


def test_an_option_counts_more_than_the_environment(tmp_path: Path) -> None:
    remember(tmp_path, RUNNING_HERE)
    env = {"SIGNALENGINE_URL": "http://env/x/", "SIGNALENGINE_TOKEN": "secret"}
    here = Where(state_dir=tmp_path)
    assert resolve(here, env).api == "http://env/x"
    assert resolve(here, env).token == "secret"
    assert resolve(replace(here, stack="local"), env).api == "http://a"
    assert resolve(replace(here, url="https://given"), env).api == "https://given"
    assert resolve(replace(here, token="mine"), env).token == "mine"


def test_two_stacks_at_once_are_wrong_usage() -> None:
    assert why(Where(stack="a", url="http://b")).code == 2


@pytest.mark.parametrize("url", ["example.com", "ftp://x", "http://", "file:///etc/passwd"])
def test_an_invalid_address_is_wrong_usage(url: str) -> None:
    error = why(Where(url=url))
    assert (error.code, "not an address" in str(error)) == (2, True)


def test_a_token_is_in_no_representation(tmp_path: Path) -> None:
    remember(tmp_path, RUNNING_HERE)
    assert "secret" not in repr(resolve(Where(state_dir=tmp_path, token="secret"), {}))


@pytest.mark.parametrize(
    ("secret", "given", "token"),
    [
        ('{"api_token": "generated"}', None, "generated"),
        ('{"api_token": "generated"}', "mine", "mine"),
        ('{"api_token": ""}', None, None),
        ("not JSON", None, None),
        ("[]", None, None),
    ],
)
def test_a_stack_on_aws_is_read_with_the_token_of_its_secret(
    secret: str, given: str | None, token: str | None
) -> None:
    with mock_aws():
        arn = boto3.client("secretsmanager", REGION).create_secret(Name="a", SecretString=secret)
        outputs = {"HttpUrl": {"Value": "https://a"}, "ApiSecretArn": {"Value": arn["ARN"]}}
        template = {"Resources": {"T": {"Type": "AWS::SNS::Topic"}}, "Outputs": outputs}
        cloudformation = boto3.client("cloudformation", REGION)
        cloudformation.create_stack(StackName="S", TemplateBody=json.dumps(template))
        assert resolve(Where(stack="S", token=given), {}).token == token


def test_who_may_not_read_the_secret_reads_without_a_token() -> None:
    """An open stack then answers; a closed one says what to give."""
    with mock_aws():
        outputs = {"HttpUrl": {"Value": "https://a"}, "ApiSecretArn": {"Value": "gone"}}
        template = {"Resources": {"T": {"Type": "AWS::SNS::Topic"}}, "Outputs": outputs}
        cloudformation = boto3.client("cloudformation", REGION)
        cloudformation.create_stack(StackName="S", TemplateBody=json.dumps(template))
        assert resolve(Where(stack="S"), {}).token is None
