"""Recorded bars as a market for the laws."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
from signalengine.intervals import DAY_MS, INTERVAL_MS, INTERVALS
from signalengine.strategy.running import Row
from signalengine.strategy.sets import StrategySet

from research.backtest.coarse import usable
from research.backtest.strategy_run import simulate_set
from research.data.bars import BarTable
from research.data.loader import load, symbols

from .markets import Market, Step
from .subject import Subject

MOST_BARS: Final = 10_000
"""Of the shortest interval, the newest: the laws need no more."""


def market_of(subject: Subject, source: Path, symbol: str) -> Market:
    """Return the newest bars of a recorded symbol; raises DataError when there are none.

    Bars come from the longest recorded ones that make every interval that the strategy needs.
    """
    shortest = subject.intervals[0]
    recorded = recorded_interval(source, symbol, shortest)
    table = load(source, symbol, interval=recorded)
    tables = {
        name: table if name == recorded else table.resample(name) for name in subject.intervals
    }
    return Market(symbol, {}, tuple(steps_of(tables)))


def signals_of(one: StrategySet, source: Path, symbol: str) -> tuple[int, float] | None:
    """Return how many signals a backtest opens, and over how many days; None without its bars."""
    for interval in usable(one):
        if symbol in symbols(source, interval):
            table = load(source, symbol, interval=interval)
            return len(simulate_set(table, one).signals), len(table) * table.interval_ms / DAY_MS
    return None


def recorded_interval(source: Path, symbol: str, shortest: str) -> str:
    """Return the longest recorded interval that is not longer than `shortest`; else 1m."""
    usable = [name for name in INTERVALS if INTERVAL_MS[name] <= INTERVAL_MS[shortest]]
    for name in reversed(usable):
        if symbol in symbols(source, name):
            return name
    return usable[0]


def steps_of(tables: dict[str, BarTable]) -> Sequence[Step]:
    """Return the bars of all intervals by their close."""
    shortest = min(tables, key=lambda name: INTERVAL_MS[name])
    begin = int(tables[shortest].close_time[-MOST_BARS:][0]) if len(tables[shortest]) else 0
    ending: dict[int, list[Row]] = {}
    for name, table in tables.items():
        for at in np.flatnonzero(table.close_time >= begin):
            ending.setdefault(int(table.close_time[at]), []).append(_row(table, name, int(at)))
    return [Step(close, tuple(_shortest_first(ending[close]))) for close in sorted(ending)]


def _shortest_first(rows: list[Row]) -> list[Row]:
    return sorted(rows, key=lambda row: INTERVAL_MS[row.interval])


def _row(table: BarTable, interval: str, at: int) -> Row:
    columns = (table.open, table.high, table.low, table.close, table.volume, table.quote_volume)
    numbers = tuple(float(column[at]) for column in columns)
    return Row(interval, (float(table.open_time[at]), *numbers))
