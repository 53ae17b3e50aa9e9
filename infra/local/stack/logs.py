"""The logs of a local run, rotated: a run of a year fills no disk.

A log is copied and emptied, because its writers hold it open; they append. What is written between
the two is lost.
"""

import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from machine.files import replacing

MAX_BYTES: Final = 20_000_000
RETAINED: Final = 3
"""Older logs of each name: `aws.log.1` is the newest of them."""
EVERY_S: Final = 60.0


class Logs:
    """The logs of one folder."""

    def __init__(self, folder: Path, clock: Callable[[], float] = time.monotonic) -> None:
        self._folder, self._clock = folder, clock
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
        for log in sorted(self._folder.glob("*.log")):
            if log.stat().st_size >= smallest:
                _shift(log)
                with replacing(_older(log, 1), private=True, durable=False) as part:
                    shutil.copyfile(log, part)
                os.truncate(log, 0)


def _shift(log: Path) -> None:
    for number in range(RETAINED, 1, -1):
        newer = _older(log, number - 1)
        if newer.exists():
            newer.replace(_older(log, number))


def _older(log: Path, number: int) -> Path:
    return log.with_name(f"{log.name}.{number}")
