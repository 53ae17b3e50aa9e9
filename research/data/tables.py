"""CSV, zip and feather files as named columns; errors name the file and the row."""

import csv
import hashlib
import re
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.ipc

from .arrow_sizes import END, MAGIC, check_arrow
from .diagnosis import cause, foreign, is_number, other_separator, shown, unit_of
from .errors import ChecksumError, DataError
from .names import canonical
from .series import Floats, Times
from .times import EARLIEST, NANOSECONDS, moment

CHECKSUM: Final = ".CHECKSUM"
MAX_INFLATED_BYTES: Final = 2**27
"""Of a file in a zip: a month of 1m bars is 5 MB."""
_READ_BYTES: Final = 2**16
_METHODS: Final = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
"""Which zipfile inflates in parts; it inflates the others in one go, whatever the size."""
_BOM: Final = b"\xef\xbb\xbf"
_ZIP: Final = b"PK"
_FEATHER: Final = (b"ARROW1", b"FEA1")
_LINE_END: Final = re.compile(rb"\r\n|\n|\r")


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """Named columns of one file; `first_row` is the number of its first row in the file."""

    file: str
    data: Any
    first_row: int = 1
    numbers: Times | None = None
    """Which rows of the file these are, counted from 0; None: all."""

    def __len__(self) -> int:
        return int(self.data.num_rows)

    def has(self, name: str) -> bool:
        return int(self.data.schema.get_field_index(name)) >= 0

    def texts(self, name: str) -> list[str]:
        """Return a column as it is written."""
        return [str(value) for value in self.column(name).to_pylist()]

    def floats(self, name: str, *, gaps: bool = False) -> Floats:
        """Return a column of numbers; empty fields are NaN with `gaps`, else an error."""
        column = self._cast(name, pa.float64())
        if column.null_count and not gaps:
            row = column.is_null().index(True).as_py()
            raise DataError(f"{self.place(row)} has no number in column {name!r}. {_AGAIN}")
        if column.null_count:
            column = column.fill_null(np.nan)
        return np.frombuffer(_values(column), dtype=np.float64)

    def times(self, name: str) -> Times:
        """Return a column of times: integers as they are (ms or µs), dates in ms."""
        if pa.types.is_timestamp(self.column(name).type):
            found = self.stamps(self.column(name), name)
        else:
            found = self.whole(name)
        wrong = (found < EARLIEST) | (found >= NANOSECONDS)
        if wrong.any():
            row = int(wrong.argmax())
            raise DataError(f"{self.place(row)}: column {name!r} has {unit_of(int(found[row]))}")
        return found

    def whole(self, name: str) -> Times:
        """Return a column of integers."""
        return self._integers(self._cast(name, pa.int64()), name)

    def stamps(self, column: Any, name: str, *, up: bool = False) -> Times:
        """Return timestamps of a column of this table, as ms, rounded down (with `up`: up)."""
        in_ms = column.cast(pa.timestamp("ms", tz=column.type.tz), safe=False)
        found = self._integers(_joined(in_ms.cast(pa.int64())), name)
        if not up or column.type.unit in ("s", "ms"):
            return found
        later = pc.greater(column, in_ms.cast(column.type))
        return found + np.array(later.to_pylist(), dtype=np.int64)

    def only(self, rows: Times) -> "Table":
        """Return these rows (counted from 0), which keep their numbers in the file."""
        numbers = rows if self.numbers is None else self.numbers[rows]
        return Table(self.file, self.data.take(pa.array(rows)), self.first_row, numbers)

    def place(self, row: int, time: int | None = None) -> str:
        """Return where a row (counted from 0) is, for an error."""
        at = "" if time is None else f" ({moment(time)} UTC)"
        number = row if self.numbers is None else int(self.numbers[row])
        return f"{self.file}: row {number + self.first_row}{at}"

    def column(self, name: str) -> Any:
        """Return a column as pyarrow has it; raises DataError without it."""
        if not self.has(name):
            held = ", ".join(self.data.column_names)
            raise DataError(f"{self.file}: no column {name!r}, only {held}.")
        return self.data[name]

    def _integers(self, column: Any, name: str) -> Times:
        if column.null_count:
            row = column.is_null().index(True).as_py()
            raise DataError(f"{self.place(row)} has no time in column {name!r}. {_AGAIN}")
        return np.frombuffer(_values(column), dtype=np.int64)

    def _cast(self, name: str, kind: Any) -> Any:
        column = _joined(self.column(name))
        if column.type == kind:
            return column
        try:
            return column.cast(kind)
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
            raise self._not_numbers(name, whole=kind == pa.int64()) from error

    def _not_numbers(self, name: str, *, whole: bool) -> DataError:
        """Return the error of the first value in a column that is no number, or no whole one."""
        column = self.column(name)
        if pa.types.is_string(column.type):
            column = column.cast(pa.binary())  # which need not be UTF-8
        for row, value in enumerate(column.to_pylist()):
            text = value.decode(errors="replace") if isinstance(value, bytes) else str(value)
            if value is not None and not is_number(text, whole=whole):
                return DataError(
                    f"{self.place(row)}: column {name!r} has {shown(text)}, which is no "
                    f"{'time in ms' if whole else 'number'}. {cause(text, name)}"
                )
        return DataError(f"{self.file}: column {name!r} is not numbers. {_AGAIN}")


_AGAIN: Final = "Delete the file and download it again."


def _joined(column: Any) -> Any:
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column


def _values(column: Any) -> memoryview:
    """Return 8-byte values as they lie in memory (pyarrow's `to_numpy` would import pandas)."""
    start, size = column.offset * 8, len(column) * 8
    return memoryview(column.buffers()[1])[start : start + size] if size else memoryview(b"")


def feather(file: Path) -> Table:
    """Read a feather file; raises DataError."""
    _refuse_empty(file)
    with file.open("rb") as stream:
        head = stream.read(_READ_BYTES)
    if not head.startswith(_FEATHER) and (what := foreign(head)):
        raise DataError(f"{file.name} is {what}")
    try:
        return Table(file.name, _arrow(file))
    except (pa.ArrowException, OSError) as error:
        raise DataError(f"{file.name}: not a readable feather file ({error}). {_AGAIN}") from error


def _arrow(file: Path) -> Any:
    """Read an Arrow file by its messages, after they are checked: its index may name others."""
    with file.open("rb") as opened:
        begin, content = opened.read(len(MAGIC)), opened.read()
    if begin != MAGIC or not content.endswith(END):
        raise pa.ArrowInvalid("it does not begin and end as an Arrow file does")
    check_arrow(file.name, content)
    return pa.ipc.open_stream(pa.py_buffer(content)).read_all()


def separated(
    file: Path,
    names: Sequence[str],
    *,
    header: bool | None = None,
    separator: str = ",",
    decimal: str = ".",
    types: Mapping[str, Any] | None = None,
) -> Table:
    """Read a CSV file or the one CSV file in a zip; `names` are its columns if it has no header.

    Headers come and go file by file: a first field that is no number or date is one, unless
    `header` says whether there is one. `types` are the likely types of its columns: a file that has
    them is read in less time, and others as without.
    """
    content = _content(file).removeprefix(_BOM).lstrip(b"\r\n")
    if not content.strip():
        raise DataError(f"{file.name}: empty. {_AGAIN}")
    _refuse_foreign(file.name, content)
    first = _LINE_END.split(content, maxsplit=1)[0]
    if separator == "," and (name := other_separator(first)):
        raise DataError(
            f"{file.name}: row 1 ({shown(first)}) is separated by {name}. Save it with commas "
            "between fields and decimal points."
        )
    fields = first.split(separator.encode())
    if header is None:
        header = not fields[0].strip(b'" ')[:4].isdigit()
    if not header and len(fields) > len(names):
        raise DataError(f"{file.name}: {len(fields)} columns where {len(names)} are known.")
    columns = [f.decode(errors="replace").strip('" ') for f in fields] if header else list(names)
    if twice := [name for name in columns if columns.count(name) > 1]:
        raise DataError(f"{file.name}: its header names {twice[0]!r} twice. {_AGAIN}")
    parse = _Parse(separator, decimal, int(header), types)
    data = _rows(file.name, content, columns[: len(fields)], parse)
    if not data.num_rows:
        raise DataError(f"{file.name}: a header and no rows. {_AGAIN}")
    return Table(file.name, data, 1 + int(header))


def _refuse_foreign(name: str, content: bytes) -> None:
    if what := foreign(content):
        raise DataError(f"{name} is {what}")
    at = content.find(b"\0")
    if at >= 0:
        row = 1 + sum(bool(line.strip()) for line in _LINE_END.split(content[:at])[:-1])
        raise DataError(
            f"{name}: row {row} has NUL bytes: it was not written to its end (a crash, or a full "
            f"disk). {_AGAIN}"
        )


@dataclass(frozen=True, slots=True)
class _Parse:
    """How the fields of a CSV file are written; `header`: lines before its first row."""

    separator: str
    decimal: str
    header: int
    types: Mapping[str, Any] | None


def _rows(name: str, content: bytes, columns: list[str], parse: _Parse) -> Any:
    """Return the rows as columns of numbers; as texts where a number turns out to be none."""
    read = pa.csv.ReadOptions(column_names=columns, skip_rows=parse.header, use_threads=False)
    likely = pa.csv.ConvertOptions(decimal_point=parse.decimal, column_types=parse.types)
    numbers = pa.csv.ConvertOptions(decimal_point=parse.decimal)
    texts = pa.csv.ConvertOptions(
        column_types=dict.fromkeys(columns, pa.string()), check_utf8=False, strings_can_be_null=True
    )
    fields = pa.csv.ParseOptions(delimiter=parse.separator)
    for convert in (likely, numbers, texts) if parse.types else (numbers, texts):
        try:
            return pa.csv.read_csv(
                pa.py_buffer(content), read_options=read, parse_options=fields,
                convert_options=convert,
            )  # fmt: skip
        except pa.ArrowInvalid as error:
            reason = error
    raise _uneven(name, content, len(columns), parse.separator) from reason


def _uneven(name: str, content: bytes, expected: int, separator: str) -> DataError:
    """Return the error of the first row that has another number of fields."""
    lines = (line for line in _LINE_END.split(content) if line.strip())
    for row, line in enumerate(lines, 1):
        fields = next(csv.reader([line.decode(errors="replace")], delimiter=separator), [])
        if len(fields) != expected:
            return DataError(
                f"{name}: row {row} has {len(fields)} fields where {expected} are expected "
                f"({shown(line)}): cut off perhaps, or with decimal commas. {_AGAIN}"
            )
    return DataError(f"{name}: not readable. {_AGAIN}")


def _refuse_empty(file: Path) -> None:
    if file.stat().st_size == 0:
        raise DataError(f"{file.name}: empty. {_AGAIN}")


def _content(file: Path) -> bytes:
    _refuse_empty(file)
    verify(file)
    return file.read_bytes() if file.suffix.lower() != ".zip" else _unzipped(file)


def _unzipped(file: Path) -> bytes:
    try:
        with zipfile.ZipFile(file) as archive:
            inside = [info for info in archive.infolist() if not _is_aside(info)]
            if len(inside) != 1:
                raise DataError(
                    f"{file.name}: {len(inside)} files inside where 1 is expected. {_AGAIN}"
                )
            if canonical(Path(inside[0].filename).stem) != canonical(file.stem):
                raise DataError(
                    f"{file.name}: holds {inside[0].filename}, which is something else. Give it "
                    "its own name back, or download it again."
                )
            return _inflated(file, archive, inside[0])
    except zipfile.BadZipFile as error:
        with file.open("rb") as stream:
            head = stream.read(_READ_BYTES)
        if not head.startswith(_ZIP) and (what := foreign(head)):
            raise DataError(f"{file.name} is {what}") from error
        raise DataError(f"{file.name}: a broken or cut-off zip ({error}). {_AGAIN}") from error
    except (zlib.error, EOFError, OSError, RuntimeError) as error:
        raise DataError(f"{file.name}: a broken or cut-off zip ({error}). {_AGAIN}") from error


def _is_aside(info: zipfile.ZipInfo) -> bool:
    """Return whether a file in a zip is what a system adds: folders, a Mac's attributes."""
    parts = Path(info.filename).parts
    hidden = any(part.startswith(".") for part in parts)
    return info.is_dir() or hidden or not {"__MACOSX", "Thumbs.db", "desktop.ini"}.isdisjoint(parts)


def _inflated(file: Path, archive: zipfile.ZipFile, inside: zipfile.ZipInfo) -> bytes:
    """Return a file in a zip, inflated in parts, since the size that it names may be wrong."""
    if inside.compress_type not in _METHODS:
        raise DataError(
            f"{file.name}: compressed by method {inside.compress_type}, not by deflate. {_AGAIN}"
        )
    if inside.file_size > MAX_INFLATED_BYTES:
        raise DataError(
            f"{file.name}: inflates to {inside.file_size} bytes, and {MAX_INFLATED_BYTES} is the "
            f"limit. {_AGAIN}"
        )
    content = bytearray()
    with archive.open(inside) as stream:
        while part := stream.read(_READ_BYTES):
            content += part
    return bytes(content)


def verify(file: Path) -> None:
    """Compare a file with the published checksum beside it, if there is one."""
    published = file.with_name(file.name + CHECKSUM)
    if published.exists() and digest_of(file) != checksum(
        published.read_text(encoding="utf-8", errors="replace"), file.name
    ):
        raise ChecksumError(
            f"{file.name} does not match {published.name}. Run the download again: it replaces the "
            "file."
        )


def checksum(text: str, name: str) -> str:
    """Return the SHA-256 in a published checksum: `<hex>  <file name>`; raises ChecksumError."""
    fields = text.split()
    if len(fields) != 2 or fields[1].lstrip("*") != name or len(fields[0]) != 64:
        raise ChecksumError(
            f"{name}{CHECKSUM}: {text[:100]!r} is not the checksum of {name}. Delete it and run "
            "the download again."
        )
    return fields[0].lower()


def digest_of(file: Path) -> str:
    """Return the SHA-256 of a file, as hex."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
