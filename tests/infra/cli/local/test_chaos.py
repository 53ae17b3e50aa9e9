"""`signalengine chaos`: a table, a report, and an exit code."""

import json
from pathlib import Path

import pytest
from rich.console import Console

from infra.cli.local.chaos import Plan, mutation_table, run_chaos, table
from infra.local.chaos.model.mutations import Caught
from infra.local.chaos.model.run import Failure, Totals
from tests.infra.cli.conftest import Cli


def test_two_schedules_are_played_and_reported(tmp_path: Path) -> None:
    out, report = Console(record=True, width=100), tmp_path / "report.json"
    assert run_chaos(Plan(first=0, seeds=2, jobs=1), report, out) == 0
    assert json.loads(report.read_text())["schedules"] == 3
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
