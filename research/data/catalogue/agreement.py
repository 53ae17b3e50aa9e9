"""Whether sources agree: longer bars with those made of shorter ones, and files with each other."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise

import numpy as np

from research.data import files
from research.data.bars import BarTable
from research.data.holdings import FUNDING, INTEREST, METRICS, Holding, of_kind
from research.data.recordings import Recordings
from research.data.series import Floats, Steps
from research.data.times import moment

from .contents import source_of

PRICES = ("open", "high", "low", "close")
MOST_APART = 1e-9
"""Relative: sums of volumes are rounded."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """Two series compared at the times that both have."""

    one: str
    two: str
    common: int
    differing: int
    worst: str = ""
    """The largest difference, in words."""

    def __str__(self) -> str:
        text = f"{self.one} and {self.two}: {self.common} in common, "
        return text + (f"{self.differing} differ ({self.worst})" if self.differing else "equal")


def of_intervals(tables: Sequence[BarTable], tick: float) -> list[Agreement]:
    """Compare the bars of each interval with those made of the next shorter one that is there."""
    found = []
    for shorter, longer in pairwise(tables):
        made = shorter.resample(longer.interval)
        name = f"{longer.interval} bars"
        found.append(of_bars(longer, made, (name, f"those made of {shorter.interval}"), tick))
    return found


def of_sources(found: Recordings, symbol: str, interval: str, tick: float) -> list[Agreement]:
    """Compare the bars of one interval that several sources have."""
    tables = {
        name: _table(held, symbol, interval)
        for name, held in _by_source(found.of_symbol(symbol), (interval,)).items()
    }
    return [
        of_bars(tables[one], tables[two], (f"{interval} bars of {one}", two), tick)
        for one, two in combinations(tables, 2)
    ]


def of_bars(one: BarTable, two: BarTable, names: tuple[str, str], tick: float) -> Agreement:
    """Compare the prices and volumes of two tables."""
    common, at, to = np.intersect1d(
        one.open_time, two.open_time, assume_unique=True, return_indices=True
    )
    apart = np.stack([np.abs(getattr(one, name)[at] - getattr(two, name)[to]) for name in PRICES])
    volumes, others = one.volume[at], two.volume[to]
    uneven = np.abs(volumes - others) > MOST_APART * np.maximum(volumes, others)
    step = tick if np.isfinite(tick) else 0.0
    wrong = (apart > 0.5 * step).any(axis=0) if step else (apart > 0.0).any(axis=0)
    bad = wrong | uneven
    worst = ""
    if wrong.any():
        price, bar = np.unravel_index(int(apart.argmax()), apart.shape)
        size = float(apart[price, bar])
        shown = f"{size / step:.0f} ticks" if step else f"{size:g}"
        worst = f"{PRICES[price]} by up to {shown}, at {moment(int(common[bar]))} UTC"
    elif bad.any():
        worst = f"volumes, the first at {moment(int(common[int(bad.argmax())]))} UTC"
    return Agreement(*names, len(common), int(bad.sum()), worst)


def of_steps(found: Recordings, symbol: str) -> list[Agreement]:
    """Compare the funding rates, and the open interest, that several sources have."""
    held = found.of_symbol(symbol)
    readers: list[tuple[str, tuple[str, ...], Callable[[list[Holding]], Steps | None]]] = [
        ("funding", (FUNDING,), lambda some: files.funding(of_kind(some, symbol, FUNDING))[0]),
        ("open interest", (METRICS, INTEREST), lambda some: _interest(some, symbol)),
    ]
    made = []
    for name, kinds, read in readers:
        known = {source: read(some) for source, some in _by_source(held, kinds).items()}
        for one, two in combinations(known, 2):
            first, second = known[one], known[two]
            if first is not None and second is not None:
                made.append(_of_two(first, second, (f"{name} of {one}", two)))
    return made


def _of_two(one: Steps, two: Steps, names: tuple[str, str]) -> Agreement:
    common, at, to = np.intersect1d(one.time, two.time, assume_unique=True, return_indices=True)
    apart: Floats = np.abs(one.value[at] - two.value[to])
    bad = apart > MOST_APART * np.maximum(np.abs(one.value[at]), np.abs(two.value[to]))
    worst = ""
    if bad.any():
        row = int(apart.argmax())
        worst = f"by up to {apart[row]:g}, at {moment(int(common[row]))} UTC"
    return Agreement(*names, len(common), int(bad.sum()), worst)


def _interest(held: list[Holding], symbol: str) -> Steps | None:
    exact, _ = files.interest(of_kind(held, symbol, INTEREST), symbol)
    lagged, _ = files.metrics(of_kind(held, symbol, METRICS), symbol)
    if lagged is None:
        return exact
    return Steps(lagged.time - files.METRICS_LAG_MS, lagged.value)  # as REST stamps them


def _by_source(held: Sequence[Holding], kinds: tuple[str, ...]) -> dict[str, list[Holding]]:
    found: dict[str, list[Holding]] = {}
    for item in held:
        if item.kind in kinds:
            found.setdefault(source_of(item), []).append(item)
    return found


def _table(held: list[Holding], symbol: str, interval: str) -> BarTable:
    rows = files.bars(of_kind(held, symbol, interval), symbol, interval)
    return BarTable.of_rows(symbol, rows, interval)
