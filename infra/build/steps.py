"""Runs the tools of the set-up and of the build, so that one can be interrupted at any moment.

Imports the standard library alone: the set-up uses it before anything is installed.
"""

import fcntl
import os
import signal
import subprocess
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import IO, NoReturn

GRACE_S = 2.0
"""Seconds a tool has to end after SIGTERM."""


def run(
    command: Sequence[str],
    *,
    cwd: Path,
    env: Mapping[str, str] | None = None,
    lock: IO[str] | None = None,
    timeout_s: float | None = None,
) -> subprocess.CompletedProcess[str]:
    """Run a tool to its end; an exception, like Ctrl-C, ends it and all that it started.

    It holds the lock too: if this process is killed alone, the next one waits until the tool ends.
    Raises subprocess.TimeoutExpired.
    """
    process = subprocess.Popen(  # noqa: S603 - the caller's fixed words
        command,
        cwd=cwd,
        env=None if env is None else dict(env),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        errors="replace",
        process_group=0,
        pass_fds=() if lock is None else (lock.fileno(),),
    )
    try:
        with _terminable():
            out, err = process.communicate(timeout=timeout_s)
    except BaseException:
        _end(process)
        raise
    return subprocess.CompletedProcess(command, process.returncode, out, err)


@contextmanager
def _terminable() -> Iterator[None]:
    """Make SIGTERM an exception, where it would end this process without its tool."""
    main = threading.current_thread() is threading.main_thread()
    if not main or signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL:
        yield
        return
    signal.signal(signal.SIGTERM, _exit)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)


def _exit(number: int, _frame: FrameType | None) -> NoReturn:
    raise SystemExit(128 + number)


def _end(process: subprocess.Popen[str]) -> None:
    """End the tool's whole group."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGTERM)
    with suppress(subprocess.TimeoutExpired):
        process.wait(GRACE_S)
    with suppress(ProcessLookupError, PermissionError):  # macOS: EPERM for a group of zombies
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    for pipe in (process.stdout, process.stderr):
        if pipe is not None:
            pipe.close()


@contextmanager
def alone(path: Path, report: Callable[[str], None]) -> Iterator[IO[str]]:
    """Hold a lock file, which is created if it is missing; says so when another one holds it."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            report("Waiting for another set-up or build to end")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield lock
