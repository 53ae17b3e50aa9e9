"""What `export` and `sql` print. The standard output has data only."""

import re
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.markup import escape

from infra.cli.outputs import checked_output
from infra.cli.reading.context import ReadContext, print_json
from infra.cli.views.page import plain
from infra.cli.views.tables import Column, fitted, nothing, number
from infra.errors import USAGE, CommandError
from machine.files import is_stdout
from machine.folders import cache_folder

from .datasets import DATASETS
from .formats import iso
from .run import AGAIN, Exported, Options, export
from .sql import MOST_SHOWN, Answer, as_of, connected, csv_of, json_of, used

FOLDER: Final = "sql"
"""Of the state folder: the data of the last queries, by stack."""
Show = Callable[[str], object]


def run_export(
    context: ReadContext, options: Options, form: str, output: Path | None, *, restart: bool
) -> None:
    """Export to a file, show the progress, and print what was written."""
    target = checked_output("--output", output or Path(f"{options.dataset}.{form}"))
    if target is None:
        raise AssertionError("a file is named or made of the dataset's name")
    if context.as_json and is_stdout(target):
        why = "--json and the data would both go to the standard output"
        raise CommandError(why, "name a file with --output", USAGE)
    with _shown() as show, _resumable():
        done = export(context.api, options, form, target, show, restart=restart)
    if context.as_json:
        print_json(done.as_json())
    else:
        _note(_summary(done))
    if done.unreadable:
        _note(f"{done.unreadable} items were left out: another version has stored them")


@dataclass(frozen=True, slots=True)
class Query:
    """A query and its options."""

    text: str
    form: str = "table"
    data: Path | None = None
    cached: bool = False
    start: str | None = None
    end: str | None = None
    symbols: str = ""


def run_sql(context: ReadContext, query: Query) -> None:
    """Export what the query names, run it, and print the rows."""
    connected({}).close()  # without DuckDB nothing is exported
    files = _given(query) if query.data is not None else _exported(context, query)
    if files:
        _note("data: " + "; ".join(as_of(files)))
    with connected(files) as connection:
        answer = Answer(connection, query.text)
        match query.form:
            case "csv":
                sys.stdout.writelines(csv_of(answer))
            case "json":
                sys.stdout.writelines(json_of(answer))
            case _:
                _print_table(context, answer)


def _given(query: Query) -> dict[str, Path]:
    """Return the exported files of a folder that the query names."""
    folder = (query.data or Path()).expanduser()
    files = {name: folder / f"{name}.parquet" for name in used(query.text)}
    for name, file in files.items():
        if not file.is_file():
            fix = f"signalengine export {name} --format parquet --output {file}"
            raise CommandError(f"there is no {file}", fix)
    return files


def _exported(context: ReadContext, query: Query) -> dict[str, Path]:
    """Export what the query names, or return what was exported last."""
    target = context.api.target
    place = re.sub(r"[^A-Za-z0-9.-]", "_", target.name)
    folder = cache_folder(context.where.state_dir / FOLDER) / place
    files = {name: folder / f"{name}.parquet" for name in used(query.text)}
    with _shown() as show:
        for name, file in files.items():
            if query.cached:
                if not file.is_file():
                    fix = "leave --cached out"
                    raise CommandError(f"no {name} of {target.name} were exported yet", fix)
                continue
            timed = DATASETS[name].default_days is not None
            period = (query.start, query.end) if timed else (None, None)
            export(context.api, Options(name, *period, query.symbols), "parquet", file, show)
    return files


def _print_table(context: ReadContext, answer: Answer) -> None:
    rows = list(islice(answer.rows(), MOST_SHOWN + 1))
    if not answer.columns or not rows:
        return context.page.print(nothing("no rows"))
    columns = [
        number(plain(name)) if _are_numbers(rows, at) else Column(plain(name))
        for at, name in enumerate(answer.columns)
    ]
    cells = [[_shown_value(value) for value in row] for row in rows[:MOST_SHOWN]]
    context.page.print(fitted(columns, cells, context.page.width))
    if len(rows) > MOST_SHOWN:
        _note(f"the first {MOST_SHOWN:,} rows; --format csv or json prints all")
    return None


def _are_numbers(rows: Sequence[Sequence[object]], at: int) -> bool:
    values = {type(row[at]) for row in rows}
    return values <= {int, float, type(None)}


def _shown_value(value: object) -> str:
    match value:
        case None:
            return "–"
        case bool():
            return "true" if value else "false"
        case float():
            return f"{value:.6g}"
        case _:
            return plain(value)


@contextmanager
def _shown() -> Iterator[Show]:
    """Give what shows the progress, on the standard error of a terminal."""
    with Console(stderr=True).status("reading") as status:
        yield lambda text: status.update(escape(text))


@contextmanager
def _resumable() -> Iterator[None]:
    """Say after Ctrl-C or SIGTERM that nothing is lost."""
    try:
        yield
    except KeyboardInterrupt:
        _note(f"interrupted: {AGAIN}")
        raise


def _summary(done: Exported) -> str:
    """Return one line: the file, its rows, and their period."""
    request = done.request
    resumed = ", of which a part had been read before" if done.resumed else ""
    period = "" if not request.end else f", from {iso(request.start)} to {iso(request.end)}"
    return f"{done.file}: {done.rows:,} rows of {request.dataset}{period}{resumed}"


def _note(text: str) -> None:
    Console(stderr=True).print(escape(plain(text)), highlight=False, soft_wrap=True)
