"""CSV, zip and feather files as named columns; errors name the file and the row."""

import hashlib
import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.feather

from .errors import ChecksumError, DataError
from .series import Floats, Times
from .times import moment

CHECKSUM: Final = ".CHECKSUM"
MAX_INFLATED_BYTES: Final = 2**27
"""Of a file in a zip: a month of 1m bars is 5 MB."""
_READ_BYTES: Final = 2**16
_METHODS: Final = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
"""Which zipfile inflates in parts; it inflates the others in one go, whatever the size."""
_BOM: Final = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """Named columns of one file; `first_row` is the number of its first row in the file."""

    file: str
    data: Any
    first_row: int = 1

    def __len__(self) -> int:
        return int(self.data.num_rows)

    def has(self, name: str) -> bool:
        return name in self.data.column_names

    def texts(self, name: str) -> list[str]:
        """Return a column as it is written."""
        return [str(value) for value in self._column(name).to_pylist()]

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
        """Return a column of times: integers as they are, dates in ms."""
        kind = self._column(name).type
        if pa.types.is_timestamp(kind):
            in_ms = self._cast(name, pa.timestamp("ms", tz=kind.tz), safe=False)
            column = in_ms.cast(pa.int64())
        else:
            column = self._cast(name, pa.int64())
        if column.null_count:
            raise DataError(f"{self.file}: empty times in column {name!r}. {_AGAIN}")
        return np.frombuffer(_values(column), dtype=np.int64)

    def place(self, row: int, time: int | None = None) -> str:
        """Return where a row (counted from 0) is, for an error."""
        at = "" if time is None else f" ({moment(time)} UTC)"
        return f"{self.file}: row {row + self.first_row}{at}"

    def _cast(self, name: str, kind: Any, *, safe: bool = True) -> Any:
        try:
            return self._column(name).combine_chunks().cast(kind, safe=safe)
        except pa.ArrowInvalid as error:
            raise DataError(f"{self.file}: column {name!r} is not numbers: {error}") from error

    def _column(self, name: str) -> Any:
        if not self.has(name):
            held = ", ".join(self.data.column_names)
            raise DataError(f"{self.file}: no column {name!r}, only {held}.")
        return self.data[name]


_AGAIN: Final = "Delete the file and download it again."


def _values(column: Any) -> memoryview:
    """Return 8-byte values as they lie in memory (pyarrow's `to_numpy` would import pandas)."""
    start, size = column.offset * 8, len(column) * 8
    return memoryview(column.buffers()[1])[start : start + size] if size else memoryview(b"")


def feather(file: Path) -> Table:
    """Read a feather file; raises DataError."""
    _refuse_empty(file)
    try:
        return Table(file.name, pa.feather.read_table(file, memory_map=False))
    except (pa.ArrowException, OSError) as error:
        raise DataError(f"{file.name}: not a readable feather file ({error}). {_AGAIN}") from error


def separated(file: Path, names: Sequence[str]) -> Table:
    """Read a CSV file or the one CSV file in a zip; `names` are its columns if it has no header.

    Headers come and go file by file: a first field that is no number or date is one.
    """
    content = _content(file).removeprefix(_BOM)
    if not content.strip():
        raise DataError(f"{file.name}: empty. {_AGAIN}")
    fields = content.split(b"\n", 1)[0].strip().split(b",")
    header = not fields[0].strip(b'"')[:4].isdigit()
    if not header and len(fields) > len(names):
        raise DataError(f"{file.name}: {len(fields)} columns where {len(names)} are known.")
    columns = [f.decode(errors="replace").strip('" ') for f in fields] if header else list(names)
    options = pa.csv.ReadOptions(
        column_names=columns[: len(fields)], skip_rows=int(header), use_threads=False
    )
    try:
        data = pa.csv.read_csv(pa.py_buffer(content), read_options=options)
    except pa.ArrowInvalid as error:
        raise DataError(
            f"{file.name}: not readable, cut off perhaps ({error}). {_AGAIN}"
        ) from error
    if not data.num_rows:
        raise DataError(f"{file.name}: a header and no rows. {_AGAIN}")
    return Table(file.name, data, 1 + int(header))


def _refuse_empty(file: Path) -> None:
    if file.stat().st_size == 0:
        raise DataError(f"{file.name}: empty. {_AGAIN}")


def _content(file: Path) -> bytes:
    _refuse_empty(file)
    verify(file)
    return file.read_bytes() if file.suffix != ".zip" else _unzipped(file)


def _unzipped(file: Path) -> bytes:
    try:
        with zipfile.ZipFile(file) as archive:
            inside = [info for info in archive.infolist() if not info.is_dir()]
            if len(inside) != 1:
                raise DataError(
                    f"{file.name}: {len(inside)} files inside where 1 is expected. {_AGAIN}"
                )
            if Path(inside[0].filename).stem != file.stem:
                raise DataError(
                    f"{file.name}: holds {inside[0].filename}, which is something else. Give it "
                    "its own name back, or download it again."
                )
            return _inflated(file, archive, inside[0])
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError) as error:
        raise DataError(f"{file.name}: a broken or cut-off zip ({error}). {_AGAIN}") from error


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
