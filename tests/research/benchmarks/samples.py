"""Bars too few to time anything, and three contenders."""

from research.benchmarks.market import Bars, walk
from research.benchmarks.measuring import Contender

BARS = walk(1_600)
PLAIN = Contender("plain", "research.benchmarks.ours_fold:Subset")
WHOLE = Contender("whole", "research.benchmarks.ours_fold:WholeBar")
COUNTING = Contender("counting", "tests.research.benchmarks.samples:Counting")


class Counting:
    """Its units are the times that it has run."""

    def __init__(self, _bars: Bars) -> None:
        self.runs = 0

    def check(self) -> dict[str, float]:
        return {}

    def run(self) -> int:
        self.runs += 1
        return self.runs
