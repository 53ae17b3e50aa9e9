"""`signalengine data list`, and what its neighbours share."""

import json
from collections.abc import Sequence
from pathlib import Path

import typer
from rich.console import Console
from signalengine.text.symbol_reader import SymbolError, find_symbol, split_symbols

from infra.cli.research.recordings import research_errors
from infra.cli.views.tables import Column, fitted, number
from infra.errors import USAGE, CommandError
from research.data.catalogue.entries import Catalogue, Entry, catalogue
from research.data.download import data_folder
from research.data.recordings import scan
from research.data.times import moment

_COLUMNS = (
    Column("symbol"), Column("kind"), Column("interval"), Column("from"), Column("to"),
    number("rows", 1), Column("source", 2), number("files", 5), number("size", 3),
    Column("digest", 4), Column("licence", 6),
)  # fmt: skip
_DIGITS = 12
_UNITS = ("B", "kB", "MB", "GB", "TB")


def run_list(folder: Path | None, symbols: str, mapping: Path | None, *, as_json: bool) -> None:
    """Print the catalogue of a folder; raises CommandError."""
    with research_errors():
        found = catalogue(scan(folder or data_folder(), mapping))
    names = named(symbols, [one.symbol for one in found.entries])
    entries = [one for one in found.entries if one.symbol in names]
    out = Console()
    if as_json:
        out.print_json(json.dumps(_document(found, entries)))
        return
    if entries:
        out.print(fitted(_COLUMNS, [_row(one) for one in entries], out.width))
    for path, error in found.unreadable:
        out.print(f"· {Path(path).parent}: {error}", highlight=False, soft_wrap=True, markup=False)
    count = len({one.symbol for one in entries})
    plural = "" if count == 1 else "s"
    out.print(f"· {count} symbol{plural}, {size(found.bytes)} in {found.folder}", highlight=False,
              soft_wrap=True, markup=False)  # fmt: skip
    if found.passed_over:
        out.print(f"· {found.passed_over}", highlight=False, soft_wrap=True, markup=False)


def named(text: str, known: Sequence[str]) -> tuple[str, ...]:
    """Return the known symbols of a list, or all; raises CommandError for one that is not there."""
    words = split_symbols(text)
    there = sorted(set(known))
    try:
        return tuple(find_symbol(word, there).symbol for word in words) if words else tuple(there)
    except SymbolError as error:
        fix = f"there are {', '.join(there)}" if there else "the folder is empty"
        raise CommandError(f"--symbols: {error.text} is not there", fix, USAGE) from error


def size(count: float) -> str:
    """Return bytes as `12.3 MB`."""
    for unit in _UNITS:
        if count < 1_000 or unit == _UNITS[-1]:
            break
        count /= 1_000
    return f"{count:.0f} {unit}" if unit == "B" else f"{count:.1f} {unit}"


def say(text: str) -> None:
    """Print a note beside the result."""
    typer.echo(text, err=True)


def _row(one: Entry) -> list[str]:
    return [
        one.symbol, one.kind.replace("_", " "), one.interval or "–", moment(one.start),
        moment(one.end), f"{one.rows:,}", one.source, str(one.files), size(one.bytes),
        one.digest[:_DIGITS], one.licence,
    ]  # fmt: skip


def _document(found: Catalogue, entries: Sequence[Entry]) -> dict[str, object]:
    return {
        "folder": str(found.folder),
        "bytes": found.bytes,
        "entries": [one.to_dict() for one in entries],
        "unreadable": [{"file": path, "error": error} for path, error in found.unreadable],
        "passed_over": found.passed_over or None,
    }
