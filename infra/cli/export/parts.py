"""The parts of an export: what was read so far, in a folder beside its output.

A part has rows of one lane, oldest first, after a line with the cursor of the rows that follow.
Rows and cursor are in one file, which appears as a whole: an export that is interrupted anywhere
goes on after its last part, and no row is read twice or left out.
"""

import json
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, NamedTuple
from zlib import crc32

from infra.errors import CommandError
from machine.files import locked, write

from .datasets import Row
from .pages import Cursor, Read, Request

PAGES: Final = 5
"""Pages of a part: some 1,000 rows, a few MB at most."""
PLAN: Final = "plan.json"
LOCK: Final = "lock"
VERSION: Final = 2


@dataclass(frozen=True, slots=True)
class Part:
    """The head of a part, which is its first line."""

    path: Path
    next: Cursor
    rows: int
    unreadable: int


class Planned(NamedTuple):
    """An export that was interrupted."""

    request: Request
    source: Mapping[str, Any]
    """Whose rows its parts have: what identifies a run of a stack."""


class Step(NamedTuple):
    """A part that was read."""

    lane: int
    rows: int
    time: int | None
    """Of its oldest row, ms; None without one."""


class Parts:
    """The parts of one export."""

    def __init__(self, folder: Path, request: Request) -> None:
        self._folder = folder
        self._request = request

    def read_rest(self, read: Read) -> Iterator[Step]:
        """Read what is missing; yields after each part."""
        for number, lane in enumerate(self._request.lanes):
            found = self.of(number)
            cursor = found[-1].next if found else None
            while cursor is not None or not found:
                batch = _Batch(cursor)
                try:
                    batch.fill(read, lane)
                finally:  # an interruption between two pages loses neither
                    if batch.pages:
                        found.append(self._written(number, len(found), batch))
                cursor = batch.next
                yield Step(number, len(batch.rows), _oldest(batch.rows))

    def _written(self, lane: int, number: int, batch: "_Batch") -> Part:
        if self._request.newest_first:
            batch.rows.reverse()
        part = Part(
            self._folder / f"{lane:04}-{number:06}.jsonl", batch.next, len(batch.rows),
            batch.unreadable,
        )  # fmt: skip
        body = b"".join(_line(row) for row in batch.rows)
        head = {"next": part.next, "unreadable": part.unreadable, "rows": part.rows}
        write(part.path, _line({**head, "crc32": crc32(body)}) + body, durable=False)
        return part

    def of(self, lane: int) -> list[Part]:
        """Return the parts of a lane in the order in which they were read.

        One that cannot be read, and those after it, are removed: they are read again.
        """
        found: list[Part] = []
        paths = sorted(self._folder.glob(f"{lane:04}-*.jsonl"))
        for number, path in enumerate(paths):
            head = _head(path) if path.name == f"{lane:04}-{number:06}.jsonl" else None
            if head is None:
                for later in paths[number:]:
                    later.unlink()
                break
            found.append(head)
        return found

    def rows(self, lane: int) -> Iterator[Row]:
        """Yield the rows of a lane, oldest first, a line at a time."""
        parts = self.of(lane)
        for part in reversed(parts) if self._request.newest_first else parts:
            with part.path.open(encoding="utf-8") as file:
                next(file)
                for line in file:
                    yield json.loads(line)

    def counts(self) -> tuple[int, int]:
        """Return how many rows were read, and how many items were unreadable."""
        every = [part for number in range(len(self._request.lanes)) for part in self.of(number)]
        return sum(part.rows for part in every), sum(part.unreadable for part in every)


def planned(folder: Path, options: Mapping[str, Any]) -> Planned | None:
    """Return the interrupted export of the same options; None if there is none."""
    try:
        plan = json.loads((folder / PLAN).read_text(encoding="utf-8"))
        if plan["options"] != {**options, "version": VERSION}:
            return None
        found = plan["request"]
        request = Request(**{**found, "symbols": tuple(found["symbols"])})
        return Planned(request, dict(plan["source"]))
    except (OSError, ValueError, TypeError, KeyError):
        return None


def begin(folder: Path, options: Mapping[str, Any], plan: Planned) -> None:
    """Remove the parts of another export, and store what this one is of."""
    for path in folder.glob("*.json*"):
        path.unlink()
    written = {
        "options": {**options, "version": VERSION},
        "source": plan.source,
        "request": plan.request.as_json(),
    }
    write(folder / PLAN, json.dumps(written) + "\n")


def end(folder: Path) -> None:
    """Remove the folder of an export that is complete."""
    shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """Hold the folder; raises CommandError while another export writes there."""
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with locked(folder / LOCK, wait=False):
            yield
    except BlockingIOError:
        fix = "wait for it, or name another file with --output"
        raise CommandError(f"another export writes to {folder}", fix) from None


class _Batch:
    """The pages of a part, in the order of the API."""

    def __init__(self, begin: Cursor) -> None:
        self.next = begin
        self.rows: list[Row] = []
        self.pages = self.unreadable = 0

    def fill(self, read: Read, lane: str | None) -> None:
        """Read some pages, as far as the lane has them."""
        while self.pages < PAGES and (self.next is not None or not self.pages):
            page = read(lane, self.next)
            self.rows += page.rows
            self.pages, self.unreadable = self.pages + 1, self.unreadable + page.unreadable
            self.next = page.next


def _line(value: Mapping[str, Any]) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode() + b"\n"


def _oldest(rows: list[Row]) -> int | None:
    return rows[0].get("time") if rows else None


def _head(path: Path) -> Part | None:
    """Return the head of a part; None where the file is not whole: a power cut may leave that."""
    first, _, body = path.read_bytes().partition(b"\n")
    try:
        head = json.loads(first)
        whole = head["crc32"] == crc32(body)
        return Part(path, head["next"], head["rows"], head["unreadable"]) if whole else None
    except (ValueError, TypeError, KeyError):
        return None
