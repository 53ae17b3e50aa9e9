"""Markers of finished steps: written last, and bound to the content that they vouch for.

A step removes its marker before it changes anything, so what an interrupted step leaves is never
taken for whole. Imports the standard library alone: the set-up uses it before anything is
installed.
"""

import hashlib
import json
import shutil
from collections.abc import Iterable
from pathlib import Path


def installed(environment: Path) -> list[str]:
    """Return the packages of a virtual environment that are recorded as installed."""
    records = environment.glob("lib/python*/site-packages/*.dist-info/RECORD")
    return sorted(record.parent.name for record in records)


def modules(folder: Path) -> str:
    """Return a digest of `node_modules`: npm's own list, which it writes last, and the folders."""
    listing = folder / ".package-lock.json"
    names = [path.relative_to(folder).as_posix() for path in _packages(folder)]
    text = listing.read_bytes() if listing.is_file() else b""
    return hashlib.sha256(json.dumps(sorted(names)).encode() + text).hexdigest()


def _packages(folder: Path) -> Iterable[Path]:
    for path in folder.iterdir() if folder.is_dir() else ():
        if path.name.startswith("@"):
            yield from path.iterdir()
        elif path.is_dir() and not path.name.startswith("."):
            yield path


def files(folder: Path, marker: str) -> str:
    """Return a digest of the names and contents of all files but the marker."""
    total = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path != folder / marker:
            content = hashlib.sha256(path.read_bytes()).hexdigest()
            total.update(f"{path.relative_to(folder).as_posix()} {content}\n".encode())
    return total.hexdigest()


def remove(folder: Path, trash: Path) -> None:
    """Remove a folder: it vanishes at once, its files then; `trash` is on the same disk."""
    shutil.rmtree(trash, ignore_errors=True)  # of an interrupted removal
    if folder.is_symlink():
        folder.unlink()
    elif folder.exists():
        folder.rename(trash)
        shutil.rmtree(trash, ignore_errors=True)
