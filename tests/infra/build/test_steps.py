"""Tools of the set-up end with it, whatever they have started; and their lock lasts as long."""

import fcntl
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from infra.build import steps
from tests.paths import ROOT

TOOL = """
import pathlib, subprocess, sys, time
inner = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
pathlib.Path(sys.argv[1]).write_text(str(inner.pid))
time.sleep(60)
"""
SETUP = f"""
import pathlib, sys
from infra.build import steps
with steps.alone(pathlib.Path(sys.argv[2]), print) as lock:
    steps.run([sys.executable, "-c", {TOOL!r}, sys.argv[1]], cwd=pathlib.Path("."), lock=lock)
"""


def until(ready: Callable[[], bool]) -> None:
    give_up = time.monotonic() + 30
    while not ready():
        assert time.monotonic() < give_up
        time.sleep(0.01)


def started(folder: Path) -> tuple[subprocess.Popen[str], int]:
    """A set-up whose tool runs; returns it and the tool's own child."""
    note = folder / "pid"
    process = subprocess.Popen(  # noqa: S603 - ours
        [sys.executable, "-c", SETUP, str(note), str(folder / "lock")], cwd=ROOT, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    until(lambda: note.exists() and bool(note.read_text()))
    return process, int(note.read_text())


def runs(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def is_free(lock: Path) -> bool:
    with lock.open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
    return True


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_step_leaves_no_process(tmp_path: Path, number: signal.Signals) -> None:
    process, inner = started(tmp_path)
    process.send_signal(number)
    process.communicate(timeout=30)
    assert process.returncode != 0
    until(lambda: not runs(inner))
    assert is_free(tmp_path / "lock")


def test_after_a_kill_the_lock_is_held_until_the_tool_has_ended(tmp_path: Path) -> None:
    process, inner = started(tmp_path)
    tool = psutil.Process(inner).parent()
    assert tool is not None
    process.kill()
    process.communicate(timeout=30)
    assert runs(inner)
    assert not is_free(tmp_path / "lock")
    os.killpg(tool.pid, signal.SIGKILL)
    until(lambda: is_free(tmp_path / "lock"))


def test_a_tool_that_takes_too_long_is_ended(tmp_path: Path) -> None:
    note = tmp_path / "pid"
    command = [sys.executable, "-c", TOOL, str(note)]
    with pytest.raises(subprocess.TimeoutExpired):
        steps.run(command, cwd=tmp_path, timeout_s=0.5)
    until(lambda: not note.exists() or not runs(int(note.read_text())))


def test_a_tool_s_output_and_code_are_returned(tmp_path: Path) -> None:
    code = "import sys; print('out'); print('err', file=sys.stderr); sys.exit(3)"
    done = steps.run([sys.executable, "-c", code], cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (3, "out\n", "err\n")


def test_who_waits_for_the_lock_says_so(tmp_path: Path) -> None:
    lines: list[str] = []

    def wait() -> None:
        with steps.alone(tmp_path / "lock", lines.append):
            lines.append("mine")

    with steps.alone(tmp_path / "lock", lines.append):
        waiting = threading.Thread(target=wait)
        waiting.start()
        until(lambda: bool(lines))
    waiting.join(10)
    assert lines == ["Waiting for another set-up or build to end", "mine"]
