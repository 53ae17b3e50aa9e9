"""Children of the local run: readiness, output, and that none outlives its parent."""

import os
import queue
import sys
import time
from pathlib import Path

import pytest

from infra.errors import CommandError
from infra.local.stack import processes
from infra.local.stack.processes import Child

READY = """
import subprocess, sys, time
inner = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
print("before")
print('READY {"pid": %d}' % inner.pid)
print("after")
time.sleep(60)
"""


def _child(tmp_path: Path, body: str, **arguments: object) -> Child:
    (tmp_path / "part.py").write_text(body)
    env = {**os.environ, "PYTHONPATH": str(tmp_path)}
    return Child("part", ["part"], env=env, log_dir=tmp_path, **arguments)  # type: ignore[arg-type]  # test double of keywords


def test_a_ready_child_is_used_and_its_whole_group_ends(tmp_path: Path) -> None:
    lines: queue.Queue[str] = queue.Queue()
    child = _child(tmp_path, READY, on_line=lines.put)
    inner = child.ready(20)["pid"]
    child.check()
    assert [lines.get(timeout=20), lines.get(timeout=20)] == ["before", "after"]
    child.stop()
    assert child.exit_code is not None
    assert not _runs(inner)


def test_a_child_that_dies_shows_the_end_of_its_log(tmp_path: Path) -> None:
    child = _child(tmp_path, "import sys; sys.exit('no market today')")
    with pytest.raises(CommandError, match="no market today"):
        child.ready(20)
    with pytest.raises(CommandError, match="ended with code 1"):
        child.check()
    child.stop()


def test_a_child_without_a_ready_line_is_an_error(tmp_path: Path) -> None:
    child = _child(tmp_path, "import time; time.sleep(60)")
    with pytest.raises(CommandError, match="not ready"):
        child.ready(0.2)
    child.stop()


def _runs(pid: int) -> bool:
    """False for a process that is gone, or dead and not yet collected by its new parent."""
    status = Path(f"/proc/{pid}/status")
    if sys.platform != "linux" or not status.exists():
        return False
    return "State:\tZ" not in status.read_text()


def test_its_log_and_the_files_that_it_creates_are_for_its_user_alone(tmp_path: Path) -> None:
    body = "import pathlib; pathlib.Path(r'%s').write_text('x'); print('READY {}', flush=True)"
    child = _child(tmp_path, body % (tmp_path / "made.txt"))
    child.ready(20)
    child.stop()
    for path in (tmp_path / "part.log", tmp_path / "made.txt"):
        assert path.stat().st_mode & 0o077 == 0


STATUS = """
print('STATUS {"cause": "no answer", "retry_in_s": 2.0}')
print('STATUS {}')
print('READY {"ok": true}', flush=True)
print('STATUS {"failed": "the market is closed", "fix": "Wait."}', flush=True)
"""


def test_statuses_are_passed_on_and_a_failure_has_its_own_reason(tmp_path: Path) -> None:
    statuses: list[object] = []
    child = _child(tmp_path, STATUS, on_status=statuses.append)
    assert child.ready(20) == {"ok": True}
    while child.exit_code is None:
        time.sleep(0.01)
    with pytest.raises(CommandError, match="part: the market is closed") as caught:
        child.check()
    assert caught.value.fix == "Wait."
    assert statuses == [{"cause": "no answer", "retry_in_s": 2.0}, {}]
    child.stop()


def test_a_silent_child_is_reported_with_its_last_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processes, "SILENT_S", 0.05)
    statuses: queue.Queue[dict[str, str]] = queue.Queue()
    body = "import sys, time; print('reading', file=sys.stderr, flush=True); time.sleep(60)"
    child = _child(tmp_path, body, on_status=statuses.put)
    while not child.log.read_text():
        child.check()
    with pytest.raises(CommandError, match="not ready"):
        child.ready(0.5)
    assert statuses.get(timeout=1)["fix"].endswith("reading")
    child.stop()
