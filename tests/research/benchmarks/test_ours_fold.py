"""All ways to fold give the same values."""

import math

from research.benchmarks.ours_backtest import Engine
from research.benchmarks.ours_compiled import SubsetCalled, SubsetLooped, WholeBarLooped
from research.benchmarks.ours_fold import Advance, FromBytes, Subset, ToBytes, WholeBar
from tests.research.benchmarks.samples import BARS


def test_all_ways_to_fold_come_to_the_same_values() -> None:
    expected = Subset(BARS).check()
    contenders = (WholeBar, Advance, ToBytes, FromBytes, SubsetCalled, SubsetLooped, WholeBarLooped)
    for contender in contenders:
        found = contender(BARS).check()
        assert found == {name: expected[name] for name in found}, contender.__name__
    assert all(math.isfinite(value) for value in expected.values())


def test_every_contender_counts_its_units() -> None:
    bars = len(BARS)
    assert [Subset(BARS).run(), WholeBar(BARS).run(), SubsetLooped(BARS).run()] == [bars] * 3
    assert [Advance(BARS).run(), Engine(BARS).run()] == [bars] * 2
    assert ToBytes(BARS).run() == FromBytes(BARS).run() == bars // 100
