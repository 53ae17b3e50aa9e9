"""A part of a run ends with its parent, also when that was killed."""

import os
import subprocess
import sys
import time
from pathlib import Path

from infra.local.stack.process_groups import kill_group, running

PARENT = """
import os, time
from pathlib import Path
from infra.local.stack.processes import Child
child = Child("part", ["part", "--port", "0"], env=os.environ, log_dir=Path(os.environ["LOGS"]))
found = child.ready(30)
print(found["pid"], *found["arguments"], flush=True)
time.sleep(60)
"""
PART = """
import json, os, sys, time
found = {"pid": os.getpid(), "arguments": sys.argv[1:]}
print("READY " + json.dumps(found), flush=True)
time.sleep(60)
"""
ENDS_WITHIN_S = 20.0


def test_a_part_ends_when_its_parent_is_killed(tmp_path: Path) -> None:
    (tmp_path / "part.py").write_text(PART)
    env = {**os.environ, "PYTHONPATH": str(tmp_path), "LOGS": str(tmp_path)}
    with subprocess.Popen(  # noqa: S603 - our own text
        [sys.executable, "-c", PARENT], env=env, stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        pid, *arguments = parent.stdout.readline().split()
        parent.kill()
    assert arguments == ["--port", "0"]
    group, give_up = int(pid), time.monotonic() + ENDS_WITHIN_S
    try:
        while running(group):
            assert time.monotonic() < give_up
            time.sleep(0.05)  # no child of this process, so it cannot be waited for
    finally:
        kill_group(group)
