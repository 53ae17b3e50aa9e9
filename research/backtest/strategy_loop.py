"""A strategy over one symbol's bars in one compiled loop: its folds, then its answers at closes.

The bars of the intervals that it folds are put in the order in which live folds them: the warm-up
of each interval, the longest first, then what ends together, the longest first. At each close of
`every` the loop writes its values and which sides enter; `decisions.decide` does the rest.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from signalengine.exits.levels import EXITS_SIZE, TTL_MINUTES
from signalengine.intervals import INTERVAL_MS, INTERVALS, MINUTE_MS, numbers_of
from signalengine.policy import Policy, default_policy
from signalengine.snapshot import SIZE as SNAPSHOT_SIZE
from signalengine.snapshot import WIDTH
from signalengine.strategy import buffer as plain_buffer
from signalengine.strategy.code import Code
from signalengine.strategy.loading import Loaded
from signalengine.strategy.running import due
from signalengine.strategy.set_states import wanted
from signalengine.strategy.sets import StrategySet

from research.backtest.feed import Feed
from research.compiled import compiled_text, core, inlined, uncounted
from research.data.series import Floats
from research.features.snapshots import snapshots, unknown_of
from research.strategies.preflight import preflight

Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

_SHORTEST: Final = INTERVALS[0]
_COUNT, _CLEAN = plain_buffer.COUNT, plain_buffer.CLEAN
_VALUES, _WIDE = plain_buffer.MOST_VALUES, len(INTERVALS)
CLOSED, LONG, SHORT, LEAVE_LONG, LEAVE_SHORT, OWN = range(6)
"""Columns of an answer; from OWN on the counts of bars and of those since a hole, own then shared,
an interval each."""
SHARED: Final = OWN + 2 * _WIDE
ANSWER_SIZE: Final = SHARED + 2 * _WIDE


@dataclass(frozen=True, eq=False)
class Closes:
    """What a strategy says at each close of `every`; rows by close, oldest first."""

    minute: Ints
    """Row of `Feed.bars` that closes then."""
    due: Mask
    """Whether `entry` is evaluated; at the others only whether to leave is."""
    answers: Floats
    values: Floats
    features: Floats
    """Shared features, by `signalengine.snapshot`; one row of unknown ones where it reads none."""
    exits: Floats
    """Shape (n, 2, EXITS_SIZE), long and short; or no rows."""

    def snapshot(self, row: int, price: float) -> list[float]:
        """Return the shared features at a close as live stores them, with the price."""
        found: list[float] = self.features[row if len(self.features) > 1 else 0].tolist()
        return [price, *found[1:]]

    @property
    def entered(self) -> Ints:
        """Rows at which a side enters."""
        sides = self.answers[:, LONG] + self.answers[:, SHORT]
        return np.flatnonzero(self.due & (self.answers[:, CLOSED] > 0.0) & (sides > 0.0))

    @property
    def decided(self) -> Ints:
        """Rows at which `entry` is evaluated."""
        return np.flatnonzero(self.due & (self.answers[:, CLOSED] > 0.0))


@dataclass(frozen=True, eq=False)
class _Schedule:
    """Bars in the order in which they are folded."""

    bars: Floats
    numbers: Ints
    last: Mask
    """Whether it is the last of those that end together."""
    asks: Ints
    """Number of the close at which `entry` is evaluated after it; -1: none."""
    minute: Ints
    """By number of close: the row of `Feed.bars`."""
    due: Mask
    """By number of close: whether `entry` is evaluated."""


def closes_of(
    one: StrategySet, feed: Feed, *, exits: bool = False, policy: Policy | None = None
) -> Closes:
    """Run a strategy over a feed; `exits`: of both sides at each close, whether it enters or not.

    `policy` is that of the shared fold, whose features the strategy may read. Raises StrategyError
    for a strategy that raises, or uses places that are not its own.
    """
    preflight(one)
    strategy = one.loaded.strategy
    plan = _schedule(one, feed)
    count = len(plan.minute)
    features = _features(one, feed, plan.minute, policy or default_policy())
    answers = np.zeros((count, ANSWER_SIZE))
    values = np.full((count, max(1, len(strategy.values.declared))), np.nan)
    rows = np.full((count if exits else 0, 2, EXITS_SIZE), np.nan)
    s, shared = np.array(strategy.fresh()), np.array(_fresh_counts())
    own = np.isin(np.arange(_WIDE), numbers_of(wanted(one)))
    read = np.isin(np.arange(_WIDE), numbers_of(strategy.features))
    _loop(one.loaded)(
        s, shared, plan.bars, plan.numbers, plan.last, plan.asks, own, read,
        INTERVALS.index(strategy.every), np.array(one.parameters, dtype=np.float64), features,
        float(strategy.ttl_minutes), answers, values, rows,
    )  # fmt: skip
    return Closes(plan.minute, plan.due, answers, values, features, rows)


def _fresh_counts() -> list[float]:
    out = [np.nan] * _VALUES
    for slot in plain_buffer.ENGINE_SLOTS:
        out += [slot.fresh] * slot.count
    return out


def _features(one: StrategySet, feed: Feed, minute: Ints, policy: Policy) -> Floats:
    """Return the shared features at closes as live passes them: unknown unless declared."""
    read = one.loaded.strategy.features
    if not read:
        return np.full((1, SNAPSHOT_SIZE), np.nan)
    intervals = [name for name in INTERVALS if name == _SHORTEST or name in read]
    found = snapshots(feed, policy, minute, intervals)
    if _SHORTEST not in read:
        found[:, 1:WIDTH] = np.nan  # live passes the price in any case
    if feed.coarse is not None:
        found[:, unknown_of(feed.coarse)] = np.nan
    found[~np.isfinite(found)] = np.nan
    return found


def _schedule(one: StrategySet, feed: Feed) -> _Schedule:
    strategy = one.loaded.strategy
    counted = sorted({*wanted(one), *strategy.features}, key=lambda name: -INTERVAL_MS[name])
    past = [(name, feed.warm[INTERVALS.index(name)]) for name in counted]
    ahead = [(name, _live(feed, INTERVALS.index(name))) for name in counted]
    before = np.concatenate([np.empty((0, 7)), *(rows for _, rows in past)])
    bars, numbers, close = _joined(ahead)
    order = np.lexsort((-_LENGTHS[numbers], close))
    bars, numbers, close = bars[order], numbers[order], close[order]
    last = np.append(close[1:] != close[:-1], True) if len(close) else np.zeros(0, bool)
    number = INTERVALS.index(strategy.every)
    deciding = np.isin(close, close[numbers == number]) & last
    on_clock = np.array([due(strategy, int(t)) for t in close], dtype=bool)
    if one.code.leave is None:
        deciding &= on_clock
    asks = np.where(deciding, np.cumsum(deciding) - 1, -1)
    minutes = feed.bars[:, 0] + MINUTE_MS
    return _Schedule(
        bars=np.ascontiguousarray(np.concatenate([before, bars])),
        numbers=np.concatenate([_numbers(past), numbers]).astype(np.int64),
        last=np.concatenate([np.ones(len(before), bool), last]),
        asks=np.concatenate([np.full(len(before), -1), asks]).astype(np.int64),
        minute=np.searchsorted(minutes, close[deciding]).astype(np.int64),
        due=on_clock[deciding],
    )


def _live(feed: Feed, number: int) -> Floats:
    return feed.bars if number == 0 else feed.longer[number - 1]


def _joined(parts: list[tuple[str, Floats]]) -> tuple[Floats, Ints, Floats]:
    bars = np.concatenate([np.empty((0, 7)), *(rows for _, rows in parts)])
    lengths = [np.full(len(rows), float(INTERVAL_MS[name])) for name, rows in parts]
    return bars, _numbers(parts), bars[:, 0] + np.concatenate([np.empty(0), *lengths])


def _numbers(parts: list[tuple[str, Floats]]) -> Ints:
    each = [np.full(len(rows), INTERVALS.index(name), dtype=np.int64) for name, rows in parts]
    return np.concatenate([np.empty(0, np.int64), *each])


# --- compiled ------------------------------------------------------------------------------------

_LENGTHS = np.array([float(INTERVAL_MS[name]) for name in INTERVALS])


@inlined
def _nothing(s: Floats, bar: Floats, p: Floats) -> None:
    pass


@inlined
def _stays(v: Floats, f: Floats, side: float, p: Floats) -> bool:  # noqa: ARG001 - as `leave`
    return False


def _loop(loaded: Loaded) -> Any:
    """Return the loop of a strategy; it is compiled once a process."""
    return _made(loaded.text, loaded.origin)


@lru_cache(maxsize=16)
def _made(text: str, origin: str) -> Any:
    code = compiled_text(text, origin).code
    return _compiled(code, _folds(code.folds), code.leave or _stays)


def _folds(folds: Mapping[str, Any]) -> list[Any]:
    return [folds.get(name, _nothing) for name in INTERVALS]


def _compiled(code: Code, folds: list[Any], leave: Callable[..., Any]) -> Any:
    begin_bar = inlined(plain_buffer.begin_bar)
    clear, entry, exits_of = core()["exits.levels"].clear, code.entry, code.exits
    fold_1m, fold_5m, fold_15m, fold_1h, fold_4h, fold_1d = folds

    @uncounted
    def counts(s: Floats, answer: Floats, at: int) -> None:
        for k in range(_WIDE):
            answer[at + k] = s[_COUNT + k]
            answer[at + _WIDE + k] = s[_CLEAN + k]

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

    @uncounted
    def loop(
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
        features: Floats,
        ttl: float,
        answers: Floats,
        values: Floats,
        exits: Floats,
    ) -> None:
        v = s[:_VALUES]
        closed = False
        for j in range(bars.shape[0]):
            k, bar = numbers[j], bars[j]
            if read[k]:
                begin_bar(shared, k, bar[0], _LENGTHS[k])
            if own[k] and begin_bar(s, k, bar[0], _LENGTHS[k]):
                fold(k, s, bar, p)
                closed = closed or k == every
            if not last[j]:
                continue
            q = asks[j]
            if q >= 0 and closed:
                answer, f = answers[q], features[q if features.shape[0] > 1 else 0]
                answer[CLOSED] = 1.0
                if exits.shape[0] > 0:
                    clear(exits[q, 0])
                    exits[q, 0, TTL_MINUTES] = ttl
                    exits_of(v, f, 1.0, p, exits[q, 0])
                    clear(exits[q, 1])
                    exits[q, 1, TTL_MINUTES] = ttl
                    exits_of(v, f, -1.0, p, exits[q, 1])
                answer[LONG] = 1.0 if entry(v, f, 1.0, p) else 0.0
                answer[SHORT] = 1.0 if entry(v, f, -1.0, p) else 0.0
                answer[LEAVE_LONG] = 1.0 if leave(v, f, 1.0, p) else 0.0
                answer[LEAVE_SHORT] = 1.0 if leave(v, f, -1.0, p) else 0.0
                counts(s, answer, OWN)
                counts(shared, answer, SHARED)
                for n in range(values.shape[1]):
                    values[q, n] = v[n]
            closed = False

    return loop
