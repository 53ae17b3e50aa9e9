"""`signalengine chaos --local-restart`: its table, its report, its exit code."""

import io
import json
from pathlib import Path
from typing import Any

import pytest
import requests
from rich.console import Console

from infra.cli.local import chaos_restart
from infra.cli.local.chaos_restart import RestartTrial, run_restarts, table
from infra.errors import INTERRUPTED, PROBLEM, CommandError
from infra.local.stack.options import RunOptions

TRIAL = RestartTrial(RunOptions(), seed=3, kills=4)
COUNTS = {"openings": 2, "closings": 1}


def report(*findings: str) -> dict[str, Any]:
    return {
        "kills": 4, "counts": {"expected": COUNTS, "stored": COUNTS}, "drift": [],
        "restarts": [{"at": 1, "kills": 3, "ready_s": 9.0}, {"at": 2, "kills": 1, "ready_s": 2.5}],
        "lost": {"bars": 0}, "duplicated": {"telegram": 0}, "on_purpose": {},
        "from_undisturbed": {"undisturbed": 2}, "data_mb": 1.5, "wall_s": 9.0,
        "findings": list(findings),
    }  # fmt: skip


def run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, outcome: dict[str, Any] | BaseException
) -> tuple[int, Any, str]:
    """Run a trial of which the system is left out; return exit code, report and output."""

    def played(_trial: RestartTrial, _out: Console) -> dict[str, Any]:
        if isinstance(outcome, BaseException):
            raise outcome
        return outcome

    monkeypatch.setattr(chaos_restart, "_played", played)
    out, file = Console(file=io.StringIO(), width=120, record=True), tmp_path / "report.json"
    try:
        code = run_restarts(TRIAL, file, out)
    except CommandError as error:
        code = error.code
    return code, json.loads(file.read_text()), out.export_text()


def test_promises_that_held_end_with_0(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    code, written, text = run(tmp_path, monkeypatch, report())
    assert (code, written["findings"]) == (0, [])
    assert "2.5 to 9.0 s" in text


def test_a_broken_promise_ends_with_1(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    code, _, text = run(tmp_path, monkeypatch, report("bar lost: BTCUSDT 7"))
    assert code == PROBLEM
    assert "bar lost: BTCUSDT 7" in text


@pytest.mark.parametrize(
    ("error", "code", "words"),
    [
        (KeyboardInterrupt(), INTERRUPTED, "stopped by Ctrl-C"),
        (requests.ConnectionError("gone"), PROBLEM, "does not answer"),
        (CommandError("no progress"), PROBLEM, "no progress"),
    ],
)
def test_a_trial_that_ends_early_is_reported_too(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    error: BaseException,
    code: int,
    words: str,
) -> None:
    ended, written, _ = run(tmp_path, monkeypatch, error)
    assert ended == code
    assert words in written["findings"][0]


def test_a_trial_without_a_start_has_a_table() -> None:
    assert table({**report(), "restarts": []}).row_count == 11
