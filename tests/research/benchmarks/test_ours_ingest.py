"""The ingest contenders process every message."""

from research.benchmarks.ours_ingest import Klines, Marks
from tests.research.benchmarks.samples import BARS


def test_ingest_makes_a_fact_of_every_minute() -> None:
    klines = Klines(BARS[:200])
    assert klines.check() == {"facts": float(klines.minutes)}
    assert klines.run() == 20 * klines.minutes
    assert Marks(BARS).check() == {"marks": 20.0}
