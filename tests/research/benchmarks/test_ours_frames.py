"""Every frame of a market is parsed and recorded."""

import pytest

from research.benchmarks.frames import SYMBOLS
from research.benchmarks.ours_frames import Parsed, Recorded
from tests.research.benchmarks.samples import BARS


@pytest.mark.parametrize("contender", [Parsed, Recorded])
def test_every_frame_is_read(contender: type[Parsed]) -> None:
    made = contender(BARS[:1])
    assert made.check()["klines"] == 7.0 * len(SYMBOLS)
    assert made.run() == len(made.texts) == 9 * len(SYMBOLS) + 5
