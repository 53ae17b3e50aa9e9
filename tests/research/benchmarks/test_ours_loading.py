"""Loading and reading come to the same bars."""

import pytest

from research.benchmarks import ours_loading
from research.benchmarks.ours_loading import Loaded, Read
from tests.research.benchmarks.samples import BARS


def test_loading_and_reading_come_to_the_same_bars(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ours_loading, "SYMBOLS", ours_loading.SYMBOLS[:3])
    loaded, read = Loaded(BARS[:50]), Read(BARS[:50])
    assert loaded.check() == read.check() == {"closes": float(BARS[:50, 4].sum())}
    assert loaded.run() == read.run() == 3
    loaded.folder.cleanup()
    read.folder.cleanup()
