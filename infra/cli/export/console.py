"""What `export` and `sql` print. The standard output has data only."""

import hashlib
import re
import shutil
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
from infra.cli.reading.target import LOCAL, Target
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
_OF_LOCAL: Final = re.compile(rf"{LOCAL}-[0-9a-f]{{12}}")
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
    with _shown() as show, _resumable(restart=restart):
        done = export(context.api, options, form, target, show, restart=restart)
    if context.as_json:
        print_json(done.as_json())
    else:
        _note(_summary(done))
    if done.discarded:
        _note("an interrupted export of another market, policy or run was discarded")
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

    def check(self) -> None:
        """Raise CommandError for an option that has no effect."""
        source = "--data" if self.data is not None else "--cached" if self.cached else None
        if source is None:
            return
        of_export = {"--from": self.start, "--to": self.end, "--symbols": self.symbols}
        given = [name for name, value in of_export.items() if value]
        if source == "--data" and self.cached:
            given.append("--cached")
        if given:
            why = f"{given[0]} has no effect with {source}, which reads no stack"
            raise CommandError(why, "leave it out, or select the rows in the query", USAGE)


def run_sql(context: ReadContext, query: Query) -> None:
    """Export what the query names, run it, and print the rows."""
    query.check()
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
    own = context.where.state_dir / FOLDER
    folder = cache_folder(own) / place_of(target)
    if target.name == LOCAL and folder.parent == own:
        remove_earlier(folder)
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
            options = Options(name, *period, query.symbols)
            # a query is about now: what an interrupted one has read is of its own time
            export(context.api, options, "parquet", file, show, restart=True)
    return files


def place_of(target: Target) -> str:
    """Return the name of a stack's folder: stacks of one name have different addresses."""
    address = hashlib.sha256(target.api.encode()).hexdigest()[:12]
    return f"{re.sub(r'[^A-Za-z0-9.-]', '_', target.name)[:100]}-{address}"


def remove_earlier(folder: Path) -> None:
    """Remove the data of systems that ran here before, each of which had a port of its own."""
    for other in folder.parent.glob(f"{LOCAL}-*"):
        if other != folder and _OF_LOCAL.fullmatch(other.name):
            shutil.rmtree(other, ignore_errors=True)


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
def _resumable(*, restart: bool) -> Iterator[None]:
    """Say after Ctrl-C or SIGTERM that nothing is lost."""
    try:
        yield
    except KeyboardInterrupt:
        _note(f"interrupted: {AGAIN}" + (", without --restart" if restart else ""))
        raise


def _summary(done: Exported) -> str:
    """Return one line: the file, its rows, and their period."""
    request = done.request
    resumed = ", of which a part had been read before" if done.resumed else ""
    period = "" if not request.end else f", from {iso(request.start)} to {iso(request.end)}"
    return f"{done.file}: {done.rows:,} rows of {request.dataset}{period}{resumed}"


def _note(text: str) -> None:
    Console(stderr=True).print(escape(plain(text)), highlight=False, soft_wrap=True)
