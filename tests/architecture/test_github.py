"""The workflow covers every supported Python, and the guide for contributors every recipe."""

import re
import tomllib

import yaml

from .source import ROOT, tracked

GITHUB = ROOT / ".github"
WORKFLOWS = sorted((GITHUB / "workflows").glob("*.yml"))
WORKFLOW = yaml.safe_load((GITHUB / "workflows" / "test.yml").read_text())
RECIPES = [
    "An indicator",
    "An indicator of the library",
    "An event kind",
    "An exchange",
    "A delivery channel",
    "An API route",
    "A dashboard page",
    "A language",
    "An alarm",
    "A right in AWS",
]


def test_the_workflow_runs_every_supported_python() -> None:
    oldest = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["requires-python"]
    versions = WORKFLOW["jobs"]["test"]["strategy"]["matrix"]["python"]
    assert versions == ["3.11", "3.12", "3.13", "3.14"]
    assert oldest == f">={versions[0]}"


def test_the_workflow_runs_what_a_person_runs() -> None:
    assert {"run": "bash .ci/run"} in WORKFLOW["jobs"]["test"]["steps"]


def test_every_workflow_may_only_read() -> None:
    for path in WORKFLOWS:
        workflow = yaml.safe_load(path.read_text())
        assert workflow["permissions"] == {"contents": "read"}, path.name
        assert not any("permissions" in job for job in workflow["jobs"].values()), path.name


def test_every_action_is_a_commit_with_its_version_beside_it() -> None:
    """A tag can be moved to other code; a digest cannot."""
    used = [line for path in WORKFLOWS for line in re.findall(r"uses: .+", path.read_text())]
    assert used
    form = re.compile(r"uses: [\w/-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+")
    assert [line for line in used if not form.fullmatch(line)] == []


def test_no_checkout_leaves_its_credentials_behind() -> None:
    for path in WORKFLOWS:
        steps = [
            s for job in yaml.safe_load(path.read_text())["jobs"].values() for s in job["steps"]
        ]
        for step in steps:
            if step.get("uses", "").startswith("actions/checkout@"):
                assert step["with"] == {"persist-credentials": False}, path.name


def test_the_audit_is_a_job_of_its_own_that_needs_the_advisories() -> None:
    workflow = yaml.safe_load((GITHUB / "workflows" / "audit.yml").read_text())
    assert {"run": "make audit STRICT=1"} in workflow["jobs"]["audit"]["steps"]
    assert workflow[True]["schedule"]  # YAML reads the key `on` as true


def test_updates_are_proposed_in_groups_for_every_lock() -> None:
    updates = yaml.safe_load((GITHUB / "dependabot.yml").read_text())["updates"]
    covered = {
        (one["package-ecosystem"], folder)
        for one in updates
        for folder in one.get("directories", [one.get("directory")])
    }
    locks = {"npm": "package-lock.json", "pip": "requirements.txt", "docker": "Dockerfile"}
    found = {
        (kind, f"/{path.parent.relative_to(ROOT)}".removesuffix("."))
        for kind, name in locks.items()
        for path in tracked()
        if path.name == name
    }
    assert covered == found | {("github-actions", "/")}
    assert all(one["groups"] for one in updates)


def test_the_guide_has_a_recipe_for_each_kind_of_addition() -> None:
    text = (GITHUB / "CONTRIBUTING.md").read_text()
    assert re.findall(r"^### (.+)$", text, flags=re.MULTILINE) == RECIPES


def test_forms_and_settings_are_valid_yaml() -> None:
    for path in [*GITHUB.rglob("*.yml"), ROOT / ".pre-commit-config.yaml"]:
        assert yaml.safe_load(path.read_text()), path.name
