"""Every frame of a market is parsed and recorded."""

import pytest

from research.benchmarks.frames import SYMBOLS
from research.benchmarks.ours_frames import Parsed, ParsedByJson, Recorded
from tests.research.benchmarks.samples import BARS


@pytest.mark.parametrize("contender", [Parsed, ParsedByJson, Recorded])
def test_every_frame_is_read(contender: type[Parsed]) -> None:
    made = contender(BARS[:1])
    assert made.check()["klines"] == 7.0 * len(SYMBOLS)
    assert made.run() == len(made.frames) == 9 * len(SYMBOLS) + 5


def test_both_ways_come_to_the_same_values() -> None:
    assert Parsed(BARS[:1]).check() == ParsedByJson(BARS[:1]).check()
