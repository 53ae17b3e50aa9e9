"""The engine's contender of the sweep runs the sweep that people call."""

from collections.abc import Iterator

import pytest

from research.benchmarks import ours_sweep
from research.benchmarks.market import DAY_MINUTES, walk
from research.benchmarks.month import SETS, SYMBOLS
from research.benchmarks.ours_sweep import VALUES, OneCore
from research.sweeps import tasks
from research.sweeps.grid import grid

pytestmark = pytest.mark.enable_socket
BARS = walk(len(SYMBOLS) * 4 * DAY_MINUTES)


class Small(OneCore):
    values = {"threshold": [0.2, 0.9], "cost_gate": [0.0]}  # noqa: RUF012 - as the class it is of


@pytest.fixture
def contender() -> Iterator[Small]:
    made = Small(BARS)
    yield made
    made.folder.cleanup()
    tasks._table.cache_clear()


def test_every_set_is_run_over_every_symbol(
    contender: Small, monkeypatch: pytest.MonkeyPatch
) -> None:
    swept = []

    def watched(*words: object, **more: object) -> object:
        swept.append(real(*words, **more))
        return swept[-1]

    real = ours_sweep.sweep
    monkeypatch.setattr(ours_sweep, "sweep", watched)
    assert contender.run() == 2
    rows = swept[0].rows
    assert len(rows) == 2 * len(SYMBOLS)
    assert set(rows["bars"]) == {2 * DAY_MINUTES}
    assert rows["closed"].sum() > 0


def test_a_failed_set_is_not_timed(contender: Small, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ours_sweep, "SYMBOLS", ("NONEUSDT",))
    with pytest.raises(RuntimeError, match="NONEUSDT"):
        contender.run()


def test_the_grid_has_as_many_sets_as_the_peers() -> None:
    assert len(grid(VALUES)) == len(SETS)
