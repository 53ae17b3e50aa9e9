"""The CDK's command is installed from its lock, and again only when that changes."""

import json
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from infra.build import cdk
from infra.build.dashboard import NPM_CI
from infra.errors import CommandError

PATH = "node_modules/aws-cdk/bin/cdk"


@pytest.fixture
def installs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Sequence[str]]:
    """Record the calls of npm, which make a command that prints its words."""
    calls: list[Sequence[str]] = []

    def npm(
        arguments: Sequence[str], folder: Path, **_lock: object
    ) -> subprocess.CompletedProcess[str]:
        calls.append(arguments)
        (folder / PATH).parent.mkdir(parents=True, exist_ok=True)
        (folder / PATH).write_text("process.exit(process.argv.length)")
        return subprocess.CompletedProcess([], 0, "", "")

    monkeypatch.setattr(cdk, "FOLDER", tmp_path / "lock")
    monkeypatch.setattr(cdk, "INSTALLED", tmp_path / "installed")
    monkeypatch.setattr(cdk, "run_npm", npm)
    cdk.FOLDER.mkdir()
    (cdk.FOLDER / "package-lock.json").write_text("{}")
    return calls


def test_it_is_installed_once_by_hash_and_without_scripts(
    installs: list[Sequence[str]],
) -> None:
    assert cdk.main(["deploy", "SignalEngine"]) == 4  # node, the file and two words
    assert cdk.main([]) == 2
    assert installs == [NPM_CI]
    assert NPM_CI[:2] == ("ci", "--ignore-scripts")
    (cdk.FOLDER / "package-lock.json").write_text("{ }")
    cdk.main([])
    assert installs == [NPM_CI, NPM_CI]


def test_a_failed_installation_is_no_installation(
    installs: list[Sequence[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    failed = subprocess.CompletedProcess([], 1, "EINTEGRITY", "")
    with monkeypatch.context() as patch:
        patch.setattr(cdk, "run_npm", lambda *_, **_lock: failed)
        with pytest.raises(CommandError, match="EINTEGRITY"):
            cdk.main([])
    assert cdk.main([]) == 2
    assert installs == [NPM_CI]


def test_an_interrupted_installation_is_made_again(
    installs: list[Sequence[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(_arguments: Sequence[str], folder: Path, **_lock: object) -> None:
        (folder / PATH).write_text("half of it")
        raise KeyboardInterrupt

    cdk.main([])
    (cdk.FOLDER / "package-lock.json").write_text("{ }")
    with monkeypatch.context() as patch:
        patch.setattr(cdk, "run_npm", interrupted)
        with pytest.raises(KeyboardInterrupt):
            cdk.main([])
    (cdk.FOLDER / "package-lock.json").write_text("{}")  # as it was before: the old stamp's
    assert cdk.main([]) == 2
    assert installs == [NPM_CI, NPM_CI]


def test_the_lock_has_one_version_with_its_hash() -> None:
    rows = json.loads((cdk.FOLDER / "package-lock.json").read_text())
    packages = {name: row for name, row in rows["packages"].items() if name}
    assert all(row["integrity"].startswith("sha512-") for row in packages.values())
    assert packages["node_modules/aws-cdk"]["version"].startswith("2.")


@pytest.mark.parametrize(
    ("given", "ran"),
    [
        (["deploy"], ["deploy", "--all"]),
        (["deploy", "-c", "stage=prod"], ["deploy", "-c", "stage=prod", "--all"]),
        (
            ["deploy", "--parameters", "SignalEngine:Symbols=all"],
            ["deploy", "--parameters", "SignalEngine:Symbols=all", "--all"],
        ),
        (["deploy", "--all"], ["deploy", "--all"]),
        (["deploy", "SignalEngineData"], ["deploy", "SignalEngineData"]),
        (["destroy"], ["destroy"]),
        ([], []),
    ],
)
def test_a_deployment_that_names_no_stack_is_of_all(given: list[str], ran: list[str]) -> None:
    assert cdk._of_all_stacks(given) == ran
