"""The note of a running system: found while it runs, and never after."""

import os
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from infra.errors import CommandError
from infra.local.stack.running import (
    FILE,
    Access,
    Addresses,
    Running,
    alone_in,
    find,
    forget,
    remember,
)

GONE = 2**22 + 1
"""No process has such a number: Linux counts to 2^22 at most."""
NOTE = Running(
    pid=os.getpid(),
    started_at=1_747_656_000_000,
    market="recording",
    speed="60",
    addresses=Addresses("http://d", "http://a", "ws://w", None, "http://e", "http://aws"),
    outputs={"HttpUrl": "http://a"},
    access=Access("owner", "key", None, "token"),
)


def test_a_written_file_is_found(tmp_path: Path) -> None:
    remember(tmp_path, NOTE)
    assert find(tmp_path) == NOTE
    assert [path.name for path in tmp_path.iterdir()] == [FILE]


def test_only_its_user_may_read_it(tmp_path: Path) -> None:
    remember(tmp_path, NOTE)
    assert (tmp_path / FILE).stat().st_mode & 0o077 == 0


def test_the_file_of_a_killed_process_is_ignored(tmp_path: Path) -> None:
    remember(tmp_path, replace(NOTE, pid=GONE))
    assert find(tmp_path) is None


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"pid": 1}', "not JSON"])
def test_an_unreadable_file_is_ignored(tmp_path: Path, text: str) -> None:
    (tmp_path / FILE).write_text(text)
    assert find(tmp_path) is None


def test_only_its_own_file_is_removed(tmp_path: Path) -> None:
    remember(tmp_path, NOTE)
    forget(tmp_path, GONE)
    assert find(tmp_path) == NOTE
    forget(tmp_path, NOTE.pid)
    assert not (tmp_path / FILE).exists()
    forget(tmp_path, NOTE.pid)  # twice is no error


def test_a_folder_is_of_one_system_at_a_time(tmp_path: Path) -> None:
    said = list[str]()
    with alone_in(tmp_path, said.append):
        remember(tmp_path, NOTE)
        with (
            pytest.raises(CommandError, match="another system runs in") as caught,
            alone_in(tmp_path, said.append),
        ):
            pytest.fail("two systems would write the same files")
        assert "--state-dir" in caught.value.fix
    with alone_in(tmp_path, said.append):
        pass
    assert said == []


def test_a_system_that_is_ending_is_waited_for(tmp_path: Path) -> None:
    said = list[str]()
    with ExitStack() as ending:
        ending.enter_context(alone_in(tmp_path, said.append))
        waits = iter([lambda: None, lambda: None, ending.close])
        with alone_in(tmp_path, said.append, sleep=lambda _: next(waits)()):
            assert next(waits, None) is None
    assert said == [f"Waiting up to 20 s for the system that is ending in {tmp_path}"]


def test_it_is_not_waited_for_without_end(tmp_path: Path) -> None:
    slept = list[float]()
    with (
        alone_in(tmp_path, print),
        pytest.raises(CommandError, match="another system runs in"),
        alone_in(tmp_path, print, sleep=slept.append),
    ):
        pytest.fail("two systems would write the same files")
    assert sum(slept) == 20
