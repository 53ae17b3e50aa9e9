"""The table of a state's slots: which there are, in which order they are stored, and how.

A table is text. Its first line names the intervals. Each further line is a kind of column and its
slots, `name` or `name*length`; slots in parentheses are there once for each interval. A kind with
`@` stands for one column for each interval.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import Final, TypeAlias

from ..blocks import BLOCK
from ..indicators import COUNT, SLOTS
from ..intervals import INTERVALS
from ..layout import SIZE, STATE, SYMBOL, fresh_buffer
from ..slots import Alike, Slot

Numbers: TypeAlias = Sequence[int]

FIRST: Final = """\
1m 5m 15m 1h
candles@ (high*24 low*24 close*24 swing_high*4 swing_low*4)
plain@ (volume*24)
chain oi*16 (oi_last)
plain liq_long*5 liq_short*5 (flow_long flow_short flow_long_sum flow_short_sum)
plain quote_volume*5
plain (last_open count clean session session_bars vwap_run squeeze squeeze_ago high_open low_open \
last_break) revision last_minute oi_on liq_on funding_on 1m.spike_on gap_s
plain mark
plain funding
bits_chain (ema9 ema20 ema21 ema21_late ema50 band_mean)
bits event_long*15 event_short*15 (gain) (loss) (atr) (atr_ema) (vwap_pv) (vwap_v) (band_m2) \
(volume_mean) (volume_var) (volume_z) (oi_delta)
"""
"""The table of version 1. Never changed: it reads stored bytes."""
DICTIONARY: Final = (
    "last_break ema_from wilder_from volume_from spike_on) revision last_minute oi_on liq_on "
    "funding_on gap_s\n" + FIRST
)
"""What tables are deflated with. Never changed: a later slot's name costs its letters."""


# --- differences: each pair undoes the other ------------------------------------------------------


def chained(numbers: Numbers) -> list[int]:
    """Return each number as the difference from the one before it."""
    return [*numbers[:1], *(after - before for before, after in pairwise(numbers))]


def _same(numbers: Numbers, window: int) -> list[int]:  # noqa: ARG001 - one signature for all
    return list(numbers)


def _chain(numbers: Numbers, window: int) -> list[int]:  # noqa: ARG001 - one signature for all
    return chained(numbers)


def _unchain(words: Numbers, window: int) -> list[int]:  # noqa: ARG001 - one signature for all
    return list(accumulate(words))


def _candles(numbers: Numbers, window: int) -> list[int]:
    """Highs, lows, closes and swings as closes in a chain, wicks past them, and swings in a chain.

    A wick is measured from the body between two closes: bars open where the last one closed.
    """
    highs, lows = numbers[:window], numbers[window : 2 * window]
    closes, swings = numbers[2 * window : 3 * window], numbers[3 * window :]
    tops, bottoms = _bodies(closes)
    over = [high - top for high, top in zip(highs, tops, strict=True)]
    under = [bottom - low for low, bottom in zip(lows, bottoms, strict=True)]
    return [*over, *under, *chained([*closes, *swings])]


def _uncandles(words: Numbers, window: int) -> list[int]:
    levels = list(accumulate(words[2 * window :]))
    tops, bottoms = _bodies(levels[:window])
    highs = [top + over for over, top in zip(words[:window], tops, strict=True)]
    lows = [bottom - under for under, bottom in zip(words[window:], bottoms, strict=False)]
    return [*highs, *lows, *levels]


def _bodies(closes: Numbers) -> tuple[list[int], list[int]]:
    before = [*closes[:1], *closes[:-1]]
    return list(map(max, before, closes)), list(map(min, before, closes))


# --- columns --------------------------------------------------------------------------------------

Difference: TypeAlias = Callable[[Numbers, int], list[int]]
_KINDS: Final[Mapping[str, tuple[Difference, Difference, bool]]] = {
    "candles": (_candles, _uncandles, True),
    "plain": (_same, _same, True),
    "chain": (_chain, _unchain, True),
    "bits_chain": (_chain, _unchain, False),
    "bits": (_same, _same, False),
}
"""Words from whole numbers, the inverse, and whether the numbers should be decimals."""


@dataclass(frozen=True, slots=True)
class Column:
    """Stored numbers with values alike, and how their whole numbers become small."""

    places: tuple[int, ...]
    """Of each number in the buffer; SIZE where this code has no such slot."""
    forward: Difference
    back: Difference
    decimal: bool
    chained: bool
    """Whether numbers stored as bits are differences."""
    window: int
    """Length of the column's first slot: bars of a window."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How bytes with a certain table are read into a buffer of this code's layout."""

    columns: tuple[Column, ...]
    near: int
    """Numbers of the columns that should be decimal, which come first."""
    count: int
    missing: tuple[Slot, ...]
    """Slots of this code that the table lacks."""

    @property
    def length(self) -> int:
        """Bytes of a body."""
        return len(self.columns) + self.near + 8 * self.count

    def complete(self, s: list[float]) -> None:
        """Set the slots that were missing: each indicator that lacks one begins with the next bar.

        Its other slots are made fresh too. An interval without its bars or their count begins anew
        as a whole.
        """
        for slot in self.missing:
            s[slot.at : slot.at + slot.count] = [slot.lost] * slot.count
        begins = {(_block(slot), slot.since) for slot in self.missing if slot.since is not None}
        for block, since in begins:
            for slot in SLOTS.defined:
                if slot.since == since:
                    at = block + slot.at
                    s[at : at + slot.count] = [slot.fresh] * slot.count
            s[block + since] = s[block + COUNT]
        for block in {_block(slot) for slot in self.missing if slot.vital}:
            s[block : block + BLOCK] = fresh_buffer()[block : block + BLOCK]


def _block(slot: Slot) -> int:
    return slot.at // BLOCK * BLOCK


def plan_of(table: str) -> Plan:
    """Return the plan of a table; raises ValueError for a text that is none."""
    known = {(slot.name, slot.count): slot for slot in STATE}
    columns, seen = [], set()
    for kind, names in _lines(table):
        if kind not in _KINDS or not names:
            raise ValueError(f"no kind of column: {kind!r}")
        forward, back, decimal = _KINDS[kind]
        places: list[int] = []
        for key in names:
            slot = known.get(key)
            seen.add(key)
            places += [SIZE] * key[1] if slot is None else range(slot.at, slot.at + slot.count)
        window = names[0][1]
        columns.append(Column(tuple(places), forward, back, decimal, forward is not _same, window))
    decimals = [column.decimal for column in columns]
    if sorted(decimals, reverse=True) != decimals:
        raise ValueError("a decimal column after one of bits")
    return Plan(
        columns=tuple(columns),
        near=sum(len(column.places) for column in columns if column.decimal),
        count=sum(len(column.places) for column in columns),
        missing=tuple(slot for key, slot in known.items() if key not in seen),
    )


def _lines(table: str) -> Iterator[tuple[str, list[tuple[str, int]]]]:
    """Yield each column's kind and its slots, as (full name, length)."""
    first, *lines = table.splitlines()
    intervals = first.split()
    for line in lines:
        kind, _, rest = line.partition(" ")
        if kind.endswith("@"):
            for interval in intervals:
                yield kind[:-1], list(_names(rest, [interval]))
        else:
            yield kind, list(_names(rest, intervals))


def _names(text: str, intervals: Sequence[str]) -> Iterator[tuple[str, int]]:
    for group, single in re.findall(r"\(([^)]*)\)|(\S+)", text):
        if single:
            yield _name(single)
        for interval in intervals if group else ():
            for token in group.split():
                name, count = _name(token)
                yield f"{interval}.{name}", count


def _name(token: str) -> tuple[str, int]:
    found = re.fullmatch(r"([\w.]+)(?:\*(\d{1,3}))?", token)
    if found is None:
        raise ValueError(f"no slot: {token!r}")
    return found[1], int(found[2] or 1)


# --- this code's table ----------------------------------------------------------------------------


def _table() -> str:
    """Return the table of this code's slots, put beside others by what they resemble."""
    lines = [
        " ".join(INTERVALS),
        f"candles@ {_each('candles')}",
        f"plain@ {_each('volume')}",
        f"chain {_own('contracts')} {_each('contracts')}",
        f"plain {_own('usd')} {_each('usd')}",
        f"plain {_own('quote')}",
        f"plain {_each('whole')} {_own('whole')}",
        *(f"plain {name}" for name in _own("single").split()),
        f"bits_chain {_each('averages')}",
        f"bits {_own('bits')} {_each('bits').replace(' ', ') (')}",
    ]
    return "\n".join([*lines, ""])


def _own(alike: Alike) -> str:
    return " ".join(_tokens(SYMBOL.defined, alike))


def _each(alike: Alike) -> str:
    return f"({' '.join(_tokens(SLOTS.defined, alike))})"


def _tokens(slots: Sequence[Slot], alike: Alike) -> list[str]:
    """Return those slots in the order of the first table, new ones last: so it deflates well."""
    tokens = [
        slot.name if slot.count == 1 else f"{slot.name}*{slot.count}"
        for slot in slots
        if slot.alike == alike
    ]
    known = re.findall(r"[^\s()]+", FIRST)
    return sorted(tokens, key=lambda token: known.index(token) if token in known else len(known))


CURRENT: Final = _table()
