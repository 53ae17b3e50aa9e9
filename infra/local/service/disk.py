"""How much disk a folder takes, and what is left."""

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_BLOCK: Final = 512


@dataclass(frozen=True, slots=True)
class Disk:
    """Bytes."""

    used: int
    """Of the folder, as allocated."""
    free: int
    """Of its file system, for this user."""


def disk(folder: Path) -> Disk:
    """Return the disk use of a folder; one that does not exist uses none."""
    there = next(path for path in (folder, *folder.parents) if path.exists())
    return Disk(sum(_sizes(folder)), shutil.disk_usage(there).free)


def _sizes(folder: Path) -> Iterator[int]:
    for place, _, names in os.walk(folder):
        for name in names:
            try:
                yield os.lstat(os.path.join(place, name)).st_blocks * _BLOCK  # noqa: PTH118 - os.walk's names
            except OSError:
                continue  # it was removed meanwhile
