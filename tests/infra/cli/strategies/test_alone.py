"""Options of a run of one parameter set: registered live, `classic` off, its file deployed."""

import json
from pathlib import Path

import pytest
from signalengine.strategy.deployed import deployed
from signalengine.strategy.finder import Finder
from signalengine_aws.stores.strategies import CLASSIC, Strategy

from infra.cli.strategies.alone import with_set
from infra.cli.strategies.template import texts
from infra.local.replay.collector import _followed
from infra.local.stack.options import RunOptions

OWN = texts("my_idea")[0]
SET = {"strategy": "my_idea", "name": "fast", "parameters": {"fast": 8}, "rules": {"fee_bps": 4}}


@pytest.fixture
def options(folder: Path) -> RunOptions:
    folder.mkdir()
    (folder / "my_idea.py").write_text(OWN, encoding="utf-8")
    (folder / "broken.py").write_text("import os\n", encoding="utf-8")
    return RunOptions(state_dir=folder.parent / "state")


def test_a_strategy_of_ones_own_is_deployed_alone(options: RunOptions) -> None:
    made, one = with_set(options, "my_idea", ["fast=8"])

    assert one is not None
    assert made.strategies is not None
    assert [path.name for path in made.strategies.iterdir()] == ["my_idea.py"]
    live, classic = made.registered
    assert (live.name, live.status, live.digest) == ("my_idea", "live", one.digest)
    assert (classic.name, classic.status) == ("classic", "off")
    assert deployed(live, Finder(made.strategies)).parameters == one.parameters
    assert _followed(made.registered).name == "my_idea"


def test_a_file_of_a_parameter_set_is_registered_as_it_is(options: RunOptions) -> None:
    file = options.state_dir.parent / "fast.json"
    file.write_text(json.dumps(SET), encoding="utf-8")

    made, one = with_set(RunOptions(state_dir=options.state_dir, policy=file), None)

    assert one is not None
    assert made.policy is None
    assert made.registered[0].name == "my_idea@fast" == one.key
    assert deployed(made.registered[0], Finder(made.strategies)).fee_bps == 4.0


def test_a_shipped_strategy_needs_no_folder_and_classic_none_of_it(options: RunOptions) -> None:
    made, one = with_set(options, "donchian")

    assert one is not None
    assert made.strategies is None
    assert deployed(made.registered[0]).digest == one.digest
    assert with_set(options, "classic") == (options, None) == with_set(options, None)
    assert _followed(()) is CLASSIC
    assert _followed(made.registered[:1]) is CLASSIC  # beside classic, which stays the subject
    assert isinstance(_followed(made.registered), Strategy)
