"""The byte form of a symbol's state: exact, versioned, small (about 2 KB).

Version byte, then zlib over: the scalars as float64, then the windows. A window of decimal numbers
(what an exchange sends) is written as integers of its common power of ten, differences between
neighbours, bytes regrouped by significance, which compresses well; a window that is not exactly
decimal is written as plain float64. Reading gives back the very same floats.
"""

import struct
import zlib
from collections.abc import Sequence
from math import nan

from .errors import StateVersionError
from .layout import (
    BLOCKS,
    CLOSE,
    HIGH,
    LOW,
    MINUTES,
    OI,
    SIZE,
    SWING_HIGH,
    SWINGS,
    VOLUME,
    WINDOW,
)

VERSION = 1
_MISSING = -(2**31)
_LIMIT = 2**31 - 1
_POWERS = tuple(10.0**k for k in range(13))  # exact: the powers of ten up to 1e22 are


def _groups() -> tuple[tuple[range, ...], ...]:
    """Ranges of slots that share a scale: prices of a block, volumes of a block, open interest."""
    groups: list[tuple[range, ...]] = [(range(OI, OI + MINUTES),)]
    for b in BLOCKS:
        prices = tuple(range(b + w, b + w + WINDOW) for w in (CLOSE, HIGH, LOW))
        groups.append((*prices, range(b + SWING_HIGH, b + SWING_HIGH + 2 * SWINGS)))
        groups.append((range(b + VOLUME, b + VOLUME + WINDOW),))
    return tuple(groups)


GROUPS = _groups()
_GROUPED = {i for group in GROUPS for span in group for i in span}
SCALARS = tuple(i for i in range(SIZE) if i not in _GROUPED)


def pack(s: Sequence[float]) -> bytes:
    """Return the bytes of a state buffer."""
    parts = [struct.pack(f"<{len(SCALARS)}d", *(s[i] for i in SCALARS))]
    parts += [_pack_group([[s[i] for i in span] for span in group]) for group in GROUPS]
    return bytes([VERSION]) + zlib.compress(b"".join(parts), 6)


def unpack(data: bytes) -> list[float]:
    """Return the buffer that was packed; raises StateVersionError for another layout."""
    if not data or data[0] != VERSION:
        found = data[0] if data else "nothing"
        raise StateVersionError(f"state bytes of version {found}, this code reads {VERSION}")
    raw = zlib.decompress(data[1:])
    s = [nan] * SIZE
    at = 8 * len(SCALARS)
    for i, value in zip(SCALARS, struct.unpack_from(f"<{len(SCALARS)}d", raw), strict=True):
        s[i] = value
    for group in GROUPS:
        slots = [i for span in group for i in span]
        values, at = _unpack_group(raw, at, [len(span) for span in group])
        for i, value in zip(slots, values, strict=True):
            s[i] = value
    return s


def _pack_group(spans: list[list[float]]) -> bytes:
    flat = [x for span in spans for x in span]
    scale = _scale(flat)
    if scale is None:
        return b"\xff" + struct.pack(f"<{len(flat)}d", *flat)
    deltas: list[int] = []
    for span in spans:
        deltas += _differences(span, _POWERS[scale])
    if any(not _MISSING < d <= _LIMIT for d in deltas if d != _MISSING):
        return b"\xff" + struct.pack(f"<{len(flat)}d", *flat)
    words = struct.pack(f"<{len(deltas)}i", *deltas)
    return bytes([scale]) + b"".join(words[k::4] for k in range(4))


def _differences(span: list[float], power: float) -> list[int]:
    out, before = [], 0
    for x in span:
        if x != x:
            out.append(_MISSING)
            continue
        number = round(x * power)
        delta = number - before
        out.append((delta << 1) ^ (delta >> 63))  # zigzag: small either way
        before = number
    return out


def _unpack_group(raw: bytes, at: int, lengths: list[int]) -> tuple[list[float], int]:
    count = sum(lengths)
    if raw[at] == 0xFF:
        values = list(struct.unpack_from(f"<{count}d", raw, at + 1))
        return values, at + 1 + 8 * count
    power = _POWERS[raw[at]]
    body = raw[at + 1 : at + 1 + 4 * count]
    words = bytearray(4 * count)
    for k in range(4):
        words[k::4] = body[k * count : (k + 1) * count]
    deltas = iter(struct.unpack(f"<{count}i", bytes(words)))
    values = []
    for length in lengths:
        before = 0
        for _ in range(length):
            word = next(deltas)
            if word == _MISSING:
                values.append(nan)
                continue
            before += (word >> 1) ^ -(word & 1)
            values.append(before / power)
    return values, at + 1 + 4 * count


def _scale(values: list[float]) -> int | None:
    """Return the fewest decimals that write every value exactly; None when there is none."""
    scale = 0
    for x in values:
        if x != x:
            continue
        while True:
            number = x * _POWERS[scale]
            if abs(number) > 1e15:
                return None
            if round(number) / _POWERS[scale] == x and (x != 0.0 or str(x) == "0.0"):
                break
            scale += 1
            if scale == len(_POWERS):
                return None
    return scale
