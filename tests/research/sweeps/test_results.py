"""Results are whole parts; those of other code or other bars are not mixed in."""

from dataclasses import replace
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from research.sweeps import tasks
from research.sweeps.grid import grid
from research.sweeps.results import PARTS, Results, engine_digest
from research.sweeps.sweep import sweep, tasks_of
from tests.research.data.recordings import market, write_freqtrade
from tests.research.sweeps.samples import PERIOD

pytestmark = pytest.mark.enable_socket  # Dask's loop; nothing leaves this process


def test_results_of_other_code_are_not_mixed_in(tmp_path: Path) -> None:
    results = Results(tmp_path)
    (task,) = tasks_of(grid({}), ["BTCUSDT"], [PERIOD])
    results.add([tasks.blank_row(task, "old")])
    assert results.missing([task], "old") == []
    assert results.missing([task], engine_digest()) == [task]
    assert len(engine_digest()) == 12


def test_results_of_other_bars_are_not_mixed_in(data: Path, tmp_path: Path) -> None:
    """Neither those of another folder nor those of a file that was replaced."""
    other = tmp_path / "data"
    other.mkdir()
    write_freqtrade(other, market(5 * 1440, seed=7, symbol="BTCUSDT"))

    def ran(folder: Path) -> tuple[int, int]:
        done = sweep(
            grid({}), ["BTCUSDT"], [PERIOD],
            data=folder, processes=False, workers=1, out=tmp_path / "out",
        )  # fmt: skip
        return done.ran, len(done.rows)

    assert [ran(data), ran(other), ran(data), ran(other)] == [(1, 1), (1, 1), (0, 1), (0, 1)]
    write_freqtrade(other, market(4 * 1440, seed=8, symbol="BTCUSDT"))
    assert ran(other) == (1, 1)


def test_results_of_other_intervals_are_not_mixed_in(tmp_path: Path) -> None:
    results = Results(tmp_path)
    (task,) = tasks_of(grid({}), ["BTCUSDT"], [PERIOD])
    hours, fours = (replace(task, interval=name) for name in ("1h", "4h"))
    results.add([tasks.blank_row(hours, "e") | {"bars": 4}])
    assert results.missing([task, hours, fours], "e") == [task, fours]
    results.add([tasks.blank_row(fours, "e") | {"bars": 1}])
    assert results.frame("e")[["interval", "bars"]].values.tolist() == [["1h", 4], ["4h", 1]]


def test_rows_without_an_interval_are_of_no_task(tmp_path: Path) -> None:
    """Those of an earlier version may be of any bars."""
    results = Results(tmp_path)
    (task,) = tasks_of(grid({}), ["BTCUSDT"], [PERIOD])
    results.add([tasks.blank_row(task, "e")])
    (part,) = tmp_path.glob(PARTS)
    pq.write_table(pq.read_table(part).drop_columns(["interval"]), part)
    assert len(results.frame("e")) == 1
    assert results.missing([task], "e") == [task]


def test_a_half_written_part_is_ignored(tmp_path: Path) -> None:
    results = Results(tmp_path)
    (tmp_path / ".part-1.parquet.99").write_bytes(b"PAR1")
    assert results.frame().empty
