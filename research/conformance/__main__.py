"""The table of docs/indicators.md: `python -m research.conformance FOLDER [SYMBOL …]`."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from signalengine.intervals import INTERVALS
from signalengine.snapshot import CONTEXT, NAMES

from machine.files import write
from machine.terminal import program
from research.data.bars import BarTable
from research.data.errors import DataError
from research.data.loader import load_each, symbols
from research.data.progress import Waiting
from research.data.times import moment

from .library import CASES, library_rows
from .market import market, with_flows
from .measure import LIMIT, Row, measure, together

BEGIN, END = "<!-- conformance: written by a command -->", "<!-- conformance: end -->"

LIBRARY_BARS = ("1m", "1h")
"""Intervals on whose bars the library is compared."""


def main(
    folder: Annotated[Path, typer.Argument(help="Recorded bars, as for a backtest.")],
    wanted: Annotated[
        list[str] | None, typer.Argument(metavar="[SYMBOL]...", help="None: all that are there.")
    ] = None,
    start: Annotated[str | None, typer.Option("--from", help="Start, UTC.")] = None,
    end: Annotated[str | None, typer.Option("--to", help="End (exclusive), UTC.")] = None,
    into: Annotated[
        Path | None, typer.Option(help="Replace the table of this document, and print nothing.")
    ] = None,
) -> None:
    """Compare every feature with its reference; ends with 1 when one does not conform."""
    console = Console(stderr=True)
    try:
        names = wanted or held(folder)
        rows: list[Row] = []
        tables = []
        with Waiting("comparing features", len(names), console) as waiting:
            recorded = load_each(folder, names, start, end)
            for name, whole in zip(names, recorded, strict=True):
                table = with_flows(longest(whole))
                rows += measure(table)
                rows += library_rows({name: market(table).bars[name] for name in LIBRARY_BARS})
                tables.append(table)
                waiting.step()
    except DataError as error:
        console.print(f"[bold red]error[/] {error}", highlight=False)
        raise typer.Exit(2) from error
    found = together(rows)
    text = document(found, tables)
    if into is None:
        typer.echo(text)
    else:
        write(into, replaced(into.read_text(encoding="utf-8"), text))
    raise typer.Exit(0 if all(row.conforms for row in found) else 1)


def held(folder: Path) -> list[str]:
    """Return the symbols of a folder; raises DataError when it has none."""
    names = list(symbols(folder))
    if not names:
        raise DataError(f"{folder} holds no recorded 1m bars.")
    return names


def longest(table: BarTable) -> BarTable:
    """Return the longest part of a table without gaps: the references support none."""
    ends = [table.start, *(time for gap in table.gaps() for time in gap), table.end]
    spans = list(zip(ends[::2], ends[1::2], strict=True))
    return table.between(*max(spans, key=lambda span: span[1] - span[0]))


def replaced(document: str, table: str) -> str:
    """Return the document with another table between its marks; raises ValueError without them."""
    before, found, rest = document.partition(BEGIN)
    _, closed, after = rest.partition(END)
    if not (found and closed):
        raise ValueError(f"there is no {BEGIN} … {END} to write between")
    return f"{before}{BEGIN}\n\n{table}\n{END}{after}"


def document(rows: Sequence[Row], tables: Sequence[BarTable]) -> str:
    """Return the findings as Markdown."""
    counts = {place: max(row.bars for row in rows if row.place == place) for place in (*INTERVALS,)}
    start, end = min(t.start for t in tables), max(t.end for t in tables)
    words = ", ".join(f"{count:,} of {place}" for place, count in counts.items())
    begun = f"Run on {datetime.now(UTC):%Y-%m-%d} over {', '.join(t.symbol for t in tables)},"
    lines = [
        begun,
        f"{moment(start)} to {moment(end)} UTC: {words} bars.",
        "The bars are recorded; open interest, liquidations, funding and mark beside them are",
        "drawn from a seed, some minutes unknown. `=` is equal to the last bit; – is not defined",
        "before more bars than there are.",
        "",
        f"| feature | reference | {' | '.join(INTERVALS)} |",
        f"|---|---|{'---|' * len(INTERVALS)}",
        *(_line(rows, name, INTERVALS) for name in NAMES),
        "",
        "| symbol-wide | reference | closes | largest difference |",
        "|---|---|---|---|",
        *(_line(rows, name, ("context",)) for name in CONTEXT),
        "",
        f"| library | reference | {' | '.join(LIBRARY_BARS)} |",
        "|---|---|---|---|",
        *(
            _line(rows, name, [f"library {bars}" for bars in LIBRARY_BARS])
            for case in CASES
            for name in case.values
        ),
        "",
        *_verdict(rows),
    ]
    return "\n".join(lines) + "\n"


def _line(rows: Sequence[Row], name: str, places: Sequence[str]) -> str:
    of = {row.place: row for row in rows if row.feature == name}
    cells = [f"`{name}`", of[places[0]].source]
    cells += [f"{of[places[0]].bars:,}"] if len(places) == 1 else []
    cells += [_cell(of[place]) for place in places]
    return f"| {' | '.join(cells)} |"


def _cell(row: Row) -> str:
    if row.conforms and not row.bars:
        return "–"
    text = f"{row.largest:.0e}" if row.largest else "="
    text += f" ({row.ties} ties)" if row.ties else ""
    return text if row.conforms else f"**{text}**, {row.beyond + row.undefined} closes"


def _verdict(rows: Sequence[Row]) -> list[str]:
    failed = [f"`{row.feature}` {row.place}" for row in rows if not row.conforms]
    values, worst = sum(row.bars for row in rows), max(row.largest for row in rows)
    if failed:
        return [f"**Not within {LIMIT:.0e}: {', '.join(failed)}.**"]
    return [
        f"{values:,} values. Largest relative difference: {worst:.0e}; the limit is {LIMIT:.0e}.",
        "Both sides are defined at the same closes, every one of them.",
    ]


if __name__ == "__main__":
    program(lambda: typer.run(main))
