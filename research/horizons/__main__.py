"""The tables of docs/evidence.md: `python -m research.horizons compare|years FOLDER`."""

from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console

from machine.files import write
from machine.terminal import program
from research.data.errors import DataError
from research.data.loader import load_each, symbols
from research.horizons import comparing, years
from research.strategies.named import strategy_set

app = typer.Typer(add_completion=False, no_args_is_help=True)
MARKS: Final = {
    name: (f"<!-- {name}: written by a command -->", f"<!-- {name}: end -->")
    for name in ("compare", "years")
}
FolderArgument = Annotated[Path, typer.Argument(help="Recorded bars, as for a backtest.")]
IntoOption = Annotated[
    Path | None, typer.Option(help="Replace the table of this document, and print nothing.")
]


@app.command()
def compare(folder: FolderArgument, into: IntoOption = None) -> None:
    """Compare strategies on 1m bars with the same on longer bars made of them."""
    try:
        tables = list(load_each(folder, _recorded(folder)))
        lines = comparing.table_of(comparing.compare(tables))
    except DataError as error:
        raise _failed(error) from error
    _put("compare", lines, into)


@app.command("years")
def by_year(
    folder: FolderArgument,
    strategy: Annotated[str, typer.Option(help="Name of the strategy, or its file.")] = "donchian",
    end: Annotated[str | None, typer.Option("--to", help="End (exclusive), UTC.")] = None,
    into: IntoOption = None,
) -> None:
    """Backtest a strategy on the shortest bars that there are; results by year of entry."""
    one = strategy_set(strategy)
    try:
        tables = years.best_bars(str(folder), one, end)
    except DataError as error:
        raise _failed(error) from error
    found = years.concluded(tables, one)
    _put("years", [*years.table_of(found), "", *years.remarks(found, tables)], into)


def _recorded(folder: Path) -> tuple[str, ...]:
    names = symbols(folder)
    if not names:
        raise DataError(f"{folder} holds no recorded 1m bars.")
    return names


def _failed(error: DataError) -> typer.Exit:
    Console(stderr=True).print(f"[bold red]error[/] {error}", highlight=False)
    return typer.Exit(2)


def _put(name: str, lines: list[str], into: Path | None) -> None:
    text = "\n".join(lines) + "\n"
    if into is None:
        typer.echo(text)
        return
    write(into, replaced(into.read_text(encoding="utf-8"), name, text))


def replaced(document: str, name: str, text: str) -> str:
    """Return the document with another text between its marks; raises ValueError without them."""
    begin, end = MARKS[name]
    before, found, rest = document.partition(begin)
    _, closed, after = rest.partition(end)
    if not (found and closed):
        raise ValueError(f"there is no {begin} … {end} to write between")
    return f"{before}{begin}\n\n{text}\n{end}{after}"


if __name__ == "__main__":
    program(app)
