"""One task of a sweep: a policy over a symbol and a period, through the compiled backtest."""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, TypeAlias

import numpy as np
from signalengine.intervals import DAY_MS, MINUTE_MS
from signalengine.policy import load_policy

from research.backtest.feed import WARM_MS
from research.backtest.result import Run
from research.backtest.run import simulate
from research.data.bars import BarTable
from research.data.errors import DataError
from research.data.loader import load
from research.data.times import moment
from research.training.labels import Labels, returns

Row: TypeAlias = dict[str, Any]
Key: TypeAlias = tuple[str, str, int, int, str]
KEY: Final = ("policy", "symbol", "start", "end", "data")
"""Columns of a row that are the key of its task."""


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

    @property
    def key(self) -> Key:
        """What makes it the same task again."""
        return self.digest, self.symbol, self.start, self.end, self.data

    @property
    def name(self) -> str:
        return f"{self.digest} {self.symbol} {moment(self.start)} .. {moment(self.end)}"


def run_task(task: Task, data: str, engine: str) -> Row:
    """Run one task; whatever goes wrong in it is in the row's `error`, and the sweep goes on."""
    began = time.perf_counter()
    row = blank_row(task, engine)
    try:
        row |= _measured(task, data)
    except Exception as error:  # one task of thousands must not end the others; it is recorded
        row["error"] = f"{type(error).__name__}: {error}"
    return row | {"seconds": time.perf_counter() - began}


def _measured(task: Task, data: str) -> Row:
    table = _table(data, task.symbol, task.data).between(task.start - WARM_MS, task.end)
    if not len(table) or table.end <= task.start:
        raise DataError(f"{task.symbol}: no bars from {moment(task.start)} on.")
    done = simulate(table, load_policy(task.policy), start=task.start)
    ends = returns(done.feed, done.signal_rows, done.outcome_rows, done.policy)
    return _counted(done, ends)


def _counted(done: Run, ends: Labels) -> Row:
    net, gross = ends.net[ends.known], ends.gross[ends.known]
    days = (np.arange(done.start // DAY_MS, (done.end - MINUTE_MS) // DAY_MS + 1)).astype(np.int64)
    at = ends.closed_at[ends.known] - MINUTE_MS  # a day owns what closes at its end
    sums = np.zeros(len(days), np.int64)
    np.add.at(sums, at // DAY_MS - days[0], net)
    return {
        "bars": len(done.feed.bars),
        "decisions": len(done.decision_rows),
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
        "policy": task.digest,
        "changes": json.dumps(dict(task.changes), sort_keys=True),
        "symbol": task.symbol,
        "start": task.start,
        "end": task.end,
        "data": task.data,
        **counts,
        "net_squares": 0.0,
        "days": [],
        "day_net": [],
        "error": None,
        "seconds": 0.0,
    }


@lru_cache(maxsize=16)
def _table(data: str, symbol: str, digest: str) -> BarTable:  # noqa: ARG001 - new files, new table
    """A worker reads each symbol once, whole: about 40 MB a symbol-year."""
    return load(Path(data), symbol)
