"""The byte form of a symbol's state: exact, versioned, small (1.5 to 1.9 KB).

A version byte, then a deflate stream of a constant number of bytes: a head a column, a nudge and a
word a slot. A column is a set of slots whose values are alike. Where they are decimals, as
an exchange sends them, its head is the fewest decimals that write them all, a word is that whole
number, and a nudge the few units in the last place by which a sum of decimals misses it. Where they
are not, the head says so and the words are the bits of the floats. Words are small differences
where neighbours are near, and go by significance, all highest bytes first. Reading gives back the
very same floats.
"""

import struct
import zlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from math import copysign, nan, ulp
from typing import TypeAlias

from .errors import StateVersionError
from .layout import (
    BAND_MEAN,
    BLOCK,
    BLOCKS,
    CLEAN,
    COUNT,
    EMA9,
    EMA20,
    EMA21,
    EMA21_LATE,
    EMA50,
    EVENT_LONG,
    FLOW_LONG,
    FLOW_LONG_SUM,
    FLOW_SHORT,
    FLOW_SHORT_SUM,
    FUNDING,
    FUNDING_ON,
    GAP_S,
    HIGH,
    HIGH_OPEN,
    LAST_BREAK,
    LAST_MINUTE,
    LAST_OPEN,
    LIQ_LONG,
    LIQ_ON,
    LOW_OPEN,
    MARK,
    MINUTES,
    OI,
    OI_LAST,
    OI_ON,
    QUOTE_VOLUME,
    REVISION,
    SESSION,
    SESSION_BARS,
    SIZE,
    SPIKE_ON,
    SQUEEZE,
    SQUEEZE_AGO,
    SWING_HIGH,
    VOLUME,
    VWAP_RUN,
    WINDOW,
)

VERSION = 1
_BITS = 255  # head of a column that is not decimal
_UNKNOWN = -128  # nudge of a NaN
_MAX_NUDGE = 100
_POWERS = tuple(float(10**k) for k in range(13))
_HALF, _FULL = 1 << 63, 1 << 64

Numbers: TypeAlias = Sequence[int]


# --- differences: each pair undoes the other ------------------------------------------------------


def _same(numbers: Numbers) -> list[int]:
    return list(numbers)


def _chain(numbers: Numbers) -> list[int]:
    """Each number as the difference from the one before it."""
    return [*numbers[:1], *(after - before for before, after in pairwise(numbers))]


def _unchain(words: Numbers) -> list[int]:
    return list(accumulate(words))


def _candles(numbers: Numbers) -> list[int]:
    """Highs, lows, closes and swings as closes in a chain, wicks past them, and swings in a chain.

    A wick is measured from the body between two closes: bars open where the last one closed.
    """
    highs, lows = numbers[:WINDOW], numbers[WINDOW : 2 * WINDOW]
    closes, swings = numbers[2 * WINDOW : 3 * WINDOW], numbers[3 * WINDOW :]
    tops, bottoms = _bodies(closes)
    over = [high - top for high, top in zip(highs, tops, strict=True)]
    under = [bottom - low for low, bottom in zip(lows, bottoms, strict=True)]
    return [*over, *under, *_chain([*closes, *swings])]


def _uncandles(words: Numbers) -> list[int]:
    levels = _unchain(words[2 * WINDOW :])
    tops, bottoms = _bodies(levels[:WINDOW])
    highs = [top + over for over, top in zip(words[:WINDOW], tops, strict=True)]
    lows = [bottom - under for under, bottom in zip(words[WINDOW:], bottoms, strict=False)]
    return [*highs, *lows, *levels]


def _bodies(closes: Numbers) -> tuple[list[int], list[int]]:
    before = [*closes[:1], *closes[:-1]]
    return list(map(max, before, closes)), list(map(min, before, closes))


# --- columns --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Column:
    """Slots with values alike, and how their whole numbers become small."""

    slots: tuple[int, ...]
    forward: Callable[[Numbers], list[int]] = _same
    back: Callable[[Numbers], list[int]] = _same
    decimal: bool = True


_WHOLE = (
    LAST_OPEN, COUNT, CLEAN, SESSION, SESSION_BARS, VWAP_RUN, SQUEEZE, SQUEEZE_AGO, HIGH_OPEN,
    LOW_OPEN, LAST_BREAK,
)  # fmt: skip
_FLAGS = (REVISION, LAST_MINUTE, OI_ON, LIQ_ON, FUNDING_ON, SPIKE_ON, GAP_S)
_LEVELS = (EMA9, EMA20, EMA21, EMA21_LATE, EMA50, BAND_MEAN)
_FLOWS = (FLOW_LONG, FLOW_SHORT, FLOW_LONG_SUM, FLOW_SHORT_SUM)


def _columns() -> tuple[Column, ...]:
    columns = [
        Column(
            (*range(b + HIGH, b + VOLUME), *range(b + SWING_HIGH, b + HIGH)), _candles, _uncandles
        )
        for b in BLOCKS
    ]
    columns += [Column(tuple(range(b + VOLUME, b + VOLUME + WINDOW))) for b in BLOCKS]
    contracts = (*range(OI, OI + MINUTES), *_each((OI_LAST,)))
    columns += [
        Column(contracts, _chain, _unchain),
        Column((*range(LIQ_LONG, QUOTE_VOLUME), *_each(_FLOWS))),
        Column(tuple(range(QUOTE_VOLUME, EVENT_LONG))),
        Column((*_each(_WHOLE), *_FLAGS)),
        Column((MARK,)),
        Column((FUNDING,)),
        Column(_each(_LEVELS), _chain, _unchain, decimal=False),
    ]
    used = {slot for column in columns for slot in column.slots}
    rest = [slot for slot in range(BLOCKS[0]) if slot not in used]
    rest += [b + k for k in range(BLOCK) for b in BLOCKS if b + k not in used]
    return (*columns, Column(tuple(rest), decimal=False))


def _each(offsets: Iterable[int]) -> tuple[int, ...]:
    return tuple(b + k for b in BLOCKS for k in offsets)


COLUMNS = _columns()
_NEAR = sum(len(column.slots) for column in COLUMNS if column.decimal)
"""Words of the columns that should be decimal, which come first."""
_LENGTH = len(COLUMNS) + _NEAR + 8 * SIZE


# --- bytes ----------------------------------------------------------------------------------------


def pack(s: Sequence[float]) -> bytes:
    """Return the bytes of a state buffer."""
    heads = bytearray()
    words: list[int] = []
    nudges: list[int] = []
    for column in COLUMNS:
        values = [s[i] for i in column.slots]
        found = _decimals(values) if column.decimal else None
        if found is None:
            heads.append(_BITS)
            words += _wrapped(column, _bits(values))
            nudges += [0] * len(values)
        else:
            heads.append(found[0])
            words += column.forward(found[1])
            nudges += found[2]
    body = bytes(heads) + struct.pack(f"{_NEAR}b", *nudges[:_NEAR])
    deflate = zlib.compressobj(6, wbits=-15)
    parts = (body, _planes(words[:_NEAR]), _planes(words[_NEAR:]))
    return bytes([VERSION]) + deflate.compress(b"".join(parts)) + deflate.flush()


def unpack(data: bytes) -> list[float]:
    """Return the buffer that was packed; raises StateVersionError for anything else."""
    if not data or data[0] != VERSION:
        found = data[0] if data else "nothing"
        raise StateVersionError(f"state bytes of version {found}, this code reads {VERSION}")
    try:
        body = zlib.decompress(data[1:], wbits=-15)
    except zlib.error as error:
        raise StateVersionError(f"state bytes are damaged: {error}") from error
    heads = body[: len(COLUMNS)]
    if len(body) != _LENGTH or any(h >= len(_POWERS) and h != _BITS for h in heads):
        raise StateVersionError(f"state bytes of another layout: {len(body)} for {_LENGTH}")
    at = len(heads) + _NEAR
    nudges = (*struct.unpack(f"{_NEAR}b", body[len(heads) : at]), *[0] * (SIZE - _NEAR))
    words = _from_planes(body[at : at + 8 * _NEAR]) + _from_planes(body[at + 8 * _NEAR :])
    return _buffer(heads, words, nudges)


def _buffer(heads: bytes, words: Numbers, nudges: Numbers) -> list[float]:
    s = [nan] * SIZE
    at = 0
    for head, column in zip(heads, COLUMNS, strict=True):
        end = at + len(column.slots)
        values = _values(column, head, words[at:end], nudges[at:end])
        for slot, value in zip(column.slots, values, strict=True):
            s[slot] = value
        at = end
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
    if column.forward is _same:
        return list(bits)
    return [(word + _HALF) % _FULL - _HALF for word in _chain(bits)]


def _values(column: Column, head: int, words: Numbers, nudges: Numbers) -> Sequence[float]:
    if head == _BITS:
        numbers = words if column.back is _same else _unchain(words)
        bits = [(number + _HALF) % _FULL - _HALF for number in numbers]
        return struct.unpack(f"<{len(bits)}d", struct.pack(f"<{len(bits)}q", *bits))
    power = _POWERS[head]
    return [
        number / power if nudge == 0 else _nudged(number / power, nudge)
        for number, nudge in zip(column.back(words), nudges, strict=True)
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
