"""A task of signals that are open for days has their returns by day, marked to the market."""

from pathlib import Path

import pytest
from signalengine.intervals import DAY_MS
from signalengine.strategy.loading import load_text

from research.simulations.verdicts import STRATEGY
from research.sweeps.grid import strategy_grid
from research.sweeps.tasks import Task, run_task
from tests.research.data.recordings import START

pytestmark = pytest.mark.enable_socket  # Dask's loop; nothing leaves this process


def test_the_returns_of_long_signals_are_spread_over_their_days(data: Path) -> None:
    text = STRATEGY.replace("ttl_minutes=30", "ttl_minutes=2160").replace("* 0.01", "* 0.2")
    (variant,) = strategy_grid(load_text(text, "pulse.py"), {})
    start, end = START + DAY_MS, START + 5 * DAY_MS
    task = Task(
        variant.digest, variant.text, variant.changes, "BTCUSDT", start, end, code=variant.code
    )
    row = run_task(task, str(data), "engine")
    assert row["error"] is None
    assert row["strategy"] == "pulse"
    assert sum(row["day_net"]) == row["net_sum"]
    assert row["closed"] == 2  # one of a day and a half after the other
    assert sum(net != 0 for net in row["day_net"]) == 4  # two of them hold a closing
