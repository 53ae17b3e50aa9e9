"""monitoring/: what Prometheus reads, by its own checker, and the places that alerts name."""

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.paths import ROOT

FOLDER = ROOT / "monitoring"
RULES: list[dict[str, Any]] = yaml.safe_load((FOLDER / "rules.yml").read_text())["groups"][0][
    "rules"
]
CASES: list[dict[str, Any]] = yaml.safe_load((FOLDER / "rules_test.yml").read_text())["tests"]
NAMES = [rule["alert"] for rule in RULES]
DOCUMENT = (ROOT / "docs" / "monitoring.md").read_text()


def promtool(*words: str, folder: Path = FOLDER) -> str:
    """Return what Prometheus' checker says; "" when it finds nothing wrong."""
    program = shutil.which("promtool")
    assert program, "promtool is needed: on Debian and Ubuntu, apt-get install prometheus"
    done = subprocess.run(  # noqa: S603 - a checker, with our files
        [program, *words], cwd=folder, capture_output=True, text=True, check=False, timeout=60
    )
    return "" if done.returncode == 0 else done.stdout + done.stderr


def test_the_configuration_is_valid() -> None:
    assert promtool("check", "config", "prometheus.yml") == ""


def test_the_rules_are_valid() -> None:
    assert promtool("check", "rules", "--lint=all", "--lint-fatal", "rules.yml") == ""


def test_each_alert_fires_and_is_silent_as_written() -> None:
    assert promtool("test", "rules", "rules_test.yml") == ""


def test_a_wrong_rule_would_be_found(tmp_path: Path) -> None:
    shutil.copytree(FOLDER, tmp_path / "monitoring")
    folder = tmp_path / "monitoring"
    rules = (folder / "rules.yml").read_text()
    (folder / "rules.yml").write_text(rules.replace("feed_lag_seconds > 180", "feed_lag > 180"))
    assert "FeedLate" in promtool("test", "rules", "rules_test.yml", folder=folder)


@pytest.mark.parametrize("name", NAMES)
def test_each_alert_has_a_case_in_which_it_fires_and_one_in_which_not(name: str) -> None:
    found = [
        bool(one.get("exp_alerts"))
        for case in CASES
        for one in case["alert_rule_test"]
        if one["alertname"] == name
    ]
    assert set(found) == {True, False}


@pytest.mark.parametrize("rule", RULES, ids=NAMES)
def test_each_alert_says_how_bad_it_is_and_where_to_read_on(rule: dict[str, Any]) -> None:
    assert rule["labels"]["severity"] in ("critical", "warning")
    assert rule["annotations"]["summary"]
    name, _, anchor = rule["annotations"]["runbook"].partition("#")
    assert anchor in anchors(ROOT / name)
    assert f"| {rule['alert']} | {rule['labels']['severity']} |" in DOCUMENT


def anchors(page: Path) -> set[str]:
    heads = re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^a-z0-9 -]", "", head.lower()).replace(" ", "-") for head in heads}


def test_the_local_target_is_the_address_of_make_up() -> None:
    targets = json.loads((FOLDER / "targets" / "local.json").read_text())
    assert targets == [{"targets": ["localhost:8000"]}]


def test_the_job_for_a_stack_on_aws_is_valid(tmp_path: Path) -> None:
    """The document's example, in a configuration with nothing else."""
    (example,) = re.findall(r"```yaml\n(.*?)```", DOCUMENT, re.DOTALL)
    (tmp_path / "token").write_text("x" * 20)
    (tmp_path / "prometheus.yml").write_text(example)
    assert promtool("check", "config", "prometheus.yml", folder=tmp_path) == ""
    (job,) = yaml.safe_load(example)["scrape_configs"]
    assert (job["scheme"], job["authorization"]) == ("https", {"credentials_file": "token"})
