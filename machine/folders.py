"""Folders for what may be computed again, where this user may write: a checkout may be read-only.

The machine code in them is run when it is loaded, so nobody else may write there.
"""

import os
import stat
import sys
import tempfile
from collections.abc import Iterator
from functools import cache
from multiprocessing import parent_process
from pathlib import Path
from typing import Final

_NAME: Final = "signalengine"
_OTHERS_WRITE: Final = 0o022


def cache_folder(preferred: Path) -> Path:
    """Return a folder of this name that can be written, created: the preferred one, else another.

    The others are in $XDG_CACHE_HOME (or ~/.cache), in the folder of temporary files, and one for
    this process alone. stderr names the one chosen, once. Raises OSError without any.
    """
    if _is_usable(preferred):
        return preferred
    return _instead_of(preferred)


@cache
def _instead_of(preferred: Path) -> Path:
    usable = (folder for folder in _others(preferred.name) if _is_usable(folder))
    chosen = next(usable, None) or Path(tempfile.mkdtemp(prefix=f"{_NAME}-"))
    if parent_process() is None:  # the main one says it for all
        sys.stderr.write(f"note: {preferred} cannot be written: using {chosen}\n")
    return chosen


def _others(name: str) -> Iterator[Path]:
    given = Path(os.environ.get("XDG_CACHE_HOME", ""))
    if given.is_absolute():
        yield given / _NAME / name
    home = Path("~/.cache").expanduser()
    if home.is_absolute():
        yield home / _NAME / name
    own = Path(tempfile.gettempdir()) / f"{_NAME}-{os.geteuid()}"
    if _is_usable(own) and _is_private(own):
        yield own / name


def _is_usable(folder: Path) -> bool:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False


def _is_private(folder: Path) -> bool:
    """Return whether a folder in a place of all users is this user's: others may have made it."""
    found = folder.lstat()
    own = stat.S_ISDIR(found.st_mode) and found.st_uid == os.geteuid()
    return own and not found.st_mode & _OTHERS_WRITE


def tool_caches() -> dict[str, str]:
    """Return the variables that give npm and uv a cache where their own cannot be written."""
    own = {"npm_config_cache": Path("~/.npm"), "UV_CACHE_DIR": Path("~/.cache/uv")}
    places = {name: place.expanduser() for name, place in own.items() if name not in os.environ}
    return {name: str(_instead_of(place)) for name, place in places.items() if not _is_open(place)}


def _is_open(place: Path) -> bool:
    """Return whether a folder can be written, or be created; nothing is."""
    there = next(path for path in (place, *place.parents) if path.exists())
    return there.is_dir() and os.access(there, os.W_OK)
