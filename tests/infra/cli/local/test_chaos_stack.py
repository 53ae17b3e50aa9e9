"""`signalengine chaos` on the deployed stack: its tables, its report, its exit code."""

import io
import json
from pathlib import Path
from typing import Any

import pytest
import requests
from rich.console import Console

from infra.cli.local import chaos_stack
from infra.cli.local.chaos_stack import Trial, by_kind, injections_table, run_trial, table
from infra.errors import INTERRUPTED, PROBLEM, CommandError
from infra.local.chaos.stack.conductor import Injected
from infra.local.chaos.stack.plan import Injection
from infra.local.stack.options import RunOptions

TRIAL = Trial(RunOptions(), seed=3, injections=2)
DONE = [
    Injected(Injection(1, "call", "error", "sns:Publish", 3), met=3, at=1.0, recovered_s=2.04),
    Injected(Injection(2, "call", "error", "sns:Publish"), met=1, at=1.0, recovered_s=5.0),
    Injected(Injection(3, "call", "error", "sns:Publish")),
    Injected(Injection(4, "socket", "drop"), met=1),
]
COUNTS = {"openings": 2, "closings": 1}


def report(*findings: str) -> dict[str, Any]:
    return {
        "injected": 3, "injections": by_kind(DONE), "slowest_s": {"fold": 5.0},
        "counts": {"expected": COUNTS, "stored": COUNTS}, "lost": {"bars": 0, "telegram": 1},
        "duplicated": {"telegram": 0}, "from_undisturbed": {"undisturbed": 2},
        "on_purpose": {"WebSocket": 4}, "drift": [],
        "slowest_message_s": {"Telegram": 3.0, "WebSocket": None}, "findings": list(findings),
        "denied_calls": 0, "dead_letters": 0, "wall_s": 9.0,
    }  # fmt: skip


def run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, outcome: dict[str, Any] | BaseException
) -> tuple[int, Any, str]:
    """Run a trial of which the stack is left out; return exit code, report and output."""

    def played(_trial: Trial, _out: Console) -> dict[str, Any]:
        if isinstance(outcome, BaseException):
            raise outcome
        return outcome

    monkeypatch.setattr(chaos_stack, "_played", played)
    out, file = Console(file=io.StringIO(), width=120, record=True), tmp_path / "report.json"
    try:
        code = run_trial(TRIAL, file, out)
    except CommandError as error:
        code = error.code
    return code, json.loads(file.read_text()), out.export_text()


def test_kept_promises_end_with_0(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    code, written, text = run(tmp_path, monkeypatch, report())
    assert (code, written["findings"], written["seed"]) == (0, [], 3)
    assert "calls that IAM denied" in text


def test_a_broken_promise_is_printed_and_ends_with_1(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code, written, text = run(tmp_path, monkeypatch, report("not delivered: a#opened"))
    assert (code, written["findings"]) == (PROBLEM, ["not delivered: a#opened"])
    assert "✗ not delivered: a#opened" in text


@pytest.mark.parametrize(
    ("error", "code", "words"),
    [
        (KeyboardInterrupt(), INTERRUPTED, "stopped by Ctrl-C"),
        (CommandError("the exchange has ended"), PROBLEM, "the exchange has ended"),
        (requests.ConnectionError("refused"), PROBLEM, "a part does not answer: refused"),
    ],
)
def test_a_trial_that_ends_early_is_reported(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    error: BaseException,
    code: int,
    words: str,
) -> None:
    ended, written, _ = run(tmp_path, monkeypatch, error)
    assert (ended, written["findings"]) == (code, [words])


def test_injections_are_counted_by_kind_when_they_took_effect() -> None:
    assert by_kind(DONE) == [
        {"kind": "call: error", "planned": 3, "injected": 2, "effects": 4,
         "slowest_recovery_s": 5.0},
        {"kind": "socket: drop", "planned": 1, "injected": 1, "effects": 1,
         "slowest_recovery_s": None},
    ]  # fmt: skip


def test_the_tables_say_what_was_injected_and_what_came_of_it() -> None:
    out = Console(file=io.StringIO(), record=True, width=120)
    out.print(injections_table(report()))
    out.print(table(report()))
    text = out.export_text()
    for words in ("call: error", "5.0 s", "2 openings, 1 closings", "telegram 1", "WebSocket 4"):
        assert words in text
