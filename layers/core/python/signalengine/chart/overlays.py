"""The fold's indicators of one interval at each bar of a chart.

They are those of the live fold, to the last bit: they begin with a state that it has stored, and
the same functions fold the bars that were stored after it. What no stored state leads to is not
known: a chart has nothing there, rather than a number that nearly is the one decided by.
"""

from collections.abc import Iterable, Mapping, Sequence
from math import isfinite, nan
from typing import Final, NamedTuple

from ..events import MAX_EVENTS, ROW
from ..facts.stream import Bar
from ..fold import fold_one
from ..indicators import LAST_OPEN, POC
from ..intervals import INTERVAL_MS, INTERVALS
from ..layout import BLOCKS
from ..policy import Policy
from ..snapshot import NAMES, WIDTH, interval_features
from ..volume_profile import BINS, volume_profile

GROUPS: Final[Mapping[str, tuple[str, ...]]] = {
    "ema": ("ema_9", "ema_21", "ema_50"),
    "vwap": ("vwap",),
    "bands": ("bb_mid", "bb_upper", "bb_lower"),
    "profile": ("poc", "vah", "val"),
    "swings": ("swing_high", "swing_low"),
}
"""Features of an interval that are price levels, by the name under which they are chosen."""

Column = list[float | None]


class Anchor(NamedTuple):
    """A state that the live fold had, and when."""

    close_time: int
    """Close (ms) of its newest 1m bar."""
    buffer: Sequence[float]
    """By `layout`."""


def reached(anchor: Anchor, interval: str) -> int:
    """Return the opening time (ms) of the newest bar of an interval in a state; −1 for none."""
    return int(anchor.buffer[_block(interval) + LAST_OPEN])


def overlays(
    bars: Iterable[Bar], anchors: Iterable[Anchor], groups: Iterable[str], policy: Policy
) -> dict[str, Column]:
    """Return the features of `groups` at each of these bars of one interval, in order of time.

    `anchors` are in order of time, too: each bar is folded into the newest that has not passed it.
    After a hole in the bars nothing is known until the next one: the live fold may have had bars
    that were never stored.
    """
    names = [name for group in groups for name in GROUPS[group]]
    columns: dict[str, Column] = {name: [] for name in names}
    fold = _Fold(list(anchors), policy)
    for bar in bars:
        known = fold.reach(bar)
        values = fold.values(bar.interval, profile="poc" in columns) if known else None
        for name, column in columns.items():
            column.append(None if values is None else values[name])
    return columns


class _Fold:
    """One interval's block, after each bar."""

    def __init__(self, anchors: list[Anchor], policy: Policy) -> None:
        self._anchors = anchors
        self._next = 0
        self._s: list[float] | None = None
        self._numbers = policy.numbers
        self._ev = [0.0] * (1 + ROW * MAX_EVENTS)
        self._f, self._bins = [nan] * WIDTH, [0.0] * BINS

    def reach(self, bar: Bar) -> bool:
        """Bring the block to a bar's close; False when it is not known there."""
        while self._next < len(self._anchors):
            anchor = self._anchors[self._next]
            if reached(anchor, bar.interval) > bar.open_time:
                break
            self._s, self._next = list(anchor.buffer), self._next + 1
        if self._s is None:
            return False
        last = self._s[_block(bar.interval) + LAST_OPEN]
        if last < bar.open_time - INTERVAL_MS[bar.interval]:
            self._s = None
        elif last < bar.open_time:
            self._ev[0] = 0.0
            fold_one(self._s, bar, self._numbers, self._ev)
        return self._s is not None

    def values(self, interval: str, *, profile: bool) -> dict[str, float | None]:
        """Return the block's features by name; the volume profile, which takes longest, if asked.

        Raises TypeError unless `reach` was True.
        """
        s, b = self._s, _block(interval)
        if s is None:
            raise TypeError("the block is not known")
        interval_features(s, b, self._f, 0)
        if profile:
            volume_profile(s, b, self._bins, self._f, POC)
        return {name: x if isfinite(x) else None for name, x in zip(NAMES, self._f, strict=True)}


def _block(interval: str) -> int:
    return BLOCKS[INTERVALS.index(interval)]
