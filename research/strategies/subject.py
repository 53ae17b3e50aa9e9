"""A strategy under the laws: its text, loaded as often as a law needs it."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from signalengine.intervals import INTERVALS
from signalengine.strategy.finding import Finding
from signalengine.strategy.form import Strategy
from signalengine.strategy.loading import Loaded, load_text

from research.compiled import compiled_text

from .failure import Failure
from .lines import Lines, lines_of
from .runs import Parameters, Run

Load = Callable[[str, str], Loaded]


@dataclass(frozen=True)
class Subject:
    """A strategy with chosen parameters."""

    text: str
    origin: str
    p: Parameters
    set_digest: str = ""
    """Of the parameter set, as signals have it."""
    load: Load = load_text
    """Loads the text anew, as another process would."""
    compile: Load = compiled_text

    @cached_property
    def loaded(self) -> Loaded:
        return self.load(self.text, self.origin)

    @cached_property
    def compiled(self) -> Loaded:
        return self.compile(self.text, self.origin)

    @property
    def strategy(self) -> Strategy:
        return self.loaded.strategy

    @cached_property
    def lines(self) -> Lines:
        return lines_of(self.text, self.strategy)

    @property
    def intervals(self) -> tuple[str, ...]:
        """Intervals of which a market needs bars, shortest first."""
        needed = {*self.loaded.intervals, self.strategy.every}
        if self.strategy.features:
            needed |= set(INTERVALS)
        return tuple(name for name in INTERVALS if name in needed)

    @property
    def warm_up(self) -> Mapping[str, int]:
        """Bars of each interval before live ones."""
        return {name: self.strategy.warm_up.get(name, 0) for name in self.intervals}

    def run(self, loaded: Loaded | None = None) -> Run:
        """Return a plain run from the first bar; of a strategy loaded anew where one is given."""
        return Run(loaded or self.loaded, self.p)

    def fresh(self) -> Run:
        """Return a run as in another process."""
        return self.run(self.load(self.text, self.origin))

    def compiled_run(self) -> Run:
        return Run(self.compiled, self.p, buffer=np.array, convert=_array)

    def failure(
        self, law: str, line: int, text: str, fix: str, *, warning: bool = False
    ) -> Failure:
        return Failure(law, Finding(line, text, fix), warning)


def _array(numbers: object) -> object:
    return np.array(numbers, dtype=np.float64)


def differing(subject: Subject, mine: tuple[float, ...], other: tuple[float, ...]) -> Iterator[str]:
    """Yield the names of the values that differ."""
    declared = subject.strategy.values.declared
    for one, x, y in zip(declared, mine, other, strict=True):
        if repr(x) != repr(y):
            yield one.name
