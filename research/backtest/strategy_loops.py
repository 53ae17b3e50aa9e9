"""The compiled loops of a strategy: its folds, its answers at closes, and what comes of these.

Each strategy has a copy of this module in which the functions below are its own
(`compiled.strategy_module`). All rules are the core's functions, as in `kernel`.
"""

from typing import Final

import numpy as np
import numpy.typing as npt
from signalengine import rules as plain_rules
from signalengine import verdicts
from signalengine.exits import levels as plain_levels
from signalengine.exits import rules as plain_exits
from signalengine.intervals import INTERVAL_MS, INTERVALS
from signalengine.strategy import buffer as plain_buffer

from research.backtest.kernel import MINUTE, settle_exits
from research.compiled import core, inlined, uncounted
from research.data.series import Floats

Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

LOOPS: Final = ("fold_bars", "answer_closes", "decide_closes")
"""What is compiled anew for each strategy."""
CLOSED, LONG, SHORT, LEAVE_LONG, LEAVE_SHORT, OWN = range(6)
"""Columns of an answer; from OWN on the counts of bars and of those since a hole, own then shared,
an interval each."""
WIDE: Final = len(INTERVALS)
SHARED: Final = OWN + 2 * WIDE
ANSWER_SIZE: Final = SHARED + 2 * WIDE
LENGTHS: Final = np.array([float(INTERVAL_MS[name]) for name in INTERVALS])

_rules, _levels = core()["rules"], core()["exits.levels"]
rule, score_side, cool_down = _rules.rule, _rules.score_side, _rules.cool_down
clear = _levels.clear
begin_bar = inlined(plain_buffer.begin_bar)
_COUNT, _CLEAN, _VALUES = plain_buffer.COUNT, plain_buffer.CLEAN, plain_buffer.MOST_VALUES
_CODE, _SIDE, _OUT_SIZE = plain_rules.CODE, plain_rules.SIDE, plain_rules.OUT_SIZE
_LONG_SCORE, _SHORT_SCORE = plain_rules.LONG_SCORE, plain_rules.SHORT_SCORE
_PARTS, _COOL_SIZE, _EMITTED = plain_rules.PARTS, plain_rules.COOL_SIZE, verdicts.EMITTED
_TTL_MINUTES, _EXITS_SIZE = plain_levels.TTL_MINUTES, plain_levels.EXITS_SIZE
_TARGET, _STOP, _OPEN = plain_levels.TARGET, plain_levels.STOP, plain_exits.OPEN

# --- what a strategy replaces ---------------------------------------------------------------------


@inlined
def nothing(s: Floats, bar: Floats, p: Floats) -> None:
    pass


fold_1m = fold_5m = fold_15m = fold_1h = fold_4h = fold_1d = nothing


@inlined
def entry(v: Floats, f: Floats, side: float, p: Floats) -> bool:  # noqa: ARG001 - as a strategy's
    return False


@inlined
def leave(v: Floats, f: Floats, side: float, p: Floats) -> bool:  # noqa: ARG001 - as a strategy's
    return False


@inlined
def exits(v: Floats, f: Floats, side: float, p: Floats, out: Floats) -> None:
    pass


@inlined
def components(v: Floats, f: Floats, side: float, p: Floats, out: Floats) -> None:
    pass


@inlined
def score(v: Floats, f: Floats, side: float, p: Floats) -> float:  # noqa: ARG001 - as a strategy's
    return 1.0


HAS_COMPONENTS = False

# --- stage one: what depends on the bars and the parameters of the folds alone --------------------


@uncounted
def counts(s: Floats, answer: Floats, at: int) -> None:
    for k in range(WIDE):
        answer[at + k] = s[_COUNT + k]
        answer[at + WIDE + k] = s[_CLEAN + k]


@uncounted
def fold(k: int, s: Floats, bar: Floats, p: Floats) -> None:
    if k == 0:
        fold_1m(s, bar, p)
    elif k == 1:
        fold_5m(s, bar, p)
    elif k == 2:
        fold_15m(s, bar, p)
    elif k == 3:
        fold_1h(s, bar, p)
    elif k == 4:
        fold_4h(s, bar, p)
    else:
        fold_1d(s, bar, p)


def fold_bars(
    s: Floats,
    shared: Floats,
    bars: Floats,
    numbers: Ints,
    last: Mask,
    asks: Ints,
    own: Mask,
    read: Mask,
    every: int,
    p: Floats,
    answers: Floats,
    values: Floats,
) -> None:
    """Fold all bars; write the values and counts at the closes of `every`."""
    closed = False
    for j in range(bars.shape[0]):
        k, bar = numbers[j], bars[j]
        if read[k]:
            begin_bar(shared, k, bar[0], LENGTHS[k])
        if own[k] and begin_bar(s, k, bar[0], LENGTHS[k]):
            fold(k, s, bar, p)
            closed = closed or k == every
        if not last[j]:
            continue
        q = asks[j]
        if q >= 0 and closed:
            answers[q, CLOSED] = 1.0
            counts(s, answers[q], OWN)
            counts(shared, answers[q], SHARED)
            for n in range(values.shape[1]):
                values[q, n] = s[n]
        closed = False


# --- stage two ------------------------------------------------------------------------------------


def answer_closes(
    values: Floats, features: Floats, ttl: float, p: Floats, answers: Floats, x: Floats
) -> None:
    """Write which sides enter and leave at each close, and the exits of both where wanted."""
    v = np.full(_VALUES, np.nan)
    for q in range(answers.shape[0]):
        answer, f = answers[q], features[q if features.shape[0] > 1 else 0]
        if answer[CLOSED] == 0.0:
            continue
        for n in range(values.shape[1]):
            v[n] = values[q, n]
        if x.shape[0] > 0:
            clear(x[q, 0])
            x[q, 0, _TTL_MINUTES] = ttl
            exits(v, f, 1.0, p, x[q, 0])
            clear(x[q, 1])
            x[q, 1, _TTL_MINUTES] = ttl
            exits(v, f, -1.0, p, x[q, 1])
        answer[LONG] = 1.0 if entry(v, f, 1.0, p) else 0.0
        answer[SHORT] = 1.0 if entry(v, f, -1.0, p) else 0.0
        answer[LEAVE_LONG] = 1.0 if leave(v, f, 1.0, p) else 0.0
        answer[LEAVE_SHORT] = 1.0 if leave(v, f, -1.0, p) else 0.0


@uncounted
def score_parts(
    v: Floats, f: Floats, side: float, p: Floats, numbers: Floats, parts: Floats, out: Floats
) -> None:
    """Write components and score of a side, as `decisions.score_sides` does."""
    for k in range(_PARTS):
        parts[k] = np.nan
    if HAS_COMPONENTS:
        components(v, f, side, p, parts)
    else:
        parts[0] = score(v, f, side, p)
    score_side(parts, side, numbers, out)


@uncounted
def known_only(row: Floats, out: Floats) -> None:
    """Copy what is stored of a row: what is not finite is unknown."""
    for n in range(row.shape[0]):
        out[n] = row[n] if np.isfinite(row[n]) else np.nan


def decide_closes(
    rows: Ints,
    minutes: Ints,
    values: Floats,
    features: Floats,
    unfit: Mask,
    bars: Floats,
    late_ms: Floats,
    tick: Floats,
    settling: Floats,
    length: float,
    leaves: Floats,
    ttl: float,
    one_open: bool,
    p: Floats,
    numbers: Floats,
    signals: Floats,
    x: Floats,
    outcomes: Floats,
    reached: Floats,
) -> int:
    """Decide the closes of `rows`, open and settle; returns the signals that were opened.

    `unfit`: too few bars, and a hole, by close; rows of the last four as in `kernel`.
    """
    v, f = np.full(_VALUES, np.nan), np.empty(features.shape[1])
    out, parts = np.full(_OUT_SIZE, np.nan), np.empty(_PARTS)
    long_exits, short_exits = np.empty(_EXITS_SIZE), np.empty(_EXITS_SIZE)
    cool = np.zeros(_COOL_SIZE)
    opened, until = 0, 0.0
    for q in rows:
        i = minutes[q]
        t, price = bars[i, 0] + MINUTE, bars[i, 4]
        known_only(values[q], v)
        known_only(features[q if features.shape[0] > 1 else 0], f)
        f[0] = price
        clear(long_exits)
        long_exits[_TTL_MINUTES] = ttl
        exits(v, f, 1.0, p, long_exits)
        clear(short_exits)
        short_exits[_TTL_MINUTES] = ttl
        exits(v, f, -1.0, p, short_exits)
        score_parts(v, f, 1.0, p, numbers, parts, out)
        score_parts(v, f, -1.0, p, numbers, parts, out)
        rule(
            t, late_ms[i], unfit[q, 0], unfit[q, 1], price, tick[i], entry(v, f, 1.0, p),
            entry(v, f, -1.0, p), long_exits, short_exits, cool, numbers, out,
        )  # fmt: skip
        side = out[_SIDE] if out[_CODE] == _EMITTED else 0.0
        if one_open and t < until:
            side = 0.0
        cool_down(cool, t, side, numbers)
        for k in range(_COOL_SIZE):
            cool[k] = np.floor(cool[k])  # stored as whole ms
        if side == 0.0:
            continue
        signal, chosen = signals[opened], long_exits if side > 0.0 else short_exits
        signal[0], signal[1], signal[2] = q, i, side
        signal[3] = out[_LONG_SCORE] if side > 0.0 else out[_SHORT_SCORE]
        signal[4], signal[5], signal[6] = price, chosen[_TARGET], chosen[_STOP]
        x[opened] = chosen
        one = slice(opened, opened + 1)
        settle_exits(settling, length, signals[one], x[one], leaves, outcomes[one], reached[one])
        until = t + np.floor(chosen[_TTL_MINUTES]) * MINUTE
        if outcomes[opened, 0] != _OPEN:
            until = bars[int(outcomes[opened, 1]), 0] + MINUTE
        opened += 1
    return opened
