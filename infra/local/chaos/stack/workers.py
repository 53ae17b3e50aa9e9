"""The processes that run the functions: who calls from a port, and how one is killed.

MiniStack runs each function in processes of its own, below its own process, and starts another one
for the next invocation when one has ended.
"""

import signal
from collections.abc import Iterable, Iterator
from contextlib import suppress
from random import Random
from typing import Final

import psutil

from infra.assets import ROOT

FUNCTIONS: Final = tuple(sorted(path.parent.name for path in ROOT.glob("functions/*/handler.py")))
_SCRIPT: Final = "_worker.py"
INGEST: Final = "ingest"


def function_of(command: Iterable[str]) -> str:
    """Return the function that a process runs, by its command line; "" for any other process."""
    path = next((word for word in command if word.endswith(_SCRIPT)), "")
    folder = path.rpartition("/")[0].rpartition("/")[2].lower()
    return next((name for name in FUNCTIONS if name.replace("_", "") in folder), "")


class Workers:
    """The workers of one running MiniStack, and the ingest task beside it."""

    def __init__(self, emulator: int) -> None:
        """`emulator` is the process id of MiniStack."""
        self._emulator = psutil.Process(emulator)
        self.ingest: int | None = None
        """The process id of the ingest task, when one runs."""

    def running(self) -> Iterator[tuple[str, psutil.Process]]:
        """Yield the running workers with the names of their functions."""
        for process in self._emulator.children(recursive=True):
            with suppress(psutil.Error):
                name = function_of(process.cmdline())
                if name:
                    yield name, process

    def caller(self, port: int) -> str:
        """Return who has a connection from this port: a function's name, `ingest`, or ""."""
        found = self._at(port)
        return "" if found is None else found[0]

    def kill_at(self, port: int) -> str:
        """Kill the process with a connection from this port; return who it was, "" for nobody."""
        found = self._at(port)
        return "" if found is None or not _kill(found[1]) else found[0]

    def kill_one(self, name: str, random: Random) -> bool:
        """Kill one of a function's workers; returns whether there was any."""
        found = sorted((p for one, p in self.running() if one == name), key=lambda p: p.pid)
        return bool(found) and _kill(random.choice(found))

    def kill_all(self) -> int:
        """Kill the workers of all functions; returns how many."""
        return sum(_kill(process) for _, process in list(self.running()))

    def _at(self, port: int) -> tuple[str, psutil.Process] | None:
        processes = list(self.running())
        if self.ingest is not None:
            with suppress(psutil.NoSuchProcess):
                processes.append((INGEST, psutil.Process(self.ingest)))
        for name, process in processes:
            with suppress(psutil.Error):
                if any(one.laddr.port == port for one in process.net_connections("tcp")):
                    return name, process
        return None


def _kill(process: psutil.Process) -> bool:
    try:
        process.send_signal(signal.SIGKILL)
    except psutil.NoSuchProcess:
        return False
    return True
