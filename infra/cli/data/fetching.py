"""`signalengine data fetch`: estimates, then downloads what is not here."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from rich.console import Console
from signalengine.intervals import INTERVALS
from signalengine.text.symbol_reader import SymbolError, read_symbols

from infra.cli.data.choices import KINDS, SOURCES
from infra.cli.data.listing import say, size
from infra.cli.research.recordings import research_errors
from infra.errors import USAGE, CommandError
from research.data.binance.budget import Timing
from research.data.binance.downloads import (
    DownloadOptions,
    Estimate,
    Wanted,
    download,
    estimate,
    funding,
    klines,
    open_interest,
)
from research.data.download import Download, data_folder, span_of
from research.data.errors import SourceAwayError
from research.data.listings.history import listings_of
from research.data.listings.snapshots import fetch_snapshot

_CONTRACTS = "exchange-info"
_PERIOD = "5m"
_NAMED = 3
_TIMING = Timing()


@dataclass(frozen=True, slots=True)
class Request:
    """What to fetch, as it was written."""

    kinds: tuple[str, ...]
    symbols: str
    intervals: str
    days: int | None
    start: str | None
    end: str | None
    source: str
    folder: Path | None

    def check(self) -> None:
        """Raise CommandError for what cannot be meant."""
        for kind in self.kinds:
            if kind not in KINDS:
                raise CommandError(f"{kind}: no such kind", f"use {', '.join(KINDS)}", USAGE)
        if self.source not in SOURCES:
            raise CommandError(f"--source {self.source}: use {' or '.join(SOURCES)}", "", USAGE)
        for name in self.intervals.split(","):
            if name not in INTERVALS:
                why = f"--intervals {name}: use {', '.join(INTERVALS)}"
                raise CommandError(why, "", USAGE)
        if self.kinds == (_CONTRACTS,):
            return
        if not self.symbols:
            fix = "--symbols BTCUSDT,ETHUSDT, or --symbols all"
            raise CommandError("no symbols are named", fix, USAGE)
        if (self.days is None) == (self.start is None):
            raise CommandError("name the span: --days 90, or --from 2026-01-01", "", USAGE)


def run_fetch(request: Request, *, dry_run: bool, as_json: bool) -> None:
    """Print the estimate, fetch, and print what was fetched; raises CommandError."""
    request.check()
    folder = request.folder or data_folder()
    document: dict[str, object] = {"folder": str(folder), "dry_run": dry_run}
    with research_errors():
        try:
            document |= asyncio.run(_run(request, folder, dry_run=dry_run))
        except SourceAwayError as error:
            raise CommandError(str(error)) from error
    if as_json:
        Console().print_json(json.dumps(document))


async def _run(request: Request, folder: Path, *, dry_run: bool) -> dict[str, object]:
    document: dict[str, object] = {}
    if _CONTRACTS in request.kinds and not dry_run:
        file = await fetch_snapshot(folder)
        say(f"list of contracts: {file}")
        document["exchange_info"] = str(file)
    wanted = _wanted(request, folder)
    if not wanted:
        return document
    options: DownloadOptions = {
        "start": request.start, "end": request.end, "folder": folder,
        "source": "rest" if request.source == "rest" else "archive",
    }  # fmt: skip
    expected = await estimate(wanted, request.days, **options)
    say(_estimated(expected, len(wanted)))
    document["estimate"] = {
        "files": expected.files, "present": expected.present, "bytes": expected.bytes,
        "requests": expected.requests, "seconds": round(expected.seconds),
    }  # fmt: skip
    if not dry_run:
        done = await download(wanted, request.days, **options)
        _fetched(done)
        document["fetched"] = {
            "files": done.fetched, "present": done.present, "bytes": done.bytes,
            "missing": done.missing, "notes": done.notes,
        }  # fmt: skip
    return document


def _wanted(request: Request, folder: Path) -> list[Wanted]:
    series = [kind for kind in request.kinds if kind != _CONTRACTS]
    if not series:
        return []
    found: list[Wanted] = []
    for symbol, since, until in _listed(request, folder):
        made: list[Wanted] = []
        if "klines" in series:
            made += [klines(symbol, name) for name in request.intervals.split(",")]
        if "funding" in series:
            made.append(funding(symbol))
        if "open-interest" in series:
            made.append(open_interest(symbol, _PERIOD, request.source))
        found += [replace(one, since=since, until=until) for one in made]
    return found


def _listed(request: Request, folder: Path) -> Sequence[tuple[str, int, int | None]]:
    """Return the symbols, and from when to when each was listed as far as it is to be known.

    Of named symbols nothing has to be known; all are those that were listed at some time in the
    span.
    """
    if request.symbols.strip().lower() != "all":
        try:
            return [(name, 0, None) for name in read_symbols(request.symbols)]
        except SymbolError as error:
            raise CommandError(f"--symbols: {error}", "", USAGE) from error
    known = listings_of(folder)
    if known.first is None:
        fix = f"signalengine data fetch exchange-info --folder {folder}"
        raise CommandError(f"--symbols all: {folder} has no list of contracts", fix)
    start, end = span_of(request.days, request.start, request.end, _TIMING.wall_ms())
    lives = ((one.symbol, one.start, one.end_known_by or one.end) for one in known.listings)
    found: dict[str, tuple[int, int | None]] = {}
    for symbol, since, until in lives:
        if since < end and (until is None or start < until):
            found[symbol] = (min(since, found.get(symbol, (since, None))[0]), until)
    return [(symbol, since, until) for symbol, (since, until) in sorted(found.items())]


def _estimated(expected: Estimate, series: int) -> str:
    text = f"{series} series: about {expected.files} files to fetch, {size(expected.bytes)}"
    text += f", in {expected.seconds / 60.0:.0f} min or more" if expected.seconds > 90.0 else ""
    return text + f"; {expected.present} files are here"


def _fetched(done: Download) -> None:
    say(str(done))
    for name in done.missing[:_NAMED]:
        say(f"does not exist at the source: {name}")
    if len(done.missing) > _NAMED:
        say(f"… and {len(done.missing) - _NAMED} more")
