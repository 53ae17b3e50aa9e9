"""The catalogue: what a folder holds by symbol, kind, interval and source."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from signalengine.intervals import INTERVAL_MS, INTERVALS

from research.data.recordings import Recordings
from research.data.times import moment

from .contents import Content
from .index import Indexed, index


@dataclass(frozen=True, slots=True)
class Entry:
    """All files of one symbol, kind, interval and source; `end` is after the last row, in ms.

    The digest is that of the sorted SHA-256 of its files. Files that hold several symbols count,
    with their whole size, for each of them.
    """

    symbol: str
    kind: str
    interval: str
    source: str
    licence: str
    start: int
    end: int
    rows: int
    files: int
    bytes: int
    digest: str

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        return {
            "symbol": self.symbol, "kind": self.kind, "interval": self.interval or None,
            "from": moment(self.start), "to": moment(self.end), "rows": self.rows,
            "source": self.source, "licence": self.licence, "files": self.files,
            "bytes": self.bytes, "digest": self.digest,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Catalogue:
    """A folder's entries; `unreadable` are files and why, `passed_over` a sentence about others."""

    folder: Path
    entries: tuple[Entry, ...]
    unreadable: tuple[tuple[str, str], ...]
    passed_over: str
    bytes: int

    def symbols(self) -> tuple[str, ...]:
        """Return the symbols that have bars, in alphabetical order."""
        return tuple(sorted({one.symbol for one in self.entries if one.interval}))


def catalogue(found: Recordings) -> Catalogue:
    """Return the catalogue of a folder that was looked through."""
    folder = found.path if found.path.is_dir() else found.path.parent
    files = index(found.held, folder)
    groups: dict[tuple[str, str, str, str, str], list[tuple[Content, Indexed]]] = {}
    for file in files:
        for each in file.contents:
            key = (each.symbol, each.kind, each.interval, each.source, each.licence)
            groups.setdefault(key, []).append((each, file))
    entries = sorted((_entry(group) for group in groups.values()), key=_order)
    unreadable = tuple((str(one.path), one.error) for one in files if one.error)
    total = sum(one.size for one in files)
    return Catalogue(folder, tuple(entries), unreadable, found.passed_over(), total)


def _entry(group: Sequence[tuple[Content, Indexed]]) -> Entry:
    first = group[0][0]
    files = {file.path: file for _, file in group}.values()
    digests = "\n".join(sorted(file.digest for file in files))
    length = INTERVAL_MS.get(first.interval, 0)
    return Entry(
        first.symbol, first.kind, first.interval, first.source, first.licence,
        min(each.first for each, _ in group),
        max(each.last for each, _ in group) + length,
        sum(each.rows for each, _ in group),
        len(files),
        sum(file.size for file in files),
        hashlib.sha256(digests.encode()).hexdigest(),
    )  # fmt: skip


def _order(entry: Entry) -> tuple[str, bool, int, str, str]:
    interval = INTERVALS.index(entry.interval) if entry.interval in INTERVALS else -1
    return entry.symbol, not entry.interval, interval, entry.kind, entry.source
