"""A download: its span, its folder and its result."""

import asyncio
import os
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from signalengine.facts.symbols import is_symbol
from signalengine.intervals import DAY_MS
from signalengine.text.symbol_reader import SymbolError, read_symbol

from .errors import DataError
from .progress import Waiting
from .times import Moment, midnight, time_ms

FOLDER_VARIABLE: Final = "SIGNALENGINE_DATA"
DEFAULT_FOLDER: Final = Path(".local/data")


def data_folder() -> Path:
    """Return where downloads are stored: $SIGNALENGINE_DATA, else `.local/data` under here."""
    return Path(os.environ.get(FOLDER_VARIABLE) or DEFAULT_FOLDER)


@dataclass(slots=True)
class Download:
    """The result of a download; `missing` are paths of files the source does not have."""

    folder: Path
    fetched: int = 0
    present: int = 0
    """Files that were here already, whole."""
    bytes: int = 0
    missing: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    """Sentences on what the source cannot have."""

    def __str__(self) -> str:
        text = f"{self.folder}: {self.fetched} files fetched, {self.present} were here"
        text += f", {len(self.missing)} do not exist" if self.missing else ""
        return " ".join([text + ("." if self.notes else ""), *self.notes])


def span_of(
    days: int | None, start: Moment | None, end: Moment | None, now: int
) -> tuple[int, int]:
    """Return [start, end) in ms; `end` is now by default, `days` count back from the end's day."""
    if (days is None) == (start is None):
        raise DataError("Give either days=90 or start='2026-01-01', and end= if it is not now.")
    last = min(now, now if end is None else time_ms(end))
    if days is not None and days < 1:
        raise DataError(f"days={days}: at least one.")
    first = midnight(last) - (days or 0) * DAY_MS if start is None else time_ms(start)
    if first >= last:
        raise DataError("The span is empty or in the future: start must come before end and now.")
    return first, last


def checked_symbol(symbol: str) -> str:
    """Return the symbol; raises DataError for an invalid one (it becomes part of paths)."""
    if is_symbol(symbol):
        return symbol
    try:
        meant = read_symbol(symbol)
    except SymbolError:
        meant = "BTCUSDT"
    raise DataError(f"{symbol!r} is not a symbol: write it as Binance does, like {meant}.")


async def each(text: str, jobs: Sequence[Callable[[], Awaitable[None]]], *, at_once: int) -> None:
    """Run jobs a few at a time under a progress bar; the first error ends the rest."""
    running = asyncio.Semaphore(at_once)
    try:
        with Waiting(text, len(jobs)) as waiting:
            async with asyncio.TaskGroup() as tasks:
                for job in jobs:
                    tasks.create_task(_counted(job, running, waiting))
    except ExceptionGroup as group:
        raise group.exceptions[0] from None


async def _counted(
    job: Callable[[], Awaitable[None]], running: asyncio.Semaphore, waiting: Waiting
) -> None:
    async with running:
        await job()
    waiting.step()
