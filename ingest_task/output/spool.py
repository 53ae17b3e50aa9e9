"""The spool: durable records on disk while the stream is unreachable. Bounded, first in first out.

Segments of JSON lines (each line is a record as it would have been sent) named by number. A
segment is deleted when all of it has been acknowledged, so a crash sends some records twice and
loses none; folding is idempotent.
"""

import contextlib
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from signalengine_aws.messaging.kinesis import Entry

SEGMENT_BYTES: Final = 1_000_000
_FIRST: Final = 10**11  # room below it for what has to come before the oldest segment


def _private(path: str, flags: int) -> int:
    """Open a file that its user alone may read."""
    return os.open(path, flags, 0o600)


class Spool:
    """Segments in one folder. Not thread-safe: its owner locks."""

    def __init__(self, folder: Path, max_bytes: int = 256_000_000) -> None:
        self._folder, self._max_bytes = folder, max_bytes
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._sizes = {int(p.stem): p.stat().st_size for p in folder.glob("*.jsonl")}
        self._writing: int | None = None
        self.unreadable = 0
        """Lines that could not be read back (cut off by a crash)."""

    @property
    def pending(self) -> bool:
        """Whether anything is stored."""
        return bool(self._sizes)

    @property
    def size_bytes(self) -> int:
        """Bytes stored."""
        return sum(self._sizes.values())

    @property
    def has_room(self) -> bool:
        """Whether another segment fits."""
        return self.size_bytes + SEGMENT_BYTES <= self._max_bytes

    def append(self, entry: Entry) -> None:
        """Store a record behind all others; raises OSError, with nothing stored, when it cannot."""
        if self._writing is None or self._sizes[self._writing] >= SEGMENT_BYTES:
            self._writing = max(self._sizes, default=_FIRST) + 1
            self._sizes[self._writing] = 0
        self._write(self._writing, [entry])

    def prepend(self, entries: Sequence[Entry]) -> int:
        """Store records before all others (they are older) and return their segment.

        Raises OSError, with none of them stored.
        """
        number = min(self._sizes, default=_FIRST) - 1
        self._sizes[number] = 0
        self._write(number, entries)
        return number

    def oldest(self) -> tuple[int, list[Entry]] | None:
        """Return the oldest segment's number and records; no record is added to it any more."""
        if not self._sizes:
            return None
        number = min(self._sizes)
        if number == self._writing:
            self._writing = None
        return number, self._read(number)

    def delete(self, number: int) -> None:
        """Delete a segment of which every record has been acknowledged."""
        self._path(number).unlink(missing_ok=True)
        self._sizes.pop(number, None)

    def _write(self, number: int, entries: Sequence[Entry]) -> None:
        before = self._sizes[number]
        try:
            with open(self._path(number), "ab", opener=_private) as file:
                written = sum(file.write(entry.data() + b"\n") for entry in entries)
        except OSError:
            self._undo(number, before)
            raise
        self._sizes[number] = before + written

    def _undo(self, number: int, size: int) -> None:
        """Cut off what a failed write left behind; nothing is appended to that segment any more.

        If even that fails the half-written line stays the segment's last, where it is skipped.
        """
        if number == self._writing:
            self._writing = None
        with contextlib.suppress(OSError):
            if size:
                os.truncate(self._path(number), size)
            else:
                self.delete(number)

    def _read(self, number: int) -> list[Entry]:
        entries = []
        for line in self._path(number).read_bytes().splitlines():
            try:
                raw = json.loads(line)
                kind = str(raw["kind"])
                key = "gaps" if kind == "gap" else str(raw["symbol"])
            except (ValueError, TypeError, KeyError):
                self.unreadable += 1
                continue
            entries.append(Entry(key=key, kind=kind, payload=line, origin=number))
        return entries

    def _path(self, number: int) -> Path:
        return self._folder / f"{number:012d}.jsonl"
