"""The logs of a local run, rotated: a run of a year fills no disk.

A log is copied and emptied, because its writers hold it open; they append. What is written between
the two is lost. A log that cannot be copied, as on a full disk, is emptied once it is very large.
"""

import os
import shutil
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from machine.files import replacing

MAX_BYTES: Final = 20_000_000
RETAINED: Final = 3
"""Older logs of each name: `aws.log.1` is the newest of them."""
EVERY_S: Final = 60.0
LARGEST: Final = 5
"""A log that cannot be copied is emptied at so many times the size at which it is due."""


class Logs:
    """The logs of one folder."""

    def __init__(
        self,
        folder: Path,
        clock: Callable[[], float] = time.monotonic,
        on_status: Callable[[Mapping[str, Any]], None] = lambda _status: None,
    ) -> None:
        """`on_status` gets what keeps a log from being rotated, and {} when it is over."""
        self._folder, self._clock, self._on_status = folder, clock, on_status
        self._looked = clock()

    def begin(self) -> None:
        """Move what an earlier run has written: it may say why that run ended."""
        self._rotate(1)

    def check(self) -> None:
        """Move the logs that have become large; looks once in a while."""
        if self._clock() - self._looked >= EVERY_S:
            self._looked = self._clock()
            self._rotate(MAX_BYTES)

    def _rotate(self, smallest: int) -> None:
        problems = [self._moved(log, smallest) for log in sorted(self._folder.glob("*.log"))]
        problem = next((problem for problem in problems if problem is not None), None)
        most = f"{LARGEST * MAX_BYTES / 1e6:.0f} MB"
        fix = f"Free some space on its disk: until then it grows, to {most} at most."
        self._on_status({"cause": f"a log stays: {problem}", "fix": fix} if problem else {})

    def _moved(self, log: Path, smallest: int) -> OSError | None:
        """Move what a log holds if it is due; return why it could not be."""
        try:
            if log.stat().st_size < smallest:
                return None
            with replacing(_older(log, 1), private=True, durable=False) as part:
                shutil.copyfile(log, part)
                _shift(log)
            os.truncate(log, 0)
        except OSError as error:
            with suppress(OSError):
                if log.stat().st_size >= LARGEST * MAX_BYTES:
                    os.truncate(log, 0)
            return error
        return None


def _shift(log: Path) -> None:
    for number in range(RETAINED, 1, -1):
        newer = _older(log, number - 1)
        if newer.exists():
            newer.replace(_older(log, number))


def _older(log: Path, number: int) -> Path:
    return log.with_name(f"{log.name}.{number}")
