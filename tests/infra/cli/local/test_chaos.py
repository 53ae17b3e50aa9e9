"""`signalengine chaos`: a table, a report, and an exit code."""

import json
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from infra.cli.local import chaos
from infra.cli.local.chaos import Plan, mutation_table, run_chaos, run_mutations, table
from infra.local.chaos.model.mutations import table as rows
from infra.local.chaos.model.mutations.hunt import Caught
from infra.local.chaos.model.run import Failure, Totals
from tests.infra.cli.conftest import Cli


def test_two_seeds_are_played_and_reported(tmp_path: Path) -> None:
    out, report = Console(record=True, width=100), tmp_path / "report.json"
    assert run_chaos(Plan(first=0, seeds=2, jobs=1), report, out) == 0
    assert json.loads(report.read_text())["schedules"] == 4
    assert "schedules with violations" in out.export_text()


def test_violations_are_counted_in_the_table() -> None:
    out = Console(record=True, width=100)
    out.print(table(Totals(schedules=10, failures=[Failure(3, ("outbox: a waits",))]), wall_s=60))
    text = out.export_text()
    assert "a minute" in text
    assert [line for line in text.splitlines() if "violations" in line and "1" in line]


def test_the_table_of_mutations_names_what_survived() -> None:
    out = Console(record=True, width=100)
    out.print(
        mutation_table([Caught("no lease", "seed 5", "telegram: twice"), Caught("no grace", None)])
    )
    rows = out.export_text().splitlines()
    assert [row for row in rows if "no lease" in row and "seed 5" in row and "telegram" in row]
    assert [row for row in rows if "no grace" in row and "survived" in row]


def test_a_hunt_prints_each_result_and_goes_on_from_its_report(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    two = rows.mutations()[:2]
    hunted: list[str] = []

    def hunt(left: list[rows.Mutation], seeds: int, jobs: int, done: Any, first: int) -> None:
        for one in left[:1]:  # and then it is stopped
            hunted.append(one.name)
            done(Caught(one.name, "seed 5", "telegram: twice", 3))

    monkeypatch.setattr(chaos, "mutations", lambda: two)
    monkeypatch.setattr(chaos, "hunt_all", hunt)
    plan, report, texts = Plan(first=0, seeds=2, jobs=1), tmp_path / "report.json", []
    for _ in range(3):
        out = Console(record=True, width=100)
        assert run_mutations(plan, report, out) == 0
        texts.append(out.export_text())
    assert hunted == [one.name for one in two]
    assert f"{two[0].name}: seed 5, 3 played" in texts[0]
    assert f"{two[1].name}: seed 5, 3 played" in texts[1]
    assert "played" not in texts[2]
    assert all(one.name in texts[2] for one in two)


@pytest.mark.parametrize(
    ("options", "refused"),
    [
        (["--seeds", "200"], "--seeds: goes with --model"),
        (["--jobs", "1"], "--jobs: goes with --model"),
        (["--mutations"], "--mutations: goes with --model"),
        (["--model", "--seed", "1"], "--seed: goes without --model"),
        (["--model", "--days", "5"], "--days: goes without --model"),
    ],
)
def test_an_option_of_the_other_kind_is_refused(options: list[str], refused: str, cli: Cli) -> None:
    """Even with its default value: nothing that is typed is ignored."""
    result = cli("chaos", *options)
    assert result.code == 2
    assert refused in result.err
