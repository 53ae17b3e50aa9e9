"""`operator show | rotate`, with both places of the secret."""

import json
from collections.abc import Iterator

import boto3
import pytest
from signalengine_aws.runtime.operator_token import LEAST_CHARS

from infra.cli.deliveries import stack as stacks
from infra.cli.deliveries.stack import StackAccess
from tests.aws.world import REGION, World, new_world
from tests.infra.cli.conftest import Cli


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with pytest.MonkeyPatch.context() as patch, new_world(patch) as made:
        yield made


def outputs(monkeypatch: pytest.MonkeyPatch, **found: str) -> None:
    access = StackAccess(found, {"region_name": REGION})
    monkeypatch.setattr(stacks, "access", lambda *_: access)


@pytest.fixture(params=["managed", "parameter"])
def arn(world: World, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    world.reset()
    found = world.operator_secret_arn
    if request.param == "parameter":
        store = boto3.client("ssm", REGION)
        text = json.dumps({"operator_token": ""})
        store.put_parameter(Name="/S/operator", Value=text, Type="SecureString", Overwrite=True)
        found = store.get_parameter(Name="/S/operator")["Parameter"]["ARN"]
    outputs(monkeypatch, OperatorSecretArn=found)
    return str(found)


@pytest.mark.usefixtures("arn")
def test_a_token_is_made_replaced_and_shown(cli: Cli) -> None:
    assert "no token is set" in cli("operator", "show").err
    first = cli("operator", "rotate", "--yes").out.strip()
    assert len(first) >= LEAST_CHARS
    assert cli("operator", "show").out.strip() == first
    second = cli("operator", "rotate", "--yes").out.strip()
    assert second != first
    assert cli("operator", "show").out.strip() == second


def test_an_older_stack_has_none(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    outputs(monkeypatch)
    answer = cli("operator", "show")
    assert "this stack has no operator's token" in answer.err
