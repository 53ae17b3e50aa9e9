"""What every file of a folder holds, stored in the folder and read again only when it has changed.

A file is known by its size and by the times of its content and of its entry in the file system. Of
a file that was changed within the last seconds nothing is stored: it could change again unseen.
"""

import hashlib
import json
import os
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from machine.files import write
from research.data.errors import DataError
from research.data.holdings import MAPPING, OTHER, Holding
from research.data.progress import Waiting
from research.data.tables import digest_of

from .contents import Content, contents_of

FILE: Final = ".signalengine-catalogue.json"
VERSION: Final = 1
RECENT_NS: Final = 2_000_000_000
"""Clocks of file systems are coarse, some by two seconds."""


@dataclass(frozen=True, slots=True)
class Indexed:
    """One file: its path, size and SHA-256, and what it holds, or why it cannot be read."""

    path: Path
    size: int
    digest: str
    contents: tuple[Content, ...]
    error: str = ""


def index(held: Sequence[Holding], folder: Path) -> list[Indexed]:
    """Return every file of these holdings; those that have not changed are not read.

    The folder's index is written if it can be: a folder of another user is read each time.
    """
    groups: dict[Path, list[Holding]] = {}
    for item in held:
        if item.kind not in (OTHER, MAPPING):
            groups.setdefault(item.path, []).append(item)
    known, stored, found = _known(folder / FILE), {}, []
    with Waiting("catalogue", len(groups)) as waiting:
        for path, items in groups.items():
            key, name = _key(path, items), os.path.relpath(path, folder)
            row = known.get(name)
            one = _from_row(path, row) if row is not None and row["key"] == key else None
            if one is None:
                one = _read(path, items)
            if _settled(path):
                stored[name] = _row(key, one)
            found.append(one)
            waiting.step()
    if stored != known:
        with suppress(OSError):  # what cannot be stored is read again
            write(folder / FILE, json.dumps({"version": VERSION, "files": stored}) + "\n")
    return found


def _read(path: Path, items: Sequence[Holding]) -> Indexed:
    size = path.stat().st_size
    try:
        return Indexed(path, size, digest_of(path), tuple(contents_of(items)))
    except DataError as error:
        return Indexed(path, size, digest_of(path), (), str(error))


def _key(path: Path, items: Sequence[Holding]) -> list[Any]:
    """Return what changes when a file, or the layout that a mapping declares for it, does."""
    stat = path.stat()
    declared = [item.unread or (item.part and item.part.layout) for item in items]
    layouts = repr([one for one in declared if one is not None])
    layout = hashlib.sha256(layouts.encode()).hexdigest()[:16]
    return [stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns, stat.st_ino, layout]


def _settled(path: Path) -> bool:
    stat = path.stat()
    return time.time_ns() - max(stat.st_mtime_ns, stat.st_ctime_ns) > RECENT_NS


def _row(key: list[Any], one: Indexed) -> dict[str, Any]:
    contents = [content.to_dict() for content in one.contents]
    return {"key": key, "digest": one.digest, "contents": contents, "error": one.error}


def _from_row(path: Path, row: Mapping[str, Any]) -> Indexed | None:
    try:
        contents = tuple(Content(**content) for content in row["contents"])
        return Indexed(path, int(row["key"][0]), row["digest"], contents, row["error"])
    except (KeyError, TypeError, ValueError):
        return None


def _known(file: Path) -> dict[str, Any]:
    """Return the rows of an index; none if it is of another version or unreadable."""
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
        rows = found["files"] if found["version"] == VERSION else {}
        return {name: row for name, row in rows.items() if {"key", "digest"} <= row.keys()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}
