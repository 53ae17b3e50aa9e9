"""Where the data of a market is, how large it is, and what its process says about it."""

import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

SAYS: Final = "DATA "
"""How a line of the emulator's log begins that is for whoever started it; JSON follows."""
VARIABLE: Final = "SIGNALENGINE_DATA_DIR"
FULL: Final = "Free some space on its disk: until then calls are refused, and come again."
ARCHIVE: Final = "archive"
SPOOL: Final = "spool"
MARKETS: Final = ("live", "simulated", "recording")
"""The kinds of markets, each with a folder of its own below the data directory."""


@dataclass(frozen=True, slots=True)
class Data:
    """The data of one market."""

    folder: Path
    market: str

    def environment(self) -> dict[str, str]:
        """Return the environment variables of the emulator's process."""
        return {"DATA_DIR": str(self.folder), "DATA_MARKET": self.market}


def default_root() -> Path:
    """Return the folder of all data: SIGNALENGINE_DATA_DIR, else the platform's for a program."""
    given = os.environ.get(VARIABLE)
    if given:
        return Path(given).expanduser()
    from platformdirs import user_data_path  # not in the emulator's environment

    return user_data_path("signalengine", appauthor=False)


def size_of(folder: Path) -> int:
    """Return the bytes of all files of a folder; files that vanish meanwhile count nothing."""
    return sum(_bytes_of(path) for path in folder.rglob("*"))


def _bytes_of(path: Path) -> int:
    try:
        return path.stat().st_size if path.is_file() else 0
    except OSError:
        return 0


def free_bytes(folder: Path) -> int:
    """Return the bytes that are free on a folder's disk."""
    return shutil.disk_usage(folder).free


def said_in(log: str) -> Iterator[dict[str, str]]:
    """Yield what the emulator wrote about its data into its log."""
    for line in log.splitlines():
        if line.startswith(SAYS):
            yield json.loads(line.removeprefix(SAYS))


def refusal_in(log: str) -> tuple[str, str] | None:
    """Return why the emulator refused its data and the remedy, from its log."""
    for said in said_in(log):
        if "refused" in said:
            return said["refused"], said["fix"]
    return None
