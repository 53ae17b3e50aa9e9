"""Logs that are rotated under their writers."""

from pathlib import Path

import pytest

from infra.local.stack import logs
from infra.local.stack.logs import Logs
from infra.local.stack.private import private_file
from infra.local.stack.startup.function_log import FunctionLog


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    monkeypatch.setattr(logs, "MAX_BYTES", 100)
    return Clock()


def texts(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in sorted(folder.iterdir())}


def test_a_large_log_is_moved_and_its_writer_goes_on_at_its_start(
    tmp_path: Path, clock: Clock
) -> None:
    found = Logs(tmp_path, clock)
    with private_file(tmp_path / "aws.log") as writer:
        writer.write(b"a" * 100)
        writer.flush()
        found.check()
        assert texts(tmp_path) == {"aws.log": "a" * 100}  # too early
        clock.now = 61.0
        found.check()
        writer.write(b"b")
        writer.flush()
    assert texts(tmp_path) == {"aws.log": "b", "aws.log.1": "a" * 100}
    assert (tmp_path / "aws.log.1").stat().st_mode & 0o077 == 0


def test_a_small_log_stays(tmp_path: Path, clock: Clock) -> None:
    (tmp_path / "aws.log").write_text("a" * 99)
    found = Logs(tmp_path, clock)
    clock.now = 61.0
    found.check()
    assert list(texts(tmp_path)) == ["aws.log"]


def test_a_few_older_logs_are_retained(tmp_path: Path, clock: Clock) -> None:
    found = Logs(tmp_path, clock)
    for number in range(1, 7):
        clock.now += 61.0
        (tmp_path / "aws.log").write_text(str(number) * 100)
        found.check()
    assert {name: text[:1] for name, text in texts(tmp_path).items()} == {
        "aws.log": "", "aws.log.1": "6", "aws.log.2": "5", "aws.log.3": "4",
    }  # fmt: skip


def test_the_log_of_the_run_before_is_retained(tmp_path: Path) -> None:
    (tmp_path / "aws.log").write_text("why it ended")
    (tmp_path / "ingest.log").touch()
    Logs(tmp_path).begin()
    assert texts(tmp_path) == {"aws.log": "", "aws.log.1": "why it ended", "ingest.log": ""}


def test_functions_that_fail_are_found_in_the_new_log_too(tmp_path: Path, clock: Clock) -> None:
    line = "Warm worker execution error for score: Worker init failed: no numpy\n"
    path = tmp_path / "aws.log"
    path.write_text("x" * 200 + "\n")
    functions, found = FunctionLog(path), Logs(tmp_path, clock)
    assert list(functions.problems()) == []
    clock.now = 61.0
    found.check()
    path.write_text(line)
    (problem,) = functions.problems()
    assert problem.function == "score"
