"""Stages and the context of the CDK: what is unknown is refused, with what is known."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.names import REGION, STACK
from infra.settings import KEYS, ONLY, Deployment, Stage, checked_stage, deployment, strategy_folder

OF_CDK = {"aws:cdk:enable-path-metadata": False, "@aws-cdk/core:checkSecretUsage": True}
STAGES = st.from_regex(r"[a-z][a-z0-9]{0,15}", fullmatch=True) | st.just("")


def test_without_a_context_it_is_the_only_stage_on_lambda_in_tokyo() -> None:
    assert deployment(OF_CDK) == Deployment(ONLY, REGION, "arm64", None)
    assert ONLY.stacks == (f"{STACK}Data", STACK)
    assert not ONLY.protected


def test_a_context_describes_a_deployment() -> None:
    given_ = {"stage": "prod", "region": "eu-central-1", "wheels": "local", "policy": "p.json"}
    found = deployment(OF_CDK | given_)
    assert found == Deployment(Stage("prod"), "eu-central-1", "local", "p.json")
    assert found.stage.protected


@pytest.mark.parametrize("key", ["stages", "Stage", "symbols", "wheel"])
def test_an_unknown_key_is_refused_with_the_known_ones(key: str) -> None:
    with pytest.raises(ValueError, match=f"unknown context: {key}; known: {', '.join(KEYS)}"):
        deployment({key: "prod"})


@pytest.mark.parametrize(
    ("context", "words"),
    [
        ({"wheels": "amd64"}, "known: arm64, local"),
        ({"region": "us-east-1"}, "451"),
        ({"stage": "Prod"}, "no stage"),
        ({"stage": True}, "no stage"),
    ],
)
def test_an_unknown_value_is_refused(context: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        deployment(context)


@pytest.mark.parametrize("name", ["data-", "1st", "pro d", "prod/eu", "-", "ä", "a" * 17])
def test_a_name_that_no_stack_can_have_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="no stage"):
        checked_stage(name)


@given(st.lists(STAGES, min_size=2, max_size=5, unique=True))
def test_no_two_stages_share_a_stack(names: list[str]) -> None:
    stacks = [stack for name in names for stack in checked_stage(name).stacks]
    assert len(set(stacks)) == 2 * len(names)


def test_strategies_are_deployed_of_the_folder_that_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert strategy_folder({}) is None
    (tmp_path / "strategies").mkdir()
    assert strategy_folder({"STRATEGIES": ""}) == (tmp_path / "strategies").resolve()
    assert strategy_folder({"STRATEGIES": "elsewhere"}) is None
    given_ = {"strategies": "mine"}
    assert deployment(OF_CDK | given_).strategies == "mine"
