"""Files and folders of a local run, which its user alone may read: they hold secrets and chats."""

import os
from pathlib import Path
from typing import IO, Final

UMASK: Final = 0o077
"""Of the processes of a local run."""
_FOLDER: Final = 0o700
_FILE: Final = 0o600


def private_folder(folder: Path) -> Path:
    """Create a folder and what is missing above it; an existing folder becomes private too."""
    for missing in reversed([one for one in folder.parents if not one.exists()]):
        missing.mkdir(mode=_FOLDER, exist_ok=True)
    folder.mkdir(mode=_FOLDER, exist_ok=True)
    folder.chmod(_FOLDER)
    return folder


def private_file(path: Path) -> IO[bytes]:
    """Open a file to be written from its start; an existing one becomes private too.

    Each write appends: the file may be emptied meanwhile (logs.py).
    """
    number = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND, _FILE)
    file = os.fdopen(number, "wb")
    path.chmod(_FILE)
    return file
