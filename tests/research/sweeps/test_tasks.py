"""A task's days hold what closed in them."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from signalengine.intervals import DAY_MS, MINUTE_MS
from signalengine.strategy.loading import load_text

from research.backtest.run import simulate
from research.backtest.strategy_run import simulate_set
from research.data.loader import load
from research.sweeps.grid import grid, strategy_grid
from research.sweeps.sweep import tasks_of
from research.sweeps.tasks import Task, run_task, set_of_task
from tests.research.backtest.sets import CHANNEL_5M
from tests.research.backtest.trailing import TRAILING
from tests.research.backtest.walks import filed, walk
from tests.research.data.recordings import START, csv
from tests.research.sweeps.samples import LOOSE

pytestmark = pytest.mark.enable_socket  # Dask's loop; nothing leaves this process


def test_the_days_of_a_task_hold_what_closed_in_them(data: Path) -> None:
    variant = grid(LOOSE)[0]
    start, end = START + DAY_MS, START + 5 * DAY_MS
    task = Task(variant.digest, variant.text, variant.changes, "BTCUSDT", start, end)
    row = run_task(task, str(data), "engine")
    assert row["error"] is None
    assert row["days"] == [start // DAY_MS + k for k in range(4)]
    run = simulate(load(data, "BTCUSDT"), variant.policy, start=start)
    expected = np.zeros(4, np.int64)
    for end in [one.settlement for one in run.signals if one.settlement is not None]:
        day = (end.closed_at - MINUTE_MS) // DAY_MS
        expected[day - row["days"][0]] += end.net_return
    assert row["day_net"] == expected.tolist()


@pytest.mark.slow  # numba compiles
def test_a_task_of_a_strategy_counts_its_signals(data: Path) -> None:
    strategy = load_text(CHANNEL_5M, "channel.py")
    first, second = strategy_grid(strategy, {"bars": [3, 5], "reach": [0.01]})
    assert first.digest != second.digest
    start, end = START + DAY_MS, START + 3 * DAY_MS
    (task, _) = tasks_of([first, second], ["BTCUSDT"], [(start, end)])

    row = run_task(task, str(data), "engine")

    assert row["error"] is None
    one = set_of_task(task)
    assert one is not None
    assert one.parameters == (3.0, 0.01)
    table = load(data, "BTCUSDT").between(None, end)
    run = simulate_set(table, one, start=start)
    ends = [s.settlement for s in run.signals if s.settlement is not None]
    assert (row["signals"], row["closed"], row["decisions"]) == (
        len(run.signals), len(ends), len(run.decisions),
    )  # fmt: skip
    assert row["closed"] > 3
    assert row["net_sum"] == sum(row["day_net"]) == sum(one.net_return for one in ends)
    assert row["tp_hits"] == sum(one.outcome == "tp_hit" for one in ends)


def test_a_strategys_task_that_fails_says_why(data: Path) -> None:
    strategy = load_text(CHANNEL_5M, "channel.py")
    (variant,) = strategy_grid(strategy, {})
    task = replace(
        tasks_of([variant], ["BTCUSDT"], [(START, START + DAY_MS)])[0], code="import os\n"
    )

    assert "an import of a whole module" in run_task(task, str(data), "engine")["error"]
    assert set_of_task(replace(task, code="")) is None


@pytest.mark.slow  # numba compiles
def test_a_strategy_of_longer_intervals_is_swept_on_longer_bars(tmp_path: Path) -> None:
    bars = filed(walk(3, 9000)).resample("15m")
    (tmp_path / "BTCUSDT-15m-2025-05-19.csv").write_text(csv(bars))
    (variant,) = strategy_grid(load_text(TRAILING, "trailing.py"), {"far": [0.8]})
    (task,) = tasks_of([variant], ["BTCUSDT"], [(bars.start, bars.end)])

    row = run_task(replace(task, interval="15m"), str(tmp_path), "engine")

    assert row["error"] is None
    assert (row["bars"], row["closed"] > 5) == (len(bars), True)
    assert row["net_sum"] == sum(row["day_net"])
    assert "not as 1m" in run_task(task, str(tmp_path), "engine")["error"]
