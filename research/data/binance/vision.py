"""data.binance.vision: the files of a span, downloaded and verified.

The data folder has the same tree as the archive, each zip with its published checksum beside it. A
zip that has the published SHA-256 is never fetched again.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Final, Literal

from signalengine.intervals import DAY_MS

from machine.files import replacing, write
from research.data.download import Download, each
from research.data.errors import ChecksumError, DataError
from research.data.tables import CHECKSUM, checksum, digest_of
from research.data.times import day_of, midnight, month_starts

from .budget import Budget, budgets_of
from .client import Client, MissingError

BASE_URL: Final = "https://data.binance.vision"
BASE_VARIABLE: Final = "BINANCE_ARCHIVE_BASE"
MISSING: Final = "missing.json"
MONTH_FROM_DAYS: Final = 4
"""From so many days of a month on, its monthly file is the lighter way."""
_AT_ONCE: Final = 6


@dataclass(frozen=True, slots=True)
class File:
    """One file of the archive; `instead` are the files that hold the same, if it is not there."""

    span: Literal["daily", "monthly"]
    kind: str
    symbol: str
    interval: str
    stamp: str
    instead: tuple["File", ...] = ()

    @property
    def path(self) -> str:
        """Path under the data folder, and under `/data/` at the source."""
        folder = f"futures/um/{self.span}/{self.kind}/{self.symbol}"
        if self.interval:
            folder += f"/{self.interval}"
        return f"{folder}/{self.symbol}-{self.interval or self.kind}-{self.stamp}.zip"


def plan(kind: str, symbol: str, interval: str, start: int, end: int, now: int) -> list[File]:
    """Return the files that hold [start, end), as far as they can have been published by `now`.

    Every day is in exactly one of them: in its month's file where the month is over and enough of
    it is wanted, else in its own. Metrics come by day only, funding rates by month only.
    """
    files: list[File] = []
    last = min(end, midnight(now))
    if start >= last:
        return files
    months = month_starts(start, last)
    for first, after in pairwise(months):
        days = _days(kind, symbol, interval, max(first, midnight(start)), min(after, last))
        whole = after <= midnight(now)
        if kind == "fundingRate":
            files += [File("monthly", kind, symbol, interval, day_of(first)[:7])]
        elif kind != "metrics" and whole and len(days) >= MONTH_FROM_DAYS:
            files += [File("monthly", kind, symbol, interval, day_of(first)[:7], days)]
        else:
            files += days
    return files


def _days(kind: str, symbol: str, interval: str, start: int, end: int) -> tuple[File, ...]:
    stamps = (day_of(time) for time in range(start, end, DAY_MS))
    return tuple(File("daily", kind, symbol, interval, stamp) for stamp in stamps)


async def fetch(client: Client, files: Sequence[File], folder: Path, text: str) -> Download:
    """Download the files to `folder`; those the archive lacks are listed in `missing.json`.

    Raises ChecksumError, SourceAwayError, RefusedError; DataError if none of them exists. Files
    downloaded by then stay.
    """
    done = Download(folder)
    jobs = [partial(_with_substitutes, client, file, done) for file in files]
    await each(text, jobs, at_once=_AT_ONCE)
    if files:
        _note_missing(folder, files, done.missing)
    if files and not done.fetched + done.present:
        raise DataError(
            f"The archive has none of the {len(files)} requested files of {_named(files)}, such "
            f"as {files[0].path}. Check the symbol and the span; a day appears there the next "
            "morning (UTC), a month after its first Monday; source='rest' has the newest."
        )
    return done


def _named(files: Sequence[File]) -> str:
    names = list(dict.fromkeys(file.symbol for file in files))
    return ", ".join(names[:3]) + (" …" if len(names) > 3 else "")


async def _with_substitutes(client: Client, file: File, done: Download) -> None:
    if not file.instead:
        await _bring(client, file, done)
        return
    held = all(_is_whole(done.folder / day.path) for day in file.instead)
    if held or not await _bring(client, file, done, noted=False):
        for day in file.instead:
            await _bring(client, day, done)


async def _bring(client: Client, file: File, done: Download, *, noted: bool = True) -> bool:
    """Fetch one file unless it is here; returns False when the archive does not have it."""
    target = done.folder / file.path
    if _is_whole(target):
        done.present += 1
        return True
    try:
        size = await _fetch_verified(client, file.path, target)
    except MissingError:
        if noted:
            done.missing.append(file.path)
        return False
    if size:
        done.fetched += 1
        done.bytes += size
    else:
        done.present += 1
    return True


def is_here(file: File, folder: Path) -> bool:
    """Return whether a file with its checksum, or what holds the same, is in the data folder.

    Contents are not compared: that takes reading them.
    """
    if file.instead and all(is_here(day, folder) for day in file.instead):
        return True
    target = folder / file.path
    return target.exists() and target.with_name(target.name + CHECKSUM).exists()


def _is_whole(target: Path) -> bool:
    published = target.with_name(target.name + CHECKSUM)
    if not (target.exists() and published.exists()):
        return False
    try:
        return digest_of(target) == checksum(
            published.read_text(encoding="utf-8", errors="replace"), target.name
        )
    except ChecksumError:
        return False


async def _fetch_verified(client: Client, path: str, target: Path) -> int:
    """Fetch a zip and its checksum; returns bytes fetched (0: the zip here was the right one).

    A mismatch is tried once more: files are sometimes published anew.
    """
    budget = budgets_of(client.base_url).files
    found = ""
    for _ in range(2):
        published = await client.text(f"/data/{path}{CHECKSUM}", budget)
        wanted = checksum(published, target.name)
        if target.exists() and digest_of(target) == wanted:
            write(target.with_name(target.name + CHECKSUM), published)
            return 0
        size, found = await _replace(client, path, target, wanted, budget)
        if size:
            write(target.with_name(target.name + CHECKSUM), published)
            return size
    target.unlink(missing_ok=True)
    raise ChecksumError(
        f"{client.base_url}/data/{path} has SHA-256 {found}, published is {wanted}. It was not "
        "stored. Try again later; if the error persists, the archive itself is broken there."
    )


async def _replace(
    client: Client, path: str, target: Path, wanted: str, budget: Budget
) -> tuple[int, str]:
    with replacing(target) as unsure:
        found, size = await client.download(f"/data/{path}", unsure, budget)
        if found != wanted:
            unsure.unlink()
            return 0, found
    return size, found


def _note_missing(folder: Path, files: Sequence[File], missing: Sequence[str]) -> None:
    """Record the requested files that the archive lacks; remove those that have appeared."""
    marker = folder / MISSING
    before = _noted(marker)
    requested = {file.path for file in _all(files)}
    now = sorted({*missing, *(path for path in before if path not in requested)})
    if now or before:
        write(marker, json.dumps({"missing": now}, indent=1) + "\n")


def _noted(marker: Path) -> list[str]:
    """Return the files recorded as missing; none if the record is unreadable: it is made again."""
    try:
        return [str(path) for path in json.loads(marker.read_text(encoding="utf-8"))["missing"]]
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return []


def _all(files: Sequence[File]) -> Iterator[File]:
    for file in files:
        yield file
        yield from file.instead
