"""The CDK application."""

import json
import subprocess
from pathlib import Path

import pytest
from signalengine.errors import PolicyError, StrategyError

from infra.app import checked_policy, checked_strategies
from tests.core.strategy.texts import CHANNEL
from tests.paths import ROOT


def test_an_invalid_policy_is_refused_before_it_is_deployed(tmp_path: Path) -> None:
    (tmp_path / "policy.json").write_text('{"name": "half"}')
    with pytest.raises(PolicyError, match="lacks field"):
        checked_policy(str(tmp_path / "policy.json"))
    assert checked_policy(None) is None


def run_as_the_cdk_does(folder: Path) -> subprocess.CompletedProcess[str]:
    """Run the application's command in a shell, as the CDK's command runs it."""
    command = json.loads((ROOT / "cdk.json").read_text(encoding="utf-8"))["app"]
    return subprocess.run(  # noqa: S603 - of this project's own file
        ["/bin/sh", "-c", command], cwd=folder, capture_output=True, encoding="utf-8", check=False
    )


def test_without_a_virtual_environment_the_cdk_says_how_to_make_it(tmp_path: Path) -> None:
    done = run_as_the_cdk_does(tmp_path)
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr == "There is no .venv here. Make it first: make setup\n"


def test_with_one_the_cdk_runs_the_application(tmp_path: Path) -> None:
    python = tmp_path / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text('#!/bin/sh\necho "$@"\nexit 7\n')
    python.chmod(0o755)
    done = run_as_the_cdk_does(tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (7, "-m infra.app\n", "")


def test_strategies_are_checked_before_they_are_deployed(tmp_path: Path) -> None:
    assert checked_strategies(None) == {}
    (tmp_path / "test_channel.py").write_text("anything")
    (tmp_path / "channel.py").write_text(CHANNEL)
    assert checked_strategies(str(tmp_path)) == {"channel.py": CHANNEL}
    (tmp_path / "other.py").write_text(CHANNEL)
    with pytest.raises(StrategyError, match="give both the same name"):
        checked_strategies(str(tmp_path))
    (tmp_path / "other.py").write_text("import os\n")
    with pytest.raises(StrategyError, match=r"other\.py, line 1"):
        checked_strategies(str(tmp_path))
    (tmp_path / "other.py").unlink()
    (tmp_path / "classic.py").write_text(CHANNEL.replace('"channel"', '"classic"'))
    with pytest.raises(StrategyError, match="ships with the engine"):
        checked_strategies(str(tmp_path))
