"""The whole engine over one symbol's minutes in one compiled loop.

The loop only feeds: every rule it applies (fold, events, score, ruling, levels, outcome) is the
core's own function. Longer bars are built here as the ingest task builds them: from all of their
1m bars, sums in order; a longer bar that lacks a minute is not built.
"""

from functools import cache
from typing import Any

import numpy as np
from numba import njit
from signalengine import rules as plain_rules
from signalengine.detection import MAX_EVENTS, ROW
from signalengine.features import SIZE as SNAPSHOT_SIZE
from signalengine.layout import BLOCKS, CLEAN, COUNT, LAST_OPEN, MINUTE_BLOCK, WINDOW
from signalengine.params import ATR_FEATURE, WARM_BARS

from research.compiled import core

MINUTE = 60_000.0
LENGTHS = np.array([1.0, 5.0, 15.0, 60.0])
"""Minutes of each interval."""
OUT = plain_rules.OUT_SIZE
SIGNAL_FIELDS = ("bar", "side", "score", "entry", "tp", "sl", "atr")
OUTCOME_FIELDS = ("outcome", "exit_bar", "exit_price", "ambiguous")
TP_HIT, SL_HIT, EXPIRED, OPEN = 1.0, 2.0, 3.0, 0.0


@cache
def kernel() -> tuple[Any, Any]:
    """Return (run, settle_all), compiled against the compiled core."""
    modules = core()
    detection, flows = modules["detection"], modules["flows"]
    features, rules = modules["features"], modules["rules"]
    fold_bar = detection.fold_bar
    fold_minute, set_latest = flows.fold_minute, flows.set_latest
    fold_flow, close_flow = flows.fold_flow, flows.close_flow
    detect_flows, remember_event = flows.detect_flows, flows.remember_event
    scored_features, judge, cool_down = features.scored_features, rules.judge, rules.cool_down
    take_profit, stop_loss = rules.take_profit, rules.stop_loss
    touched, stop_fill = rules.touched, rules.stop_fill
    blocks = np.array(BLOCKS)
    emitted, code, side_at = plain_rules.EMITTED, plain_rules.CODE, plain_rules.SIDE
    long_score, short_score = plain_rules.LONG_SCORE, plain_rules.SHORT_SCORE
    neither, both, tp_only = plain_rules.NEITHER, plain_rules.BOTH, plain_rules.TP

    @njit
    def grow(acc, k, open_time, o, h, lo, c, v, q):  # type: ignore[no-untyped-def]  # compiled by numba
        """Add a 1m bar to the forming bar of interval k; True when it is whole and closes."""
        length = LENGTHS[k] * MINUTE
        start = open_time // length * length
        if acc[k, 0] != start:
            acc[k, 0] = start
            acc[k, 1], acc[k, 2], acc[k, 3] = o, h, lo
            acc[k, 5] = acc[k, 6] = acc[k, 7] = 0.0
        if h > acc[k, 2]:
            acc[k, 2] = h
        if lo < acc[k, 3]:
            acc[k, 3] = lo
        acc[k, 4] = c
        acc[k, 5] += v
        acc[k, 6] += q
        acc[k, 7] += 1.0
        return acc[k, 7] == LENGTHS[k] and open_time + MINUTE == start + length

    @njit
    def fold_interval(s, k, open_time, o, h, lo, c, v, q, p, ev):  # type: ignore[no-untyped-def]  # compiled by numba
        b = blocks[k]
        if open_time > s[b + LAST_OPEN]:
            fold_bar(s, b, k, LENGTHS[k] * MINUTE, open_time, o, h, lo, c, v, q, p, ev)
            return True
        return False

    @njit
    def fold_all(s, acc, t, o, h, lo, c, v, q, oi, p, ev):  # type: ignore[no-untyped-def]  # compiled by numba
        """Fold the longer bars that close, longest first, then the 1m bar."""
        for k in range(3, 0, -1):
            if grow(acc, k, t, o, h, lo, c, v, q) and fold_interval(
                s, k, acc[k, 0], acc[k, 1], acc[k, 2], acc[k, 3], acc[k, 4], acc[k, 5], acc[k, 6], p, ev
            ):
                close_flow(s, blocks[k], oi)
        fold_interval(s, 0, t, o, h, lo, c, v, q, p, ev)
        close_flow(s, blocks[0], oi)

    @njit
    def fitness(s, p):  # type: ignore[no-untyped-def]  # compiled by numba
        unwarm = False
        tainted = False
        for k in range(4):
            b = blocks[k]
            unwarm = unwarm or s[b + COUNT] < p[WARM_BARS]
            tainted = tainted or (s[b + CLEAN] < s[b + COUNT] and s[b + CLEAN] < WINDOW)
        return unwarm, tainted

    @njit
    def run(s, bars, extra, first, p, decisions, signals):  # type: ignore[no-untyped-def]  # compiled by numba
        """Fold all bars; bars before index `first` only warm up. Returns the two row counts."""
        ev = np.zeros(1 + ROW * MAX_EVENTS)
        f = np.full(SNAPSHOT_SIZE, np.nan)
        out = np.full(OUT, np.nan)
        scratch = np.full(7, np.nan)
        cool = np.zeros(4)
        acc = np.full((4, 8), -1.0)
        made = 0
        opened = 0
        for i in range(bars.shape[0]):
            t, o, h, lo, c, v, q = bars[i]
            if t <= s[MINUTE_BLOCK + LAST_OPEN]:
                continue
            oi, funding, mark, long, short = extra[i]
            ev[0] = 0.0
            fold_minute(s, t // MINUTE, oi, long, short, q if q == q else v * c)
            set_latest(s, funding, mark)
            fold_flow(s, long, short)
            fold_all(s, acc, t, o, h, lo, c, v, q, oi, p, ev)
            if i < first:
                continue
            detect_flows(s, p, ev)
            events = int(ev[0])
            if events == 0:
                continue
            for e in range(events):
                remember_event(s, ev[1 + e * ROW + 2], ev[1 + e * ROW + 3])
            scored_features(s, f)
            unwarm, tainted = fitness(s, p)
            judge(f, t + MINUTE, 0.0, unwarm, tainted, cool, p, scratch, out)
            decisions[made, 0] = i
            decisions[made, 1] = events
            decisions[made, 2:] = out
            made += 1
            side = out[side_at] if out[code] == emitted else 0.0
            cool_down(cool, t + MINUTE, side, p)
            if side != 0.0:
                best = out[long_score] if side > 0.0 else out[short_score]
                row = signals[opened]
                row[0], row[1], row[2], row[3] = i, side, best, c
                row[4], row[5] = take_profit(f, side, p), stop_loss(f, side, p)
                row[6] = f[int(p[ATR_FEATURE])]
                opened += 1
        return made, opened

    @njit
    def settle_all(bars, signals, minutes, outcomes):  # type: ignore[no-untyped-def]  # compiled by numba
        """Fold each signal's bars to its outcome; `minutes` is its life."""
        for k in range(signals.shape[0]):
            at, side = int(signals[k, 0]), signals[k, 1]
            tp, sl = signals[k, 4], signals[k, 5]
            outcomes[k, 0] = OPEN
            for j in range(at + 1, at + 1 + minutes):
                if j >= bars.shape[0] or bars[j, 0] != bars[j - 1, 0] + MINUTE:
                    break
                which = touched(side, tp, sl, bars[j, 3], bars[j, 2])
                if which == neither and j < at + minutes:
                    continue
                outcomes[k, 1] = j
                outcomes[k, 3] = 1.0 if which == both else 0.0
                if which == neither:
                    outcomes[k, 0], outcomes[k, 2] = EXPIRED, bars[j, 4]
                elif which == tp_only:
                    outcomes[k, 0], outcomes[k, 2] = TP_HIT, tp
                else:
                    outcomes[k, 0], outcomes[k, 2] = SL_HIT, stop_fill(side, sl, bars[j, 1])
                break

    return run, settle_all
