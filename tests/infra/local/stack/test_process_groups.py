"""Process groups end as a whole."""

import signal
import subprocess
import sys

from infra.local.stack.process_groups import kill_group, running, signal_group

PARENT = """
import subprocess, sys, time
subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
print("ready", flush=True)
time.sleep(60)
"""


def test_a_killed_group_has_no_running_process() -> None:
    with subprocess.Popen(  # noqa: S603 - our own interpreter and words
        [sys.executable, "-c", PARENT], stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as parent:  # fmt: skip
        assert parent.stdout is not None
        assert parent.stdout.readline() == "ready\n"
        assert len(running(parent.pid)) == 2
        kill_group(parent.pid)
        assert running(parent.pid) == []
    signal_group(parent.pid, signal.SIGTERM)  # an ended group is no error
