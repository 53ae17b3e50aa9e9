"""The formats of exported rows: CSV, JSON lines and Parquet.

A text cell of a CSV file that a spreadsheet would calculate (it begins with `=`, `+`, `-`, `@`, a
tab or a carriage return) gets an apostrophe in front, which spreadsheets do not show. Text of
others reaches these files: names of symbols, reasons.
"""

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from machine.files import replacing

from .datasets import Column, Kind, Row

if TYPE_CHECKING:
    import pyarrow as pa

FORMATS: Final = ("csv", "jsonl", "parquet")
ROW_GROUP: Final = 10_000
"""Rows that are held at a time, and of a group of a Parquet file."""
NOTES: Final = b"signalengine"
"""Of the metadata of a Parquet file: what the export was of."""
CALCULATED: Final = ("=", "+", "-", "@", "\t", "\r", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""How a cell begins that a spreadsheet calculates; the last four are the wide forms."""


def write_rows(
    target: Path,
    form: str,
    columns: Sequence[Column],
    rows: Iterable[Row],
    notes: Mapping[str, Any] | None = None,
) -> None:
    """Write a file as a whole, in bounded memory; a Parquet file has the notes in its metadata."""
    if form == "parquet":
        of = schema(columns).with_metadata({NOTES: json.dumps(notes)})
        _write_parquet(target, of, columns, rows)
        return
    lines = csv_lines(columns, rows) if form == "csv" else json_lines(columns, rows)
    with replacing(target) as part, part.open("w", encoding="utf-8", newline="") as file:
        file.writelines(lines)


def csv_lines(columns: Sequence[Column], rows: Iterable[Row]) -> Iterator[str]:
    """Yield the lines of a CSV file: a header, then the rows; null is an empty cell."""
    yield csv_line([one.name for one in columns])
    for row in rows:
        yield csv_line([_cell(one.kind, row[one.name]) for one in columns])


def csv_line(cells: Sequence[object]) -> str:
    """Return one line; a text that a spreadsheet would calculate is marked as text."""
    line = io.StringIO()
    # with this line end a cell is quoted for either of its characters, also by older Pythons
    csv.writer(line, lineterminator="\r\n").writerow([safe(cell) for cell in cells])
    return line.getvalue().removesuffix("\r\n") + "\n"


def safe(cell: object) -> object:
    """Return a cell that no spreadsheet calculates; numbers stay."""
    if isinstance(cell, str) and cell.lstrip(" \n").startswith(CALCULATED):
        return f"'{cell}"
    return cell


def json_lines(columns: Sequence[Column], rows: Iterable[Row]) -> Iterator[str]:
    """Yield each row as a line of JSON, ASCII."""
    for row in rows:
        values = {one.name: _json(one.kind, row[one.name]) for one in columns}
        yield json.dumps(values, separators=(",", ":")) + "\n"


def schema(columns: Sequence[Column]) -> "pa.Schema":
    """Return the types of the columns in a Parquet file, the same ones for any rows."""
    import pyarrow as pa  # slow to import

    types = {
        "text": pa.string(), "integer": pa.int64(), "number": pa.float64(), "boolean": pa.bool_(),
        "time": pa.timestamp("ms", tz="UTC"), "json": pa.string(),
    }  # fmt: skip
    return pa.schema([pa.field(one.name, types[one.kind]) for one in columns])


def notes_of(file: Path) -> dict[str, Any]:
    """Return the notes of a Parquet file; {} where it has none."""
    import pyarrow.parquet as pq  # as above

    text = (pq.read_schema(file).metadata or {}).get(NOTES, b"null")
    return dict(json.loads(text) or {})


def _write_parquet(
    target: Path, of: "pa.Schema", columns: Sequence[Column], rows: Iterable[Row]
) -> None:
    import pyarrow as pa  # as above
    import pyarrow.parquet as pq

    left = iter(rows)
    with replacing(target) as part, pq.ParquetWriter(part, of) as writer:
        while chunk := list(islice(left, ROW_GROUP)):
            arrays = [
                pa.array([_packed(one.kind, row[one.name]) for row in chunk], field.type)
                for one, field in zip(columns, of, strict=True)
            ]
            writer.write_table(pa.Table.from_arrays(arrays, schema=of))


def _cell(kind: Kind, value: Any) -> object:
    if value is None:
        return ""
    match kind:
        case "time":
            return iso(value)
        case "json":
            return _text_of(value)
        case "boolean":
            return "true" if value else "false"
        case "number":
            return float(value)
        case _:
            return value


def _json(kind: Kind, value: Any) -> Any:
    return iso(value) if kind == "time" and value is not None else value


def _packed(kind: Kind, value: Any) -> Any:
    return _text_of(value) if kind == "json" and value is not None else value


def _text_of(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))


def iso(ms: int) -> str:
    """Return a time (ms) as `2025-05-19T08:00:00.000Z`."""
    moment = datetime.fromtimestamp(ms // 1000, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{ms % 1000:03}Z"
