"""Feature snapshots of one symbol's closes, compiled: the core's fold and snapshot, nothing else.

The loop feeds the core as `research.backtest.kernel` does, so a snapshot at a close equals the one
that scoring read there, bit for bit.
"""

from collections.abc import Sequence
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt
from signalengine.events import MAX_EVENTS, ROW
from signalengine.intervals import CLASSIC_INTERVALS, INTERVAL_MS, INTERVALS, numbers_of
from signalengine.layout import BLOCK, BLOCKS, LAST_OPEN, MINUTE_BLOCK, fresh_buffer
from signalengine.policy import Policy
from signalengine.snapshot import CONTEXT, NAMES, SIZE
from signalengine.volume_profile import BINS

from research.backtest.feed import Feed
from research.backtest.kernel import Columns, fold_longer, quote_of
from research.backtest.kernel import kernel as backtest
from research.compiled import cached, core
from research.data.series import Floats

MINUTE: Final = 60_000.0
_OF_MINUTES: Final = ("liq_long_usd", "liq_short_usd")
"""Features of an interval that are folded of minutes."""
Ints: TypeAlias = npt.NDArray[np.int64]

_events, _flows = core()["events"], core()["flows"]
fold_bar, snapshot = _events.fold_bar, core()["snapshot"].snapshot
fold_minute, set_latest = _flows.fold_minute, _flows.set_latest
fold_flow, close_flow = _flows.fold_flow, _flows.close_flow
detect_flows, remember_event = _flows.detect_flows, _flows.remember_event

_BLOCKS = np.array(BLOCKS)
_NUMBERS = np.arange(len(BLOCKS))
"""Numbers of the intervals. With literals numba would compile the fold once for each."""
_LONGEST = len(BLOCKS) - 1


def known_of(interval: str, intervals: Sequence[str] = CLASSIC_INTERVALS) -> frozenset[str]:
    """Return the columns that bars of an interval give: of that interval, and of longer ones."""
    if interval == CLASSIC_INTERVALS[0]:
        return frozenset(columns_of(intervals))
    longer = [each for each in intervals if INTERVAL_MS[each] >= INTERVAL_MS[interval]]
    of_quarters = ("atr_15m_ema", "oi_change_15m", "room_long", "room_short")
    return frozenset((
        "1m_close", "funding_rate", "mark_price",
        *(of_quarters if "15m" in longer else ()),
        *(f"{each}_{name}" for each in longer for name in NAMES if name not in _OF_MINUTES),
    ))  # fmt: skip


def columns_of(intervals: Sequence[str]) -> tuple[str, ...]:
    """Return the columns of a frame with these intervals, before the short names."""
    return (*(f"{interval}_{name}" for interval in intervals for name in NAMES), *CONTEXT)


def unknown_of(interval: str) -> list[int]:
    """Return the places in a flat snapshot that bars of an interval do not give."""
    known = known_of(interval, INTERVALS)
    return [place for place, name in enumerate(columns_of(INTERVALS)) if name not in known]


def snapshots(
    feed: Feed,
    policy: Policy,
    minutes: Ints | None = None,
    intervals: Sequence[str] = CLASSIC_INTERVALS,
) -> Floats:
    """Return the snapshots at the closes of `minutes` (row numbers of `feed.bars`; all by default).

    Shape (m, SIZE), in the order of the bars; NaN is unknown, as all of other intervals.
    `minutes` must ascend, and "1m" be among the intervals.
    """
    wanted = np.arange(len(feed)) if minutes is None else np.asarray(minutes, dtype=np.int64)
    p, s = np.array(policy.numbers), np.array(fresh_buffer())
    for number in reversed(range(len(feed.warm))):
        backtest().warm(s, number, feed.warm[number], p)
    rows = np.full((len(wanted), SIZE), np.nan)
    numbers = np.array(numbers_of(intervals))
    _run(s, feed.columns, feed.known, feed.longer, p, numbers, wanted, rows)
    return rows


@cached
def _run(
    s: Floats,
    columns: Columns,
    beside: Columns,
    longer: tuple[Floats, ...],
    p: Floats,
    intervals: Ints,
    wanted: Ints,
    rows: Floats,
) -> None:
    """Fold all bars; write the snapshot after each of the `wanted` to its row."""
    ev = np.zeros(1 + ROW * MAX_EVENTS)
    bins = np.zeros(BINS)
    ends = np.zeros(_LONGEST + 1, np.int64)
    made = 0
    times, opens, highs, lows, closes, volumes, quotes = columns
    contracts, rates, marks, longs, shorts, every = beside
    r = s[MINUTE_BLOCK : MINUTE_BLOCK + BLOCK]
    for i in range(times.shape[0]):
        t, close, volume, quote = times[i], closes[i], volumes[i], quotes[i]
        if made == wanted.shape[0]:
            return
        if t > r[LAST_OPEN]:
            at = i if contracts.shape[0] > 1 else 0
            oi, long, short = contracts[at], longs[at], shorts[at]
            ev[0] = 0.0
            fold_minute(s, t // MINUTE, oi, long, short, quote_of(close, volume, quote))
            set_latest(s, rates[at], marks[at])
            fold_flow(s, long, short)
            for k in range(_LONGEST, 0, -1):
                ends[k] = fold_longer(s, _NUMBERS[k], longer[k - 1], ends[k], t, oi, p, ev)
            fold_bar(
                r, _NUMBERS[0], MINUTE, t, opens[i], highs[i], lows[i], close, volume, quote, p, ev
            )
            close_flow(s, _BLOCKS[0], oi)
            detect_flows(s, every[at], p, ev)
            for e in range(int(ev[0])):
                remember_event(s, ev[1 + e * ROW + 2], ev[1 + e * ROW + 3])
        if i == wanted[made]:
            snapshot(s, rows[made], bins, intervals)
            made += 1
