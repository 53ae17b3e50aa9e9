"""`signalengine sql`: a query over exported files, by DuckDB.

DuckDB itself opens no file: it reads the views through Arrow, and its access to files, networks,
extensions and settings is off before the query runs.
"""

import json
import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from infra.errors import USAGE, CommandError

from .datasets import DATASETS
from .formats import csv_line, notes_of, schema

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

MOST_SHOWN: Final = 1_000
"""Rows of a table on a terminal."""
BATCH: Final = 1_000
_READS: Final = "SELECT"
"""The type of statements that only read; SHOW and DESCRIBE have it too."""


def used(query: str) -> tuple[str, ...]:
    """Return the datasets that a query names; one that it names only in a text does no harm."""
    words = {word.lower() for word in re.findall(r"\w+", query)}
    return tuple(name for name in DATASETS if name in words)


def connected(files: Mapping[str, Path]) -> "DuckDBPyConnection":
    """Return a database with a view of each dataset; those without a file are empty."""
    duckdb = _duckdb()
    import pyarrow.dataset as arrow  # slow to import

    connection: DuckDBPyConnection = duckdb.connect(
        ":memory:",
        config={
            "enable_external_access": "false",
            "python_enable_replacements": "false",
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
            "temp_directory": "",
        },
    )
    connection.execute("SET TimeZone = 'UTC'")
    for name, dataset in DATASETS.items():
        rows = files.get(name)
        of = schema(dataset.columns)
        source = of.empty_table() if rows is None else arrow.dataset(rows, of, format="parquet")
        connection.register(name, source)
    connection.execute("SET lock_configuration = true")
    return connection


class Answer:
    """The result of a query: its columns, and its rows batch by batch."""

    def __init__(self, connection: "DuckDBPyConnection", query: str) -> None:
        self._result = _executed(connection, query)
        self.columns = [str(column[0]) for column in self._result.description or ()]

    def rows(self) -> Iterator[Sequence[Any]]:
        """Yield the rows; each value is JSON-ready."""
        while batch := _fetched(self._result):
            for row in batch:
                yield [plain_value(value) for value in row]


def csv_of(answer: Answer) -> Iterator[str]:
    """Yield the lines of a CSV file, with the rule of exported ones."""
    yield csv_line(answer.columns)
    for row in answer.rows():
        yield csv_line([_cell(value) for value in row])


def json_of(answer: Answer) -> Iterator[str]:
    """Yield the text of a JSON array of objects, ASCII.

    Raises CommandError for columns of one name, of which an object would have the last one only.
    """
    twice = [name for name, times in Counter(answer.columns).items() if times > 1]
    if twice:
        named = ", ".join(twice)
        fix = "name them with AS, as in SELECT a.time AS time_a, or use --format csv"
        raise CommandError(f"JSON has one value a name, and columns share {named}", fix, USAGE)
    before = "["
    for row in answer.rows():
        text = json.dumps(dict(zip(answer.columns, row, strict=True)), separators=(",", ":"))
        yield f"{before}\n{text}"
        before = ","
    yield "[]\n" if before == "[" else "\n]\n"


def as_of(files: Mapping[str, Path]) -> list[str]:
    """Return, for each file, of which time its data is."""
    found = []
    for name, file in files.items():
        until = notes_of(file).get("end")
        if until:
            moment = datetime.fromtimestamp(until / 1000, UTC)
            found.append(f"{name} before {moment:%Y-%m-%d %H:%M:%S} UTC")
        else:
            written = datetime.fromtimestamp(file.stat().st_mtime, UTC)
            found.append(f"{name} of {written:%Y-%m-%d %H:%M:%S} UTC, by the clock")
    return found


def plain_value(value: Any) -> Any:
    """Return a value of DuckDB as JSON has it: times as texts in UTC, what is no number as null."""
    match value:
        case None | bool() | int() | str():
            return value
        case float():
            return value if math.isfinite(value) else None
        case Decimal():
            return plain_value(float(value))
        case datetime():
            return _moment(value)
        case date():
            return value.isoformat()
        case dict():
            return {str(key): plain_value(one) for key, one in value.items()}
        case list() | tuple():
            return [plain_value(one) for one in value]
        case _:
            return str(value)


def _moment(value: datetime) -> str:
    if value.tzinfo is None:
        return value.isoformat(sep=" ")
    return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _cell(value: Any) -> object:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case dict() | list():
            return json.dumps(value, separators=(",", ":"))
        case _:
            return value


def _duckdb() -> Any:
    try:
        import duckdb  # an extra
    except ModuleNotFoundError as error:
        fix = "install it: make research, or .venv/bin/pip install -e '.[sql]'"
        raise CommandError("signalengine sql needs DuckDB, which is not installed", fix) from error
    return duckdb


def _executed(connection: "DuckDBPyConnection", query: str) -> Any:
    duckdb = _duckdb()
    try:
        statements = connection.extract_statements(query)
        kinds = [statement.type.name.split(".")[-1] for statement in statements]
        if kinds != [_READS]:
            named = ", ".join(kinds) or "nothing"
            fix = "the data is only read: write one SELECT"
            raise CommandError(f"the query is {named}", fix, USAGE)
        return connection.execute(query)
    except duckdb.Error as error:
        raise _refused(error) from error


def _fetched(result: Any) -> list[Sequence[Any]]:
    try:
        return list(result.fetchmany(BATCH))
    except _duckdb().Error as error:
        raise _refused(error) from error


def _refused(error: Exception) -> CommandError:
    fix = '`signalengine sql "DESCRIBE signals"` shows the columns, and SHOW TABLES the views'
    return CommandError(str(error).strip(), fix, USAGE)
