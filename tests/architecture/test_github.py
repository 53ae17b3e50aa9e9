"""The workflow covers every supported Python, and the guide for contributors every recipe."""

import re
import tomllib

import yaml

from .source import ROOT

GITHUB = ROOT / ".github"
WORKFLOW = yaml.safe_load((GITHUB / "workflows" / "test.yml").read_text())
RECIPES = [
    "An indicator",
    "An event kind",
    "An exchange",
    "A delivery channel",
    "An API route",
    "A dashboard page",
    "An alarm",
]


def test_the_workflow_runs_every_supported_python() -> None:
    oldest = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["requires-python"]
    versions = WORKFLOW["jobs"]["test"]["strategy"]["matrix"]["python"]
    assert versions == ["3.11", "3.12", "3.13", "3.14"]
    assert oldest == f">={versions[0]}"


def test_the_workflow_runs_what_a_person_runs_and_may_only_read() -> None:
    assert {"run": "bash .ci/run"} in WORKFLOW["jobs"]["test"]["steps"]
    assert WORKFLOW["permissions"] == {"contents": "read"}


def test_every_action_has_a_version() -> None:
    used = re.findall(r"uses: (\S+)", (GITHUB / "workflows" / "test.yml").read_text())
    assert used
    assert [name for name in used if not re.fullmatch(r"[\w/-]+@(v\d+|[0-9a-f]{40})", name)] == []


def test_the_guide_has_a_recipe_for_each_kind_of_addition() -> None:
    text = (GITHUB / "CONTRIBUTING.md").read_text()
    assert re.findall(r"^### (.+)$", text, flags=re.MULTILINE) == RECIPES


def test_forms_and_settings_are_valid_yaml() -> None:
    for path in [*GITHUB.rglob("*.yml"), ROOT / ".pre-commit-config.yaml"]:
        assert yaml.safe_load(path.read_text()), path.name
