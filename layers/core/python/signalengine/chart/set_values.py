"""The values that a parameter set names, at each close at which its strategy looks.

As for the overlays: a stored buffer of the live fold, and the set's own functions over the bars
that were stored after it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ..facts.stream import Bar
from ..intervals import INTERVAL_MS, INTERVALS
from ..strategy.buffer import LAST_OPEN
from ..strategy.running import named_values
from ..strategy.set_states import Buffer, caught_up, wanted

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from ..strategy.sets import StrategySet


class SetAnchor(NamedTuple):
    """A buffer that the live fold had, and when."""

    close_time: int
    """Close (ms) of the symbol's newest 1m bar."""
    buffer: Buffer


class ValuesAt(NamedTuple):
    """A set's values at a close (ms); None: unknown."""

    close_time: int
    values: Mapping[str, float | None]


def set_values(
    one: StrategySet, bars: Iterable[Bar], anchors: Sequence[SetAnchor]
) -> list[ValuesAt]:
    """Return the values at each close of `every` among bars of the intervals that a set reads.

    `anchors` are in order of time. After a hole in the bars of an interval nothing is known until
    the next one.
    """
    ends: dict[int, list[Bar]] = {}
    for bar in bars:
        if bar.interval in wanted(one):
            ends.setdefault(bar.open_time + INTERVAL_MS[bar.interval], []).append(bar)
    found: list[ValuesAt] = []
    s: Buffer | None = None
    place = 0
    for end in sorted(ends):
        while place < len(anchors) and anchors[place].close_time <= end:
            s, place = anchors[place].buffer, place + 1
            found += _at_last(one, s, found)
        s = None if s is None or _hole(s, ends[end]) else caught_up(one, s, ends[end])
        every = any(bar.interval == one.loaded.strategy.every for bar in ends[end])
        if every and s is not None and not (found and found[-1].close_time >= end):
            found.append(ValuesAt(end, named_values(one.loaded.strategy, s)))
    if s is None and place < len(anchors):
        found += _at_last(one, anchors[-1].buffer, found)  # no bar has come since
    return found


def _at_last(one: StrategySet, s: Buffer, found: Sequence[ValuesAt]) -> list[ValuesAt]:
    """Return a buffer's values at its last close of `every`, where no other bars change them."""
    every = one.loaded.strategy.every
    last = s[LAST_OPEN + INTERVALS.index(every)]
    if one.loaded.intervals != (every,) or last < 0.0:
        return []
    close = int(last) + INTERVAL_MS[every]
    if found and found[-1].close_time >= close:
        return []
    return [ValuesAt(close, named_values(one.loaded.strategy, s))]


def _hole(s: Buffer, bars: Iterable[Bar]) -> bool:
    """Return whether a bar does not follow the last of its interval."""
    for bar in bars:
        last = s[LAST_OPEN + INTERVALS.index(bar.interval)]
        if last >= 0.0 and last < bar.open_time - INTERVAL_MS[bar.interval]:
            return True
    return False
