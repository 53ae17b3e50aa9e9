"""The fold compiled: the very functions of `ours_fold`, under numba, as research runs it."""

from collections.abc import Callable
from types import FunctionType
from typing import Any

import numpy as np
from signalengine.events import MAX_EVENTS, ROW
from signalengine.layout import BLOCK
from signalengine.policy import default_policy

from research.compiled import cached, core, inlined, uncounted
from research.data.series import Floats

from . import ours_fold
from .market import MINUTE, Bars
from .ours_fold import B, as_buffer, checked

_INDICATORS = vars(core()["indicators"])
_SUBSET = ours_fold.fold_subset
fold_subset = inlined(FunctionType(_SUBSET.__code__, {**_SUBSET.__globals__, **_INDICATORS}))
fold_bar = core()["events"].fold_bar
_MINUTES = np.array([0])
"""The interval's number. A literal would be a type of its own to numba, and all be compiled for it.
"""


@uncounted
def subset_bar(
    s: Floats, open_time: float, high: float, low: float, close: float, volume: float, paid: float
) -> Any:
    return fold_subset(s[B : B + BLOCK], open_time, high, low, close, volume, paid)


@uncounted
def subset_bars(s: Floats, bars: Floats, out: Floats) -> None:
    block = s[B : B + BLOCK]
    for i in range(bars.shape[0]):
        t, _, high, low, close, volume, paid = bars[i]
        found = fold_subset(block, t, high, low, close, volume, paid)
        out[i, 0], out[i, 1], out[i, 2] = found


@cached
def whole_bars(s: Floats, bars: Floats, p: Floats, ev: Floats) -> None:
    block = s[B : B + BLOCK]
    for i in range(bars.shape[0]):
        t, o, high, low, close, volume, paid = bars[i]
        ev[0] = 0.0
        fold_bar(block, _MINUTES[0], MINUTE, t, o, high, low, close, volume, paid, p, ev)


class SubsetCalled:
    """Called from Python once a bar, as a peer's indicators are."""

    def __init__(self, bars: Bars) -> None:
        self.bars = bars
        self.rows = bars.tolist()

    def check(self) -> dict[str, float]:
        return checked(self.bars, lambda bars: self.fold(bars.tolist()))

    def run(self) -> int:
        self.fold(self.rows)
        return len(self.rows)

    def fold(self, rows: list[list[float]]) -> Any:
        s = as_buffer()
        for open_time, _, high, low, close, volume, paid in rows:
            subset_bar(s, open_time, high, low, close, volume, paid)
        return s


class _Looped:
    """A compiled loop over the bars, as research reads them."""

    fold: Callable[[Bars], Any]

    def __init__(self, bars: Bars) -> None:
        self.bars = bars

    def check(self) -> dict[str, float]:
        return checked(self.bars, self.fold)

    def run(self) -> int:
        self.fold(self.bars)
        return len(self.bars)


class SubsetLooped(_Looped):
    """The same in a compiled loop."""

    def __init__(self, bars: Bars) -> None:
        super().__init__(bars)
        self.out = np.empty((len(bars), 3))

    def fold(self, bars: Bars) -> Any:
        s = as_buffer()
        subset_bars(s, bars, self.out)
        return s


class WholeBarLooped(_Looped):
    """Every feature and event of one interval's bars in a compiled loop."""

    def __init__(self, bars: Bars) -> None:
        super().__init__(bars)
        self.p = np.array(default_policy().numbers)
        self.ev = np.zeros(1 + ROW * MAX_EVENTS)

    def fold(self, bars: Bars) -> Any:
        s = as_buffer()
        whole_bars(s, bars, self.p, self.ev)
        return s
