"""A task's days hold what closed in them."""

from pathlib import Path

import numpy as np
import pytest
from signalengine.intervals import DAY_MS, MINUTE_MS

from research.backtest.run import simulate
from research.data.loader import load
from research.sweeps.grid import grid
from research.sweeps.tasks import Task, run_task
from tests.research.data.recordings import START
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
