"""A strategy over one symbol's bars, compiled: its folds, then its answers at closes.

The bars of the intervals that it folds are put in the order in which live folds them: the warm-up
of each interval, the longest first, then what ends together, the longest first. At each close of
`every` there are its values, and from these which sides enter; `decisions.decide` does the rest.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from signalengine.exits.levels import EXITS_SIZE
from signalengine.intervals import INTERVAL_MS, INTERVALS, MINUTE_MS, numbers_of
from signalengine.policy import Policy, default_policy
from signalengine.snapshot import SIZE as SNAPSHOT_SIZE
from signalengine.snapshot import WIDTH
from signalengine.strategy import buffer as plain_buffer
from signalengine.strategy.loading import Loaded
from signalengine.strategy.running import beyond, due
from signalengine.strategy.set_states import wanted
from signalengine.strategy.sets import StrategySet

from research.backtest import strategy_loops
from research.backtest.feed import Feed
from research.backtest.strategy_loops import (
    ANSWER_SIZE,
    CLOSED,
    LEAVE_LONG,
    LEAVE_SHORT,
    LENGTHS,
    LONG,
    OWN,
    SHARED,
    SHORT,
    WIDE,
)
from research.compiled import compiled_text, strategy_module
from research.data.series import Floats
from research.features.snapshots import snapshots, unknown_of
from research.strategies.fold_parameters import folded_only
from research.strategies.preflight import preflight

Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

_SHORTEST: Final = INTERVALS[0]
_REPLACED: Final = ("entry", "leave", "exits", "components", "score")
"""Functions of a strategy, beside its folds, that its loops call."""


@dataclass(frozen=True, eq=False)
class Folded:
    """What a strategy's folds leave at each close of `every`; rows as of `Closes`."""

    minute: Ints
    due: Mask
    counts: Floats
    """Answers without the columns that say what the strategy does."""
    values: Floats
    features: Floats


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

    def leaves(self, minutes: int) -> Floats:
        """Return where it leaves a long and a short, by minute; no rows if it never does."""
        columns = self.answers[:, (LEAVE_LONG, LEAVE_SHORT)]
        if not (columns > 0.0).any():
            return np.empty((0, 2))
        found = np.zeros((minutes, 2))
        found[self.minute] = columns
        return found

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
    return answered(one, folded(one, feed, policy), exits=exits)


def folded(one: StrategySet, feed: Feed, policy: Policy | None = None) -> Folded:
    """Fold a strategy's bars: the same for all sets with the same `folded_only`."""
    strategy = one.loaded.strategy
    plan = _schedule(one, feed)
    count = len(plan.minute)
    features = _features(one, feed, plan.minute, policy or default_policy())
    answers = np.zeros((count, ANSWER_SIZE))
    values = np.full((count, max(1, len(strategy.values.declared))), np.nan)
    s, shared = np.array(strategy.fresh()), np.array(_fresh_counts())
    own = np.isin(np.arange(WIDE), numbers_of(wanted(one)))
    read = np.isin(np.arange(WIDE), numbers_of(strategy.features))
    p = np.array(folded_only(one.loaded, one.parameters), dtype=np.float64)
    loops_of(one.loaded).fold_bars(
        s, shared, plan.bars, plan.numbers, plan.last, plan.asks, own, read,
        INTERVALS.index(strategy.every), p, answers, values,
    )  # fmt: skip
    return Folded(plan.minute, plan.due, answers, values, features)


def answered(one: StrategySet, found: Folded, *, exits: bool = False) -> Closes:
    """Return what a set says at the closes of its folds."""
    rows = np.full((len(found.minute) if exits else 0, 2, EXITS_SIZE), np.nan)
    answers = found.counts.copy()
    p, ttl = np.array(one.parameters, dtype=np.float64), float(one.loaded.strategy.ttl_minutes)
    loops_of(one.loaded).answer_closes(found.values, found.features, ttl, p, answers, rows)
    return Closes(found.minute, found.due, answers, found.values, found.features, rows)


def inside(one: StrategySet, closes: Closes, symbol: str) -> Ints:
    """Return the rows of closes at which a side enters, inside the strategy's universe."""
    strategy = one.loaded.strategy
    if not strategy.reads(symbol):
        return np.empty(0, np.int64)
    days = closes.answers[:, OWN + INTERVALS.index("1d")].tolist()
    rows = [row for row in closes.entered.tolist() if not beyond(strategy, symbol, days[row])]
    return np.array(rows, dtype=np.int64)


def lacking(one: StrategySet, answers: Floats) -> Mask:
    """Return by close, shape (n, 2): too few bars of what is read, a hole within the warm-up."""
    strategy, found = one.loaded.strategy, np.zeros((len(answers), 2), np.bool_)
    for at, names in ((OWN, one.loaded.intervals), (SHARED, strategy.features)):
        for name in names:
            k, need = INTERVALS.index(name), float(strategy.warm_up.get(name, 0))
            count, since = answers[:, at + k], answers[:, at + WIDE + k]
            found[:, 0] |= count < need
            found[:, 1] |= (since < count) & (since < need)
    return found


def _fresh_counts() -> list[float]:
    out = [np.nan] * plain_buffer.MOST_VALUES
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
    order = np.lexsort((-LENGTHS[numbers], close))
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


@lru_cache(maxsize=16)
def _made(text: str, origin: str) -> Any:
    code = compiled_text(text, origin).code
    own = {f"fold_{name}": function for name, function in code.folds.items()}
    own |= {name: getattr(code, name) for name in _REPLACED if getattr(code, name) is not None}
    return strategy_module(strategy_loops, text, own | {"HAS_COMPONENTS": bool(code.components)})


def loops_of(loaded: Loaded) -> Any:
    """Return the compiled loops of a strategy: a copy of `strategy_loops`, once a process."""
    return _made(loaded.text, loaded.origin)
