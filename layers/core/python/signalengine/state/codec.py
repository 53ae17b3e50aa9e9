"""The byte form of a symbol's state: exact, small (1.5 to 1.9 KB), and it names its slots.

Version 2 is a version byte, the length of a table in two bytes, the table, and a body. The table
(`slot_table`) names every slot in the order of the body; deflated with a dictionary of names it
takes some 20 bytes. The body is a deflate stream: a head a column, a nudge and a word a slot. A
column is a set of slots whose values are alike. Where they are decimals, as an exchange sends them,
its head is the fewest decimals that write them all, a word is that whole number, and a nudge the
few units in the last place by which a sum of decimals misses it. Otherwise the head is 255 and the
words are the bits of the floats. Words are small differences where neighbours are near, and go by
significance, all highest bytes first. Reading gives back the very same floats.

Bytes of another layout are read by their own table: slots that this code does not have are
skipped, and those that the bytes lack begin anew (`Plan.complete`). Version 1 had no table.
"""

import struct
import zlib
from collections.abc import Sequence
from functools import cache, lru_cache
from itertools import accumulate
from math import copysign, nan, ulp
from typing import Final, TypeAlias

from ..errors import StateVersionError
from ..layout import SIZE, fresh_buffer
from .slot_table import CURRENT, DICTIONARY, FIRST, Column, Plan, chained, plan_of

VERSION: Final = 2
_BITS = 255  # head of a column that is not decimal
_UNKNOWN = -128  # nudge of a NaN
_MAX_NUDGE = 100
_POWERS = tuple(float(10**k) for k in range(13))
_HALF, _FULL = 1 << 63, 1 << 64
_MOST_BYTES = 1 << 16

Numbers: TypeAlias = Sequence[int]


def pack(s: Sequence[float]) -> bytes:
    """Return the bytes of a state buffer."""
    return _PREFIX + body(s, _PLAN)


def body(s: Sequence[float], plan: Plan) -> bytes:
    """Return the numbers of a buffer in the order of a plan, deflated."""
    heads = bytearray()
    words: list[int] = []
    nudges: list[int] = []
    for column in plan.columns:
        values = [s[i] for i in column.places]
        found = _decimals(values) if column.decimal else None
        if found is None:
            heads.append(_BITS)
            words += _wrapped(column, _bits(values))
            nudges += [0] * len(values)
        else:
            heads.append(found[0])
            words += column.forward(found[1], column.window)
            nudges += found[2]
    near = plan.near
    signs = bytes(heads) + struct.pack(f"{near}b", *nudges[:near])
    deflate = zlib.compressobj(6, wbits=-15, strategy=zlib.Z_RLE)  # less, and sooner
    parts = (signs, _planes(words[:near]), _planes(words[near:]))
    return deflate.compress(b"".join(parts)) + deflate.flush()


def unpack(data: bytes) -> list[float]:
    """Return the buffer that was packed, in this code's layout.

    Raises StateVersionError for damaged bytes and for a version that is not known.
    """
    version = data[0] if data else 0
    if version == 1:
        plan, start = _first_plan(), 1
    elif version == VERSION:
        start = 3 + int.from_bytes(data[1:3], "little")
        plan = _plan_of_bytes(data[3:start])
    else:
        found = str(version) if data else "nothing"
        raise StateVersionError(f"state bytes of version {found}, this code reads 1 to {VERSION}")
    raw = _inflated(data[start:], b"")
    heads = raw[: len(plan.columns)]
    if len(raw) != plan.length or any(h >= len(_POWERS) and h != _BITS for h in heads):
        raise StateVersionError(f"state bytes are damaged: {len(raw)} for {plan.length}")
    near = plan.near
    at = len(heads) + near
    nudges = (*struct.unpack(f"{near}b", raw[len(heads) : at]), *[0] * (plan.count - near))
    words = _from_planes(raw[at : at + 8 * near]) + _from_planes(raw[at + 8 * near :])
    return _buffer(plan, heads, words, nudges)


@cache
def _first_plan() -> Plan:
    """Return the plan of version 1, which only bytes of long ago need."""
    return plan_of(FIRST)


@lru_cache(maxsize=16)
def _plan_of_bytes(table: bytes) -> Plan:
    text = _inflated(table, _DICTIONARY)
    try:
        return plan_of(text.decode())
    except ValueError as error:
        raise StateVersionError(f"state bytes have a damaged table: {error}") from error


def _inflated(data: bytes, dictionary: bytes) -> bytes:
    inflate = zlib.decompressobj(wbits=-15, zdict=dictionary)
    try:
        raw = inflate.decompress(data, _MOST_BYTES)
    except zlib.error as error:
        raise StateVersionError(f"state bytes are damaged: {error}") from error
    if not inflate.eof:
        raise StateVersionError("state bytes are damaged: they end too soon")
    return raw


def prefix(table: str) -> bytes:
    """Return what stands before every body: version, length of the table, table."""
    deflate = zlib.compressobj(9, wbits=-15, zdict=_DICTIONARY)
    packed = deflate.compress(table.encode()) + deflate.flush()
    return bytes([VERSION]) + len(packed).to_bytes(2, "little") + packed


_DICTIONARY: Final = DICTIONARY.encode()
_PLAN: Final = plan_of(CURRENT)
_PREFIX: Final = prefix(CURRENT)


def _buffer(plan: Plan, heads: bytes, words: Numbers, nudges: Numbers) -> list[float]:
    s = [*fresh_buffer(), nan]  # the last takes what this code has no slot for
    at = 0
    for head, column in zip(heads, plan.columns, strict=True):
        end = at + len(column.places)
        values = _values(column, head, words[at:end], nudges[at:end])
        for place, value in zip(column.places, values, strict=True):
            s[place] = value
        at = end
    del s[SIZE:]
    plan.complete(s)
    return s


def _planes(words: Numbers) -> bytes:
    """Signed words as bytes: zigzag, so that small is small, then all highest bytes first."""
    raw = struct.pack(f"<{len(words)}Q", *[(word << 1) ^ (word >> 63) for word in words])
    return b"".join(raw[k::8] for k in range(7, -1, -1))


def _from_planes(planes: bytes) -> list[int]:
    count = len(planes) // 8
    raw = bytearray(len(planes))
    for k in range(8):
        raw[7 - k :: 8] = planes[k * count : (k + 1) * count]
    return [(word >> 1) ^ -(word & 1) for word in struct.unpack(f"<{count}Q", raw)]


def _wrapped(column: Column, bits: Numbers) -> list[int]:
    """The words of a column of bits: differences wrap around in 64 bits."""
    if not column.chained:
        return list(bits)
    return [(word + _HALF) % _FULL - _HALF for word in chained(bits)]


def _values(column: Column, head: int, words: Numbers, nudges: Numbers) -> Sequence[float]:
    if head == _BITS:
        numbers = accumulate(words) if column.chained else words
        bits = [(number + _HALF) % _FULL - _HALF for number in numbers]
        return struct.unpack(f"<{len(bits)}d", struct.pack(f"<{len(bits)}q", *bits))
    power = _POWERS[head]
    return [
        number / power if nudge == 0 else _nudged(number / power, nudge)
        for number, nudge in zip(column.back(words, column.window), nudges, strict=True)
    ]


def _nudged(value: float, nudge: int) -> float:
    return nan if nudge == _UNKNOWN else value + nudge * ulp(value)


def _bits(values: Sequence[float]) -> tuple[int, ...]:
    return struct.unpack(f"<{len(values)}q", struct.pack(f"<{len(values)}d", *values))


def _decimals(values: Sequence[float]) -> tuple[int, list[int], list[int]] | None:
    """Return (decimals, whole numbers, nudges); None where values are not (near) decimals."""
    for scale in range(len(_POWERS)):
        found = _at_scale(values, _POWERS[scale])
        if found is not None:
            return scale, *found
    return None


def _at_scale(values: Sequence[float], power: float) -> tuple[list[int], list[int]] | None:
    numbers: list[int] = []
    nudges: list[int] = []
    number = 0
    for x in values:
        nudge = _UNKNOWN
        if x == x:
            scaled = x * power
            if not -1e15 < scaled < 1e15:
                return None
            number = round(scaled)
            y = number / power
            nudge = 0
            if y != x or number == 0:
                nudge = _nudge(x, y)
                if not -_MAX_NUDGE < nudge < _MAX_NUDGE:
                    return None
        numbers.append(number)
        nudges.append(nudge)
    return numbers, nudges


def _nudge(x: float, y: float) -> int:
    """Units in the last place from y to x, too many when they do not lead there."""
    if x == y and copysign(1.0, x) > 0.0:
        return 0
    unit = ulp(y)
    count = (x - y) / unit
    if y == 0.0 or not -_MAX_NUDGE < count < _MAX_NUDGE or y + int(count) * unit != x:
        return _MAX_NUDGE
    return int(count)
