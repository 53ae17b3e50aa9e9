"""Logs that are rotated under their writers."""

import errno
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

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


class FullDisk:
    """A disk that takes no copy, until it has space."""

    def __init__(self) -> None:
        self.has_space = False

    def copyfile(self, source: Path, target: Path) -> None:
        if not self.has_space:
            raise OSError(errno.ENOSPC, "No space left on device", str(target))
        shutil.copyfile(source, target)


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> FullDisk:
    found = FullDisk()
    monkeypatch.setattr(logs, "shutil", found)
    return found


def test_a_full_disk_ends_nothing_and_keeps_the_older_logs(
    tmp_path: Path, clock: Clock, disk: FullDisk
) -> None:
    said: list[Mapping[str, Any]] = []
    before = {"aws.log": "a" * 100, "aws.log.1": "older", "b.log": "b"}
    for name, text in before.items():
        (tmp_path / name).write_text(text)
    found = Logs(tmp_path, clock, said.append)
    found.begin()
    clock.now = 61.0
    found.check()
    assert texts(tmp_path) == before
    assert all("No space left" in status["cause"] for status in said)
    disk.has_space, clock.now = True, 122.0
    found.check()
    assert texts(tmp_path) == {
        "aws.log": "", "aws.log.1": "a" * 100, "aws.log.2": "older", "b.log": "b",
    }  # fmt: skip
    assert said[-1] == {}


@pytest.mark.usefixtures("disk")
def test_a_log_that_cannot_be_moved_is_emptied_at_last(tmp_path: Path, clock: Clock) -> None:
    (tmp_path / "aws.log").write_text("a" * 499)
    (tmp_path / "ingest.log").write_text("a" * 500)
    found = Logs(tmp_path, clock)
    clock.now = 61.0
    found.check()
    assert {name: len(text) for name, text in texts(tmp_path).items()} == {
        "aws.log": 499, "ingest.log": 0,
    }  # fmt: skip


def test_a_log_that_vanishes_is_none(tmp_path: Path) -> None:
    (tmp_path / "aws.log").symlink_to(tmp_path / "gone")
    Logs(tmp_path).begin()
