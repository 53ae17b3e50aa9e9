"""CSV, feather, Parquet and SQLite as columns; errors name the file and the fix."""

import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from research.data.arrow_sizes import check_parquet, check_size
from research.data.diagnosis import foreign
from research.data.errors import DataError
from research.data.tables import Table, feather, separated

from .declared import Layout

_HEAD_BYTES: Final = 2**16
_VALUE_BYTES: Final = 8
_AGAIN: Final = "Write it again, or correct the mapping."
NO_ROW: Final = "no row has what `only` in the mapping demands."


def content_of(file: Path, layout: Layout) -> Table:
    """Return the columns of a file that its layout names; raises DataError."""
    ending = file.suffix.lower()
    if is_database(file):
        table = _database(file, layout)
    elif ending == ".parquet":
        table = _parquet(file)
    elif ending in (".feather", ".arrow"):
        table = feather(file)
    else:
        table = separated(
            file, layout.header or (), header=layout.header is None,
            separator=layout.separator, decimal=layout.decimal,
        )  # fmt: skip
    if not len(table) and is_database(file) and layout.only:
        raise DataError(f"{file.name}: {NO_ROW}")
    if not len(table):
        raise DataError(f"{file.name}: no rows. Remove the file, or correct the mapping.")
    return table


def is_database(file: Path) -> bool:
    """Return whether a file is an SQLite database, which selects the rows of `only` itself."""
    return file.suffix.lower() in (".db", ".sqlite", ".sqlite3")


def names_of(layout: Layout) -> list[str]:
    """Return the names of the columns that a layout reads, each once."""
    named = [
        layout.time.column, *layout.columns.values(), layout.symbol_column, layout.interval_column,
        *(layout.only or {}),
    ]  # fmt: skip
    return list(dict.fromkeys(name for name in named if name))


def _parquet(file: Path) -> Table:
    with file.open("rb") as stream:
        head = stream.read(_HEAD_BYTES)
    if not head.startswith(b"PAR1") and (what := foreign(head)):
        raise DataError(f"{file.name} is {what}")
    check_parquet(file)
    try:
        return Table(file.name, pq.ParquetFile(file).read())
    except (pa.ArrowException, OSError) as error:
        raise DataError(f"{file.name}: not a readable Parquet file ({error}). {_AGAIN}") from error


def _database(file: Path, layout: Layout) -> Table:
    try:
        with closing(sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro", uri=True)) as opened:
            return Table(file.name, _rows(opened, file.name, layout))
    except (sqlite3.Error, OverflowError) as error:
        raise DataError(f"{file.name}: not a readable SQLite database ({error}).") from error


def _rows(opened: sqlite3.Connection, name: str, layout: Layout) -> Any:
    tables = _first(opened.execute("SELECT name FROM sqlite_master WHERE type IN ('table','view')"))
    if layout.table not in tables:
        raise DataError(
            f"{name}: no table {layout.table!r}, only {', '.join(sorted(tables))}. Name it in the "
            "mapping: table = …"
        )
    quoted = _quoted(layout.table)
    held = [row[1] for row in opened.execute(f"PRAGMA table_info({quoted})")]
    names = names_of(layout)
    if missing := [each for each in names if each not in held]:
        raise DataError(f"{name}: no column {missing[0]!r}, only {', '.join(held)}.")
    where, values = _where(layout.only or {})
    count = opened.execute(f"SELECT count(*) FROM {quoted}{where}", values).fetchone()[0]  # noqa: S608 - names are quoted, values bound
    check_size(name, count * len(names) * _VALUE_BYTES)
    columns = ", ".join(map(_quoted, names))
    found = opened.execute(f"SELECT {columns} FROM {quoted}{where}", values).fetchall()  # noqa: S608 - as above
    return pa.table(
        {
            each: _column(name, each, row)
            for each, row in zip(names, _turned(found, names), strict=True)
        }
    )


def _turned(rows: Sequence[Sequence[Any]], names: Sequence[str]) -> list[list[Any]]:
    return [[row[at] for row in rows] for at in range(len(names))]


def _column(file: str, name: str, values: list[Any]) -> Any:
    try:
        return pa.array(values)
    except (pa.ArrowInvalid, pa.ArrowTypeError) as error:
        raise DataError(
            f"{file}: column {name!r} has values of several types ({error})."
        ) from error


def _where(only: Mapping[str, Any]) -> tuple[str, list[Any]]:
    if not only:
        return "", []
    values = [str(one) if isinstance(one, date) else one for one in only.values()]
    return " WHERE " + " AND ".join(f"{_quoted(name)} = ?" for name in only), values


def _first(rows: Any) -> list[str]:
    return [str(row[0]) for row in rows]


def _quoted(name: str) -> str:
    doubled = name.replace('"', '""')
    return f'"{doubled}"'
