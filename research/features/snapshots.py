"""Feature snapshots of one symbol's closes, compiled: the core's fold and snapshot, nothing else.

The loop feeds the core as `research.backtest.kernel` does, so a snapshot at a close is what scoring
read there, to the last bit.
"""

from functools import cache
from typing import Any, Final, TypeAlias

import numpy as np
import numpy.typing as npt
from numba import njit
from signalengine.detection import MAX_EVENTS, ROW
from signalengine.features import SIZE
from signalengine.fold import fresh_buffer
from signalengine.layout import BLOCKS, LAST_OPEN, MINUTE_BLOCK
from signalengine.policy import Policy
from signalengine.profile import BINS

from research.backtest.kernel import LENGTHS, MINUTE
from research.backtest.kernel import kernel as backtest
from research.backtest.run import Feed
from research.compiled import core

Floats: TypeAlias = npt.NDArray[np.float64]
WIDTH: Final = SIZE


def snapshots(feed: Feed, policy: Policy, minutes: npt.NDArray[np.int64] | None = None) -> Floats:
    """Return the snapshots at the closes of `minutes` (row numbers of `feed.bars`; all by default).

    Shape (m, SIZE), in the order of the bars; NaN is unknown. `minutes` must ascend.
    """
    wanted = np.arange(len(feed.bars)) if minutes is None else np.asarray(minutes, dtype=np.int64)
    p, s = np.array(policy.numbers), np.array(fresh_buffer())
    for number in (3, 2, 1, 0):
        backtest().warm(s, number, feed.warm[number], p)
    rows = np.full((len(wanted), SIZE), np.nan)
    _kernel()(s, feed.bars, feed.beside, *feed.longer, p, wanted, rows)
    return rows


@cache
def _kernel() -> Any:
    modules = core()
    detection, flows = modules["detection"], modules["flows"]
    fold_bar, snapshot = detection.fold_bar, modules["features"].snapshot
    fold_minute, set_latest = flows.fold_minute, flows.set_latest
    fold_flow, close_flow = flows.fold_flow, flows.close_flow
    detect_flows, remember_event = flows.detect_flows, flows.remember_event
    blocks = np.array(BLOCKS)
    numbers = np.arange(4)  # a literal would make numba compile the fold once for each interval

    @njit
    def fold_row(s, k, bar, oi, p, ev):  # type: ignore[no-untyped-def]  # compiled by numba
        b = blocks[k]
        if bar[0] <= s[b + LAST_OPEN]:
            return
        length = LENGTHS[k] * MINUTE
        fold_bar(s, b, k, length, bar[0], bar[1], bar[2], bar[3], bar[4], bar[5], bar[6], p, ev)
        close_flow(s, b, oi)

    @njit
    def fold_longer(s, k, bars, at, t, oi, p, ev):  # type: ignore[no-untyped-def]  # compiled by numba
        """Fold the bar of interval k that closes with the minute at `t`; returns the next index."""
        close = t + MINUTE - LENGTHS[k] * MINUTE
        while at < bars.shape[0] and bars[at, 0] < close:
            at += 1
        if at < bars.shape[0] and bars[at, 0] == close:
            fold_row(s, k, bars[at], oi, p, ev)
            at += 1
        return at

    @njit
    def run(s, bars, beside, five, quarter, hour, p, wanted, rows):  # type: ignore[no-untyped-def]  # compiled by numba
        ev = np.zeros(1 + ROW * MAX_EVENTS)
        bins = np.zeros(BINS)
        at5, at15, at60, made = 0, 0, 0, 0
        for i in range(bars.shape[0]):
            bar = bars[i]
            t = bar[0]
            if made == wanted.shape[0]:
                return
            if t > s[MINUTE_BLOCK + LAST_OPEN]:
                oi, funding, mark, long, short = beside[i]
                ev[0] = 0.0
                quote = bar[6] if bar[6] == bar[6] else bar[5] * bar[4]
                fold_minute(s, t // MINUTE, oi, long, short, quote)
                set_latest(s, funding, mark)
                fold_flow(s, long, short)
                at60 = fold_longer(s, numbers[3], hour, at60, t, oi, p, ev)
                at15 = fold_longer(s, numbers[2], quarter, at15, t, oi, p, ev)
                at5 = fold_longer(s, numbers[1], five, at5, t, oi, p, ev)
                fold_row(s, numbers[0], bar, oi, p, ev)
                detect_flows(s, p, ev)
                for e in range(int(ev[0])):
                    remember_event(s, ev[1 + e * ROW + 2], ev[1 + e * ROW + 3])
            if i == wanted[made]:
                snapshot(s, rows[made], bins)
                made += 1

    return run
