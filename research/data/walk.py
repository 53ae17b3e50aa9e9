"""The files of a folder and of those in it, hidden and vendored ones left out."""

import os
from pathlib import Path
from typing import Final

from .errors import DataError

MOST_ENTRIES: Final = 2_000_000
"""Files and folders looked at: the archive of one interval by days has as many."""
VENDORED: Final = {
    "__MACOSX", "__pycache__", "node_modules", "site-packages", "venv", "$RECYCLE.BIN",
    "System Volume Information", "lost+found",
}  # fmt: skip
_ENVIRONMENT: Final = "pyvenv.cfg"
"""In the folder of a virtual environment, whatever its name."""


def files_in(root: Path) -> list[Path]:
    """Return the files below a folder in the order of their paths; no link to a folder is followed.

    Folders that may not be read are among them. Raises DataError beyond `MOST_ENTRIES`.
    """
    found: list[str] = []
    seen, folders = 0, [str(root)]
    while folders:
        folder = folders.pop()
        try:
            entries = [entry for entry in os.scandir(folder) if not entry.name.startswith(".")]
        except PermissionError:
            found.append(folder)
            continue
        seen += len(entries)
        if seen > MOST_ENTRIES:
            raise DataError(
                f"{root} holds more than {MOST_ENTRIES:,} files and folders. Name the folder of "
                "the recordings."
            )
        if any(entry.name == _ENVIRONMENT for entry in entries):
            continue
        for entry in entries:
            if not entry.is_dir(follow_symlinks=False):
                found.append(entry.path)
            elif entry.name not in VENDORED:
                folders.append(entry.path)
    return sorted(map(Path, found))
