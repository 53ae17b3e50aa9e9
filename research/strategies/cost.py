"""What a strategy costs: time a bar, plain and compiled alike on this machine, and its state."""

from collections.abc import Mapping
from dataclasses import dataclass
from time import perf_counter

from signalengine.intervals import DAY_MS, INTERVAL_MS

from .markets import Market
from .subject import Subject

DAYS_A_MONTH = 730 / 24


@dataclass(frozen=True, slots=True)
class Cost:
    """Times in µs, measured on plain Python."""

    fold_us: Mapping[str, float]
    """Of a bar, by interval."""
    decision_us: float
    """Of both sides' answers at a close of `every`."""
    numbers: int
    """In the state of one symbol and set; 8 bytes each."""
    every: str

    @property
    def us_a_bar(self) -> float:
        """Mean over the bars that it folds, with their share of the decisions."""
        bars = sum(map(_a_day, self.fold_us)) or _a_day(self.every)
        return self.us_a_day / bars

    @property
    def us_a_day(self) -> float:
        folds = sum(_a_day(name) * us for name, us in self.fold_us.items())
        return folds + _a_day(self.every) * self.decision_us

    @property
    def ms_a_month(self) -> float:
        """Of one symbol."""
        return self.us_a_day * DAYS_A_MONTH / 1000.0


def cost_of(subject: Subject, market: Market) -> Cost:
    """Return what a strategy costs on a market."""
    spent = dict.fromkeys(subject.loaded.intervals, 0.0)
    count = dict.fromkeys(subject.loaded.intervals, 0)
    run, deciding, decided = subject.run(), 0.0, 0
    for step in market.steps:
        began = perf_counter()
        closed = run.fold(step)
        between = perf_counter()
        mine = [row.interval for row in step.rows if row.interval in spent]
        for name in mine:
            spent[name] += (between - began) / len(mine)
            count[name] += 1
        if closed:
            run.ask(step.f)
            deciding += perf_counter() - between
            decided += 1
    fold_us = {name: 1e6 * spent[name] / max(1, count[name]) for name in spent}
    return Cost(
        fold_us, 1e6 * deciding / max(1, decided), subject.strategy.size, subject.strategy.every
    )


def _a_day(interval: str) -> float:
    return DAY_MS / INTERVAL_MS[interval]
