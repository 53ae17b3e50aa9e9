"""Stored bodies: JSON, compressed where that helps, with a checksum over body and key."""

import json
import zlib
from typing import Any, Final

from .errors import DamagedError

PLAIN: Final = b"j"
DEFLATED: Final = b"z"
_SMALL: Final = 200
"""Bytes below which compression gains nothing."""
RESTORE: Final = "Restore a backup: signalengine restore FILE --replace. Or start anew: --fresh."


def packed(value: Any) -> bytes:
    """Return a value as stored bytes; the first says in which form."""
    text = json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()
    if len(text) > _SMALL:
        small = zlib.compress(text, 1)
        if len(small) < len(text):
            return DEFLATED + small
    return PLAIN + text


def unpacked(body: bytes) -> Any:
    """Return the value of stored bytes."""
    rest = body[1:]
    return json.loads(zlib.decompress(rest) if body[:1] == DEFLATED else rest)


def checksum(body: bytes, *key: object) -> int:
    """Return the CRC-32 of a body and of the key under which it is stored."""
    return zlib.crc32(repr(key).encode(), zlib.crc32(body))


def checked(body: bytes, stored: int, *key: object) -> Any:
    """Return the value of a stored body; raises DamagedError if it is another than was stored."""
    if checksum(body, *key) != stored:
        raise DamagedError(f"the stored data is damaged at {key}", RESTORE)
    return unpacked(body)
