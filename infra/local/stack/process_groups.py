"""Ends whole process groups: a program and everything it started."""

import os
import signal
import time

import psutil

GONE_S = 10.0
"""Seconds the kernel may need to end a killed group with much memory."""


def signal_group(group: int, number: signal.Signals) -> None:
    """Send a signal to every process of the group; an ended group is no error."""
    try:
        os.killpg(group, number)
    except ProcessLookupError:
        return


def kill_group(group: int) -> None:
    """SIGKILL the group, and wait until none of its processes runs."""
    signal_group(group, signal.SIGKILL)
    give_up = time.monotonic() + GONE_S
    while time.monotonic() < give_up and running(group):
        time.sleep(0.01)


def running(group: int) -> list[int]:
    """Return the ids of the group's running processes.

    A zombie (ended, not yet reaped by its parent) does not count: init reaps those of an orphan at
    some later time.
    """
    return [process.pid for process in psutil.process_iter() if _runs_in(group, process)]


def _runs_in(group: int, process: psutil.Process) -> bool:
    try:
        return os.getpgid(process.pid) == group and process.status() != psutil.STATUS_ZOMBIE
    except (psutil.NoSuchProcess, ProcessLookupError, PermissionError):
        return False  # it ended meanwhile, or belongs to another user
