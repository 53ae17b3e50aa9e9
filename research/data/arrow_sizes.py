"""How large an Arrow or Parquet file is once inflated, from its metadata: nothing is inflated.

An Arrow file is a sequence of messages. The metadata of a message (a FlatBuffer, `Message.fbs` of
the Arrow format) lists where its buffers lie in its body; a compressed buffer begins with its
inflated size, which pyarrow allocates before it inflates.
"""

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.ipc
import pyarrow.parquet as pq

from .errors import DataError

MAX_INFLATED_BYTES: Final = 2**29
"""Ten years of 1m bars are 250 MB."""
MAGIC: Final = b"ARROW1\0\0"
"""An Arrow file begins with it; the messages follow."""
END: Final = b"ARROW1"
"""A whole one ends with it."""
_OLD_COMPRESSION: Final = b"ARROW:experimental_compression"
_VALUE_BYTES: Final = 8
_BATCHES: Final = ("record batch", "dictionary")


def check_arrow(name: str, messages: Any) -> None:
    """Refuse messages that inflate to more than the limit; raises DataError.

    `messages` is the content of an Arrow file after `MAGIC`, as a buffer.
    """
    total = 0
    try:
        for message in _messages(messages):
            total += _inflated(message)
    except (struct.error, pa.ArrowException) as error:
        raise DataError(f"{name}: not a readable Arrow file ({error}).") from error
    check_size(name, total)


def check_parquet(file: Path) -> None:
    """Refuse a Parquet file that inflates to more than the limit; raises DataError."""
    try:
        found = pq.read_metadata(file)
    except (pa.ArrowException, OSError) as error:
        raise DataError(f"{file.name}: not a readable Parquet file ({error}).") from error
    groups = (found.row_group(number) for number in range(found.num_row_groups))
    written = sum(group.total_byte_size for group in groups)
    check_size(file.name, max(written, found.num_rows * found.num_columns * _VALUE_BYTES))


def check_size(name: str, size: int) -> None:
    """Raise DataError for a size in bytes above the limit."""
    if size > MAX_INFLATED_BYTES:
        raise DataError(
            f"{name}: inflates to {size} bytes, and {MAX_INFLATED_BYTES} is the limit. "
            "Split it, or download it again."
        )


def _messages(content: Any) -> Iterator[Any]:
    reader = pa.ipc.MessageReader.open_stream(pa.BufferReader(content))
    try:
        while True:
            yield reader.read_next_message()
    except StopIteration:
        return


def _inflated(message: Any) -> int:
    """Return the bytes that reading a message takes: its buffers', and a value in each field."""
    metadata = message.metadata.to_pybytes()
    if _OLD_COMPRESSION in metadata:
        raise struct.error("compressed as before Arrow 1.0")
    if message.type not in _BATCHES:
        return 0
    batch = _child(metadata, _root(metadata), 2)
    if message.type == "dictionary":
        batch = _child(metadata, batch, 1)
    rows = _integer(metadata, "<q", _field(metadata, batch, 0))
    nodes = _integer(metadata, "<I", _child(metadata, batch, 1))
    buffers = _child(metadata, batch, 2)
    body = memoryview(message.body or b"")
    packed = _field(metadata, batch, 3) != 0
    held = 0
    for number in range(_integer(metadata, "<I", buffers)):
        start, length = struct.unpack_from("<qq", metadata, buffers + 4 + 16 * number)
        held += _buffer(body, start, length, packed=packed)
    return max(held, rows * nodes * _VALUE_BYTES)


def _buffer(body: memoryview, start: int, length: int, *, packed: bool) -> int:
    """Return the inflated size of a buffer in a body; -1 before one says that it is as it is."""
    if not packed or length == 0:
        return length
    (size,) = struct.unpack_from("<q", body, start)
    return length if size == -1 else int(size)


# --- FlatBuffers: a table begins with the distance back to its list of fields ---------------------


def _root(data: bytes) -> int:
    return _integer(data, "<I", 0)


def _child(data: bytes, table: int, number: int) -> int:
    """Return the position of a table or vector in a field."""
    at = _field(data, table, number)
    return at + _integer(data, "<I", at)


def _field(data: bytes, table: int, number: int) -> int:
    """Return the position of a field, 0 when it is absent."""
    fields = table - _integer(data, "<i", table)
    place = 4 + 2 * number
    if place >= _integer(data, "<H", fields):
        return 0
    offset = _integer(data, "<H", fields + place)
    return table + offset if offset else 0


def _integer(data: bytes, kind: str, at: int) -> int:
    (value,) = struct.unpack_from(kind, data, at)
    return int(value)
