"""One task of a sweep: a policy over a symbol and a period, through a backtest of its own."""

import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, NamedTuple, TypeAlias

import numpy as np
from signalengine.intervals import DAY_MS, INTERVALS, MINUTE_MS
from signalengine.policy import CLASSIC, load_policy
from signalengine.signals import Signal
from signalengine.strategy.loading import Loaded, load_text
from signalengine.strategy.sets import StrategySet, set_of

from research.backtest.feed import WARM_MS, Feed, warm_ms
from research.backtest.run import simulate
from research.backtest.strategy_run import simulate_set
from research.data.bars import BarTable
from research.data.errors import DataError
from research.data.loader import load
from research.data.times import moment
from research.statistics.blocks import block_days
from research.statistics.marking import Marked, marks_of
from research.training.labels import Labels, Whole, returns

Row: TypeAlias = dict[str, Any]
Key: TypeAlias = tuple[str, str, int, int, str, str]
KEY: Final = ("policy", "symbol", "start", "end", "data", "interval")
"""Columns of a row that are the key of its task."""


class Span(NamedTuple):
    """The bars that tasks of one symbol and period are run on; times in ms, [start, end)."""

    folder: str
    data: str
    """Digest of the files."""
    symbol: str
    interval: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Task:
    """What one task is; `start` and `end` are ms, [start, end)."""

    digest: str
    policy: str
    """The policy's file."""
    changes: Mapping[str, Any]
    symbol: str
    start: int
    end: int
    data: str = ""
    """Digest of the files its bars come from (`results.data_digest`)."""
    code: str = ""
    """Text of the strategy's file; empty for `classic`."""
    interval: str = INTERVALS[0]
    """Of the bars to run on: longer than 1m for a strategy of longer intervals only."""
    folds: str = ""
    """The same for tasks that share a fold of the same bars; empty where none is shared."""

    @property
    def key(self) -> Key:
        """What makes it the same task again."""
        return self.digest, self.symbol, self.start, self.end, self.data, self.interval

    def span(self, folder: str) -> Span:
        return Span(folder, self.data, self.symbol, self.interval, self.start, self.end)

    @property
    def name(self) -> str:
        return f"{self.digest} {self.symbol} {moment(self.start)} .. {moment(self.end)}"


def run_task(
    task: Task, data: str, engine: str, measure: Callable[[Task, str], Row] | None = None
) -> Row:
    """Run one task; whatever goes wrong in it is in the row's `error`, and the sweep goes on."""
    began = time.perf_counter()
    row = blank_row(task, engine)
    try:
        row |= (measure or measured)(task, data)
    except Exception as error:  # one task of thousands must not end the others; it is recorded
        row["error"] = f"{type(error).__name__}: {error}"
    return row | {"seconds": time.perf_counter() - began}


def measured(task: Task, data: str) -> Row:
    """Return the counts and sums of a task by a backtest of its own."""
    one = set_of_task(task)
    table = table_of(task.span(data), one)
    if one is not None:
        run = simulate_set(table, one, start=task.start)
        marked = run.signals if block_days(run.signals) > 1 else ()
        return counted(run.feed, run.start, labels_of(run.signals), len(run.decisions), marked)
    done = simulate(table, load_policy(task.policy), start=task.start)
    ends = returns(done.feed, done.signal_rows, done.outcome_rows, done.policy)
    return counted(done.feed, done.start, ends, len(done.decision_rows))


def table_of(span: Span, one: StrategySet | None) -> BarTable:
    """Return the bars of a span, with those before its start that warm up."""
    past = WARM_MS if one is None else warm_ms(one.loaded.intervals or (INTERVALS[0],))
    whole = _table(span.folder, span.symbol, span.data, span.interval)
    table = whole.between(span.start - past, span.end)
    if not len(table) or table.end <= span.start:
        raise DataError(f"{span.symbol}: no bars from {moment(span.start)} on.")
    return table


def set_of_task(task: Task) -> StrategySet | None:
    """Return the parameter set of a strategy's task; None for a policy of `classic`."""
    if not task.code:
        return None
    raw = json.loads(task.policy)
    return set_of(loaded_of(task.code, f"{raw['strategy']}.py"), raw)


def labels_of(signals: Sequence[Signal]) -> Labels:
    """Return the outcomes of signals in columns."""
    ends = [one.settlement for one in signals]

    def column(name: str) -> Whole:
        return np.array([0 if end is None else getattr(end, name) for end in ends], dtype=np.int64)

    return Labels(
        opened=np.array([one.close_time for one in signals], dtype=np.int64),
        closed_at=column("closed_at"),
        gross=column("gross_return"),
        net=column("net_return"),
        tp_first=np.array([end is not None and end.outcome == "tp_hit" for end in ends], bool),
        known=np.array([end is not None for end in ends], bool),
    )


def counted(
    feed: Feed, start: int, ends: Labels, decisions: int, marked: Sequence[Marked] = ()
) -> Row:
    """Return the counts and sums of a row; `start` is the open of the first bar (ms).

    `marked` are signals that may be open for more than a day: their returns are by the days they
    were open. Otherwise a day owns what closed in it.
    """
    net, gross = ends.net[ends.known], ends.gross[ends.known]
    last = int(feed.columns[0][-1]) // DAY_MS
    days = np.arange(start // DAY_MS, last + 1).astype(np.int64)
    at, sums = (ends.closed_at[ends.known] - MINUTE_MS) // DAY_MS, np.zeros(len(days), np.int64)
    owned = net  # a day owns what closes at its end
    if marked:
        at, owned, _ = marks_of(marked, feed.bars)
    np.add.at(sums, at - days[0], owned)
    return {
        "bars": len(feed),
        "decisions": decisions,
        "signals": len(ends.net),
        "closed": len(net),
        "wins": int((net > 0).sum()),
        "tp_hits": int(ends.tp_first[ends.known].sum()),
        "net_sum": int(net.sum()),
        "gross_sum": int(gross.sum()),
        "net_squares": float((net.astype(np.float64) ** 2).sum()),
        "days": days.tolist(),
        "day_net": sums.tolist(),
    }


def blank_row(task: Task, engine: str) -> Row:
    """Return the row of a task of which nothing is known yet."""
    counts = dict.fromkeys(
        ("bars", "decisions", "signals", "closed", "wins", "tp_hits", "net_sum", "gross_sum"), 0
    )
    return {
        "engine": engine,
        "strategy": json.loads(task.policy)["strategy"] if task.code else CLASSIC,
        "policy": task.digest,
        "changes": json.dumps(dict(task.changes), sort_keys=True),
        "symbol": task.symbol,
        "start": task.start,
        "end": task.end,
        "data": task.data,
        "interval": task.interval,
        **counts,
        "net_squares": 0.0,
        "days": [],
        "day_net": [],
        "error": None,
        "seconds": 0.0,
    }


@lru_cache(maxsize=16)
def loaded_of(code: str, origin: str) -> Loaded:
    """Return a strategy of a task; a worker loads it once."""
    return load_text(code, origin)


@lru_cache(maxsize=16)
def _table(data: str, symbol: str, digest: str, interval: str) -> BarTable:  # noqa: ARG001 - new files, new table
    """A worker reads each symbol once, whole: about 40 MB a symbol-year."""
    return load(Path(data), symbol, interval=interval)
