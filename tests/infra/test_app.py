"""The CDK application."""

import json
import subprocess
from pathlib import Path

import pytest
from signalengine.errors import PolicyError

from infra.app import checked_policy
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
