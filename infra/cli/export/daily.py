"""A file of each UTC day's signals, written while the system runs (`up --daily-export`).

`signals_2025-05-19.jsonl` is written once every close of the day is folded. It is read again while
one of its signals is open, and once more a day later; it is written again, as a whole, only if it
has changed. A file with signals that this system has not is of another one, and stays as it is.
"""

import json
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from signalengine.intervals import DAY_MS, MINUTE_MS
from signalengine.text.time_reader import read_time

from infra.errors import CommandError
from machine.files import write

from .datasets import DATASETS, Row
from .formats import iso, json_lines
from .ordering import ordered
from .pages import Request, reader

if TYPE_CHECKING:  # slow to import, and not needed for help
    from infra.cli.reading.client import Api

EVERY_S: Final = 60.0
LONGEST_END_S: Final = 2.0
"""A request that is under way at the end is not waited for; files are written as a whole."""
SETTLED_MS: Final = 5 * MINUTE_MS
"""After a day's end: its last closes are decided, and stored, within minutes."""
MOST_DAYS: Final = 366
"""Days that are caught up after a pause, at most."""
ANOTHER: Final = "name another folder with --daily-export"
_NAME: Final = re.compile(r"signals_(20\d\d-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01]))\.jsonl")


class DailyFiles:
    """The files of one folder. Days are numbers of days since the epoch."""

    def __init__(self, folder: Path, api: "Api") -> None:
        self._folder, self._api = folder, api
        self._first: int | None = None
        """The day to begin with."""
        self._read_on: dict[int, int] = {}
        """By day: the newest day that had ended when it was last read."""
        self._open: set[int] = set()
        """Days with open signals."""

    def refresh(self) -> list[Path]:
        """Write the files that are due or have changed; returns them. Raises CommandError."""
        ended = self._ended()
        if ended is None:
            return []
        first = self._first if self._first is not None else self._begun(ended)
        self._first = first
        changed = []
        for day in range(max(first, ended - MOST_DAYS), ended + 1):
            if self._is_due(day, ended):
                if self._is_written(day):
                    changed.append(self._file(day))
                self._read_on[day] = ended
        return changed

    def _ended(self) -> int | None:
        """Return the newest day that has ended and is folded; None before anything is known."""
        health = self._api.get("/health")
        watermark, lag = health.get("watermark"), health.get("lag_ms")
        if watermark is None or lag is None:
            return None
        return (int(watermark) - int(lag) - SETTLED_MS) // DAY_MS - 1

    def _begun(self, ended: int) -> int:
        """Return the oldest day whose file has open signals, else the newest one with a file."""
        names = (_NAME.fullmatch(path.name) for path in self._folder.glob("signals_*.jsonl"))
        days = sorted(read_time(name[1]) // DAY_MS for name in names if name)
        unsettled = (day for day in days if any(_is_open(row) for row in self._stored(day)))
        return min(next(unsettled, days[-1]), ended) if days else ended

    def _is_due(self, day: int, ended: int) -> bool:
        """Return whether to read a day: for the first time, with open signals, or a day later."""
        read_on = self._read_on.get(day)
        return read_on is None or day in self._open or (read_on == day and ended > day)

    def _is_written(self, day: int) -> bool:
        """Read a day, and write its file unless that is up to date; returns whether it was."""
        rows = list(self._read(day))
        (self._open.add if any(map(_is_open, rows)) else self._open.discard)(day)
        stored, file = self._stored(day), self._file(day)
        if not rows and not file.exists() and day == self._first:
            return False  # the system may not have run on that day
        if {row["id"] for row in stored} - {row["id"] for row in rows}:
            why = f"{file} has signals that this system has not, and stays as it is"
            raise CommandError(why, ANOTHER)
        text = "".join(json_lines(DATASETS["signals"].columns, rows))
        if file.exists() and file.read_text(encoding="utf-8") == text:
            return False
        write(file, text)
        return True

    def _read(self, day: int) -> Iterator[Row]:
        request = Request("signals", start=day * DAY_MS, end=(day + 1) * DAY_MS)
        read = reader(self._api, request)
        page = read(None, None)
        rows = page.rows
        while page.next is not None:
            page = read(None, page.next)
            rows += page.rows
        rows.reverse()
        return ordered(request, [rows])

    def _stored(self, day: int) -> list[Row]:
        """Return the rows of a day's file; a line that is none of ours raises CommandError."""
        file = self._file(day)
        if not file.exists():
            return []
        try:
            rows = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
            return [{"id": row["id"], "status": row["status"]} for row in rows]
        except (ValueError, TypeError, KeyError) as error:
            why = f"{file} is no file of a day's signals, and stays as it is"
            raise CommandError(why, ANOTHER) from error

    def _file(self, day: int) -> Path:
        return self._folder / f"signals_{iso(day * DAY_MS)[:10]}.jsonl"


def _is_open(row: Row) -> bool:
    return bool(row["status"] == "open")


@contextmanager
def refreshed(
    files: DailyFiles, report: Callable[[str], object], every_s: float = EVERY_S
) -> Iterator[None]:
    """Refresh the files in a thread while the block runs; each problem is reported once."""
    stop = threading.Event()
    thread = threading.Thread(target=_refresh, args=(files, report, every_s, stop), daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(LONGEST_END_S)


def _refresh(
    files: DailyFiles, report: Callable[[str], object], every_s: float, stop: threading.Event
) -> None:
    reported = ""
    while not stop.wait(every_s):
        try:
            for file in files.refresh():
                report(f"written: {file}")
            reported = ""
        except (CommandError, OSError) as error:
            if str(error) != reported and not stop.is_set():
                report(f"daily export: {error}")
            reported = str(error)
