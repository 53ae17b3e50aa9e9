"""Ends whole process groups: a program, and all that it started, gone when the call returns."""

import os
import signal
import time

import psutil

GONE_S = 10.0
"""What the kernel may need to take down a killed group that held much memory."""


def signal_group(group: int, number: signal.Signals) -> None:
    """Send to every process of the group; a group that is gone already is no error."""
    try:
        os.killpg(group, number)
    except ProcessLookupError:
        return


def kill_group(group: int) -> None:
    """SIGKILL all of it, and wait until none of it runs: SIGKILL alone returns before that."""
    signal_group(group, signal.SIGKILL)
    give_up = time.monotonic() + GONE_S
    while time.monotonic() < give_up and running(group):
        time.sleep(0.01)


def running(group: int) -> list[int]:
    """Return the processes of the group that run.

    One that ended and that its parent has not asked about (a zombie) does not run: an orphan's
    is the init process's to clear away, whenever it comes to that.
    """
    return [process.pid for process in psutil.process_iter() if _runs_in(group, process)]


def _runs_in(group: int, process: psutil.Process) -> bool:
    try:
        return os.getpgid(process.pid) == group and process.status() != psutil.STATUS_ZOMBIE
    except (psutil.NoSuchProcess, ProcessLookupError, PermissionError):
        return False  # it went while we looked, or is not ours
