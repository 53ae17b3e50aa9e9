"""One symbol in two stages: the fold once, then decisions and outcomes for many policies.

Stage one keeps of each close with events what the rules read there. It depends on the policy by the
numbers in `FOLDED` alone. Stage two decides, opens and settles by the functions of the kernel's own
loop, so that signals and outcomes are those of `run.compiled_run`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from signalengine import rules as plain_rules
from signalengine import verdicts
from signalengine.events import MAX_EVENTS, ROW
from signalengine.exits.levels import EXITS_SIZE
from signalengine.intervals import CLASSIC_INTERVALS, INTERVALS, MINUTE_MS, numbers_of
from signalengine.kinds import EVENT_KINDS
from signalengine.layout import BLOCK, BLOCKS, LAST_OPEN, MINUTE_BLOCK, fresh_buffer
from signalengine.params import WARM_BARS
from signalengine.policy import Policy
from signalengine.snapshot import SIZE as SNAPSHOT_SIZE

from research.backtest.feed import Feed
from research.backtest.kernel import (
    MINUTE,
    OUTCOME_FIELDS,
    SIGNAL_FIELDS,
    Columns,
    close_flow,
    closes_by,
    cool_down,
    detect_flows,
    fitness,
    fold_bar,
    fold_flow,
    fold_longer,
    fold_minute,
    kernel,
    open_signal,
    quote_of,
    remember_event,
    rule_close,
    scored_features,
    set_latest,
)
from research.compiled import cached
from research.data.series import Floats

Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

_KIND_SLOTS = [(kind.number, len(INTERVALS)) for kind in EVENT_KINDS]
_FIELD_SLOTS = [
    (field.at, len(INTERVALS) if field.minutes else 1)
    for kind in EVENT_KINDS
    for field in kind.fields
]
FOLDED: Final = frozenset(
    at + i for at, count in [(WARM_BARS, 1), *_KIND_SLOTS, *_FIELD_SLOTS] for i in range(count)
)
"""Places of a policy's numbers that stage one reads: those of the events, and the warm-up."""
_BLOCK_ROWS: Final = 16_384
"""Bars folded between copies of what they left, so that memory is by closes and not by bars."""

_BLOCKS = np.array(BLOCKS)
_NUMBERS = np.arange(len(BLOCKS))
_LONGEST = len(BLOCKS) - 1
_RULED = np.array(numbers_of(CLASSIC_INTERVALS))
_EMITTED, _CODE, _SIDE = verdicts.EMITTED, plain_rules.CODE, plain_rules.SIDE
_OUT_SIZE, _COOL_SIZE, _PARTS = plain_rules.OUT_SIZE, plain_rules.COOL_SIZE, plain_rules.PARTS
_EXITS_SIZE = EXITS_SIZE


@dataclass(frozen=True, slots=True, eq=False)
class Collected:
    """What the rules read at each close with events, oldest first."""

    minutes: Ints
    """Rows of `Feed.bars`."""
    features: Floats
    """Shape (n, SIZE) by `signalengine.snapshot`; NaN is unknown."""
    unfit: Mask
    """Shape (n, 2): too few bars, a hole inside the windows."""


def folded_numbers(policy: Policy) -> tuple[float, ...]:
    """Return a policy's numbers with 0 in place of all that stage one does not read."""
    return tuple(x if place in FOLDED else 0.0 for place, x in enumerate(policy.numbers))


def collect(feed: Feed, numbers: Sequence[float]) -> Collected:
    """Fold a feed, and keep what the rules read at its closes with events.

    `numbers` are those of a policy, or its `folded_numbers`.
    """
    k, p, s = kernel(), np.array(numbers), np.array(fresh_buffer())
    for number in reversed(range(len(feed.warm))):
        k.warm(s, number, feed.warm[number], p)
    ends = np.zeros(_LONGEST + 1, np.int64)
    minutes = np.empty(_BLOCK_ROWS, np.int64)
    features, unfit = np.empty((_BLOCK_ROWS, SNAPSHOT_SIZE)), np.empty((_BLOCK_ROWS, 2), np.bool_)
    parts: list[tuple[Ints, Floats, Mask]] = []
    for first in range(0, len(feed), _BLOCK_ROWS):
        after = min(first + _BLOCK_ROWS, len(feed))
        made = _collect(
            s,
            feed.columns,
            feed.known,
            feed.longer,
            first,
            after,
            ends,
            p,
            minutes,
            features,
            unfit,
        )
        parts.append((minutes[:made].copy(), features[:made].copy(), unfit[:made].copy()))
    columns = (np.concatenate(column) for column in zip(*parts, strict=True))
    return Collected(*columns)


def decided(found: Collected, feed: Feed, policy: Policy) -> tuple[Floats, Floats]:
    """Return a policy's signals and their outcomes, rows of the kernel's fields.

    Without protections and models; a signal's decision is the number of its close.
    """
    p, signals = np.array(policy.numbers), np.empty((len(found.minutes), len(SIGNAL_FIELDS)))
    opened = _decide(
        found.minutes,
        found.features,
        found.unfit,
        feed.columns[0],
        feed.late_ms,
        feed.tick,
        p,
        signals,
    )
    outcomes = np.full((opened, len(OUTCOME_FIELDS)), np.nan)
    kernel().settle(feed.columns, signals[:opened], policy.ttl_ms // MINUTE_MS, outcomes)
    return signals[:opened], outcomes


@cached
def _collect(
    s: Floats,
    columns: Columns,
    beside: Columns,
    longer: tuple[Floats, ...],
    first: int,
    after: int,
    ends: Ints,
    p: Floats,
    minutes: Ints,
    features: Floats,
    unfit: Mask,
) -> int:
    ev = np.zeros(1 + ROW * MAX_EVENTS)
    made = 0
    times, opens, highs, lows, closes, volumes, quotes = columns
    contracts, rates, marks, longs, shorts, hours = beside
    r = s[MINUTE_BLOCK : MINUTE_BLOCK + BLOCK]
    for i in range(first, after):
        t, close, volume, quote = times[i], closes[i], volumes[i], quotes[i]
        if t <= r[LAST_OPEN]:
            continue
        at = i if contracts.shape[0] > 1 else 0
        oi = contracts[at]
        ev[0] = 0.0
        fold_minute(s, t / MINUTE, oi, longs[at], shorts[at], quote_of(close, volume, quote))
        set_latest(s, rates[at], marks[at])
        fold_flow(s, longs[at], shorts[at])
        for k in range(_LONGEST, 0, -1):
            if closes_by(longer[k - 1], ends[k], _NUMBERS[k], t):
                ends[k] = fold_longer(s, _NUMBERS[k], longer[k - 1], ends[k], t, oi, p, ev)
        fold_bar(
            r, _NUMBERS[0], MINUTE, t, opens[i], highs[i], lows[i], close, volume, quote, p, ev
        )
        close_flow(s, _BLOCKS[0], oi)
        detect_flows(s, hours[at], p, ev)
        if ev[0] == 0.0:
            continue
        for e in range(int(ev[0])):
            remember_event(s, ev[1 + e * ROW + 2], ev[1 + e * ROW + 3])
        features[made] = np.nan
        scored_features(s, features[made], _RULED)
        unfit[made, 0], unfit[made, 1] = fitness(s, p)
        minutes[made] = i
        made += 1
    return made


@cached
def _decide(
    minutes: Ints,
    features: Floats,
    unfit: Mask,
    times: Floats,
    late_ms: Floats,
    tick: Floats,
    p: Floats,
    signals: Floats,
) -> int:
    out, scratch = np.full(_OUT_SIZE, np.nan), np.full(_PARTS, np.nan)
    long_exits, short_exits = np.empty(_EXITS_SIZE), np.empty(_EXITS_SIZE)
    cool = np.zeros(_COOL_SIZE)
    opened = 0
    for m in range(minutes.shape[0]):
        i, f = minutes[m], features[m]
        t = times[i] + MINUTE
        rule_close(
            f, t, late_ms[i], tick[i], unfit[m, 0], unfit[m, 1], long_exits, short_exits, cool, p,
            scratch, out,
        )  # fmt: skip
        side = out[_SIDE] if out[_CODE] == _EMITTED else 0.0
        cool_down(cool, t, side, p)
        if side != 0.0:
            signals[opened, 0], signals[opened, 1] = m, i
            x = long_exits if side > 0.0 else short_exits
            open_signal(signals[opened], x, f, side, out, p)
            opened += 1
    return opened
