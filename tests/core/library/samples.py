"""Bars to fold in columns, and single indicators."""

from collections.abc import Sequence
from math import nan

import numpy as np
from signalengine.facts.stream import Bar

from research.conformance.library import CASES, Case, folded, fresh
from research.conformance.library_references import Bars, Floats

from ..markets import WalkRegime, column, walk

NAMES = ("open", "high", "low", "close", "volume")
BY_NAME = {case.name: case for case in CASES}


def columns_of(bars: Sequence[Bar]) -> Bars:
    made = {name: column(bars, name) for name in NAMES}
    return {**made, "rose": made["close"] > made["open"]}


def random_bars(count: int, seed: int = 0, regime: WalkRegime | None = None) -> Bars:
    """A walk with calm bars, bars without trades, and jumps."""
    return columns_of(walk(count, seed, regime or WalkRegime(calm=0.1, dead=0.02, jumps=0.02)))


def closes(*values: float, volume: float = 1.0) -> Bars:
    """Bars whose four prices are one."""
    x = np.array(values, dtype=np.float64)
    made = dict.fromkeys(NAMES, x)
    return {**made, "volume": np.full(len(x), volume), "rose": np.full(len(x), False)}


def part(bars: Bars, start: int, stop: int) -> Bars:
    return {name: values[start:stop] for name, values in bars.items()}


def joined(*parts: Bars) -> Bars:
    return {name: np.concatenate([one[name] for one in parts]) for name in parts[0]}


def unknown(count: int = 1) -> Bars:
    """Bars of which nothing is known."""
    made = {name: np.full(count, nan) for name in NAMES}
    return {**made, "rose": np.full(count, False)}


def values(name: str, bars: Bars, *periods: float) -> Floats:
    """Values of an indicator after each bar, from a new state; one row a bar."""
    case = BY_NAME[name]
    s, at = fresh(case)
    return folded(case, s, at, bars, periods or case.periods)


def value(name: str, bars: Bars, *periods: float) -> list[float]:
    """The first of an indicator's values after each bar."""
    found: list[float] = values(name, bars, *periods)[:, 0].tolist()
    return found


def all_periods(case: Case) -> tuple[tuple[float, ...], ...]:
    return (case.periods, *case.others)


def same(a: Floats, b: Floats) -> bool:
    """Return whether two are equal to the last bit, or unknown alike."""
    return bool(np.array_equal(a, b, equal_nan=True))
