"""`signalengine data check`: prints what was found, symbol by symbol."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import typer
from rich.console import Console
from signalengine.intervals import DAY_MS

from infra.cli.data.listing import named
from infra.cli.research.recordings import research_errors
from infra.errors import PROBLEM
from research.data.catalogue.checks import Checked, check
from research.data.catalogue.entries import Catalogue, catalogue
from research.data.download import data_folder
from research.data.listings.history import listings_of
from research.data.listings.survivorship import survivorship
from research.data.progress import Waiting
from research.data.recordings import scan
from research.data.times import time_ms


def run_check(
    folder: Path | None,
    symbols: str,
    mapping: Path | None,
    at: str | None,
    *,
    strict: bool,
    as_json: bool,
) -> None:
    """Check, print, and end with 1 where something cannot be read or two sources differ."""
    where = folder or data_folder()
    with research_errors():
        recorded = scan(where, mapping)
        found = catalogue(recorded)
        names = named(symbols, found.symbols())
        checked = []
        with Waiting("check", len(names)) as waiting:
            for name in names:
                checked.append(check(recorded, name))
                waiting.step()
        missing = _missing(found, at)
    failed = bool(found.unreadable) or any(
        one.failed or (strict and one.gaps > 0) for one in checked
    )
    out = Console()
    if as_json:
        unreadable = [{"file": path, "error": error} for path, error in found.unreadable]
        out.print_json(
            json.dumps(
                {
                    "folder": str(found.folder), "failed": failed,
                    "symbols": [one.to_dict() for one in checked],
                    "unreadable": unreadable, "survivorship": missing,
                }
            )
        )  # fmt: skip
    else:
        for line in _lines(checked, found, missing):
            out.print(line, highlight=False, soft_wrap=True, markup=False)
    if failed:
        raise typer.Exit(PROBLEM)


def _missing(found: Catalogue, at: str | None) -> str:
    """Return the sentence about symbols that traded and are not here."""
    bars = [one for one in found.entries if one.interval]
    if not bars:
        return "No bars are here."
    time = min(one.start for one in bars) if at is None else time_ms(at)
    here = {one.symbol for one in bars if one.start < time + DAY_MS and one.end > time}
    return survivorship(listings_of(found.folder), here, time)


def _lines(checked: Sequence[Checked], found: Catalogue, missing: str) -> Iterator[str]:
    for one in checked:
        yield one.symbol
        yield from (f"  {line}" for line in _of(one))
    yield from (f"· {Path(path).parent}: {error}" for path, error in found.unreadable)
    if found.passed_over:
        yield f"· {found.passed_over}"
    yield f"· {_summary(checked, len(found.unreadable))}"
    yield f"· {missing}"


def _summary(checked: Sequence[Checked], unreadable: int) -> str:
    gaps = sum(one.gaps for one in checked)
    differing = sum(one.differing > 0 for each in checked for one in each.agreements)
    errors = unreadable + sum(len(one.errors) for one in checked)
    parts = (
        _counted(gaps, "gap") if gaps else "no gaps",
        f"{_counted(differing, 'comparison')} with differences" if differing else "nothing differs",
        _counted(errors, "error") if errors else "everything can be read",
    )
    return f"{_counted(len(checked), 'symbol')} checked: {', '.join(parts)}"


def _counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def _of(one: Checked) -> Iterator[str]:
    for bars in one.bars:
        yield f"{bars.interval}: {bars}"
    for repair in dict.fromkeys(repair for bars in one.bars for repair in bars.repairs):
        yield f"repaired: {repair}"
    beside = [f"{name} {share:.1%}" for name, share in one.coverage.items()]
    if one.bars:
        shortest = one.bars[0].interval
        listed = ", ".join(beside) if beside else "nothing"
        yield f"beside the {shortest} bars: {listed}"
        yield f"tick size: {_tick(one.tick)}"
    yield from map(str, one.agreements)
    yield from (f"error: {error}" for error in one.errors)


def _tick(tick: float) -> str:
    if tick != tick:
        return "unknown: prices have more than eight decimals"
    return f"{tick:.8f}".rstrip("0").rstrip(".") or "0"
