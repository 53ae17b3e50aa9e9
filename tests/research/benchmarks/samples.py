"""Bars too few to time anything, and two contenders."""

from research.benchmarks.market import walk
from research.benchmarks.measuring import Contender

BARS = walk(1_600)
PLAIN = Contender("plain", "research.benchmarks.ours_fold:Subset")
WHOLE = Contender("whole", "research.benchmarks.ours_fold:WholeBar")
