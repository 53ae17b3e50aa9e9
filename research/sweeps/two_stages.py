"""Many sets over one symbol and period: the fold once, then each set's decisions and outcomes.

A worker keeps the newest folds. Sets with protections and strategies that compare symbols share
none: each has a backtest of its own (`tasks.measured`).
"""

import hashlib
from collections.abc import Sequence
from functools import lru_cache
from typing import Final, NamedTuple

import numpy as np
from signalengine.exits.levels import PARTS, TARGET, TTL_MINUTES, parts
from signalengine.intervals import DAY_MS, MINUTE_MS
from signalengine.policy import Policy, load_policy
from signalengine.strategy.parameter_set import ParameterSet
from signalengine.strategy.sets import StrategySet, set_of

from research.backtest.coarse import feed_of_any
from research.backtest.feed import Feed, feed_of_table
from research.backtest.kernel import OPEN, TP_HIT
from research.backtest.outcomes import returns_of_exits
from research.backtest.stages import Collected, collect, decided, folded_numbers
from research.backtest.strategy_loop import Folded, folded
from research.backtest.strategy_stages import Opened, opened, two_stages
from research.strategies.fold_parameters import folded_only
from research.sweeps.tasks import (
    Row,
    Span,
    Task,
    counted,
    loaded_of,
    measured,
    run_task,
    set_of_task,
    table_of,
)
from research.training.labels import Labels, Whole, funding_sums, returns

RETAINED: Final = 2
"""Folds that a worker keeps: of its own tasks, and of those that it took over from another."""


def shared_fold(one: ParameterSet) -> str:
    """Return 12 hex digits, the same for sets that share a fold of the same bars; empty: none."""
    if isinstance(one, StrategySet) and two_stages(one):
        read = folded_only(one.loaded, one.parameters)
    elif isinstance(one, Policy) and not one.protections.on:
        read = folded_numbers(one)
    else:
        return ""
    return hashlib.sha256(repr(read).encode()).hexdigest()[:12]


def run_batch(tasks: Sequence[Task], data: str, engine: str) -> list[Row]:
    """Run tasks of one symbol and period, one after the other."""
    return [run_task(task, data, engine, in_stages if task.folds else measured) for task in tasks]


def in_stages(task: Task, data: str) -> Row:
    """Return the counts and sums of a task: those of `tasks.measured`, by a shared fold."""
    one, span = set_of_task(task), task.span(data)
    if one is not None:
        return _of_strategy(one, span)
    policy, read = _policy(task.policy)
    feed, found = _collected(span, read)
    signals, outcomes = decided(found, feed, policy)
    ends = returns(feed, signals, outcomes, policy, _funding(span))
    return counted(feed, int(feed.columns[0][0]), ends, len(found.minutes))


def _of_strategy(one: StrategySet, span: Span) -> Row:
    loaded = one.loaded
    p = folded_only(loaded, one.parameters)
    feed, found = _folded(span, loaded.text, loaded.origin, p)
    made = opened(one, found, feed)
    ends = labels_of_opened(made, feed, one)
    long = (made.exits[:, TTL_MINUTES] * MINUTE_MS > DAY_MS).any()
    marked = held(made, ends, feed) if long else ()
    return counted(feed, int(feed.settling[0, 0]), ends, made.decisions, marked)


@lru_cache(maxsize=4096)
def _policy(text: str) -> tuple[Policy, tuple[float, ...]]:
    policy = load_policy(text)
    return policy, folded_numbers(policy)


@lru_cache(maxsize=RETAINED)
def _collected(span: Span, numbers: tuple[float, ...]) -> tuple[Feed, Collected]:
    feed = _feed(span)
    return feed, collect(feed, numbers)


@lru_cache(maxsize=RETAINED)
def _funding(span: Span) -> Whole:
    return funding_sums(_feed(span))


@lru_cache(maxsize=RETAINED)
def _feed(span: Span) -> Feed:
    return feed_of_table(table_of(span, None), span.start)


@lru_cache(maxsize=RETAINED)
def _folded(span: Span, code: str, origin: str, p: tuple[float, ...]) -> tuple[Feed, Folded]:
    loaded = loaded_of(code, origin)
    names = (one.name for one in loaded.strategy.parameters.declared)
    feed = _strategy_feed(span, code, origin)
    return feed, folded(set_of(loaded, {"parameters": dict(zip(names, p, strict=True))}), feed)


@lru_cache(maxsize=RETAINED)
def _strategy_feed(span: Span, code: str, origin: str) -> Feed:
    one = set_of(loaded_of(code, origin))
    return feed_of_any(table_of(span, one), one, span.start)


# --- a strategy's signals -------------------------------------------------------------------------


def labels_of_opened(made: Opened, feed: Feed, one: StrategySet) -> Labels:
    """Return the outcomes of signals in columns, as of their settlements."""
    known = made.outcomes[:, 0] != OPEN
    times = feed.columns[0].astype(np.int64) + MINUTE_MS
    found = returns_of_exits(
        made.signals[known], made.exits[known], made.outcomes[known], made.reached[known],
        feed.funding_paid, one,
    )  # fmt: skip
    closed_at, gross, net = (np.zeros(len(known), np.int64) for _ in range(3))
    closed_at[known] = times[made.outcomes[known, 1].astype(np.int64)]
    gross[known], net[known] = found.gross, found.net
    opened_at = times[made.signals[:, 1].astype(np.int64)]
    return Labels(opened_at, closed_at, gross, net, made.outcomes[:, 0] == TP_HIT, known)


class Part(NamedTuple):
    """A part of a position that was closed at a target."""

    closed_at: int
    price: float
    fraction: float


class End(NamedTuple):
    """How a signal ended."""

    closed_at: int
    gross_return: int
    net_return: int
    fills: tuple[Part, ...]


class Held(NamedTuple):
    """A signal to be marked to the market."""

    close_time: int
    entry_price: float
    side: int
    settlement: End | None


def held(made: Opened, ends: Labels, feed: Feed) -> list[Held]:
    """Return signals as `marks_of` reads them."""
    times = feed.columns[0].astype(np.int64) + MINUTE_MS
    found = []
    for k, (signal, x) in enumerate(zip(made.signals.tolist(), made.exits.tolist(), strict=True)):
        fills = tuple(
            Part(int(times[int(at)]), x[TARGET + n], parts(x, n) / PARTS)
            for n, at in enumerate(made.reached[k].tolist())
            if at == at
        )
        end = End(int(ends.closed_at[k]), int(ends.gross[k]), int(ends.net[k]), fills)
        known = end if ends.known[k] else None
        found.append(Held(int(ends.opened[k]), signal[4], int(signal[2]), known))
    return found
