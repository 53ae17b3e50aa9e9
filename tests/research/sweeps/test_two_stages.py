"""Rows of tasks that share a fold are those of a backtest of each."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from signalengine.intervals import DAY_MS
from signalengine.strategy.loading import load_shipped, load_text
from signalengine.strategy.sets import set_of

from research.policies import varied
from research.sweeps import two_stages
from research.sweeps.grid import Variant, grid, strategy_grid
from research.sweeps.sweep import tasks_of
from research.sweeps.tasks import Row, Task, run_task
from research.sweeps.two_stages import run_batch, shared_fold
from tests.research.backtest.sets import CHANNEL_5M, MIXED, mixed
from tests.research.backtest.trailing import TRAILING
from tests.research.backtest.walks import filed, walk
from tests.research.data.recordings import START, csv

SPAN = (START + DAY_MS, START + 5 * DAY_MS)
LONG = MIXED.replace("ttl_minutes=90", "ttl_minutes=2880").replace("expire(out, 75.0)", "").replace(
    "return side * v[RUN] < -3.0", "return side * v[RUN] < -9.0"
)  # fmt: skip
"""Open for up to two days, with parts closed on the way."""


def rows_of(tasks: Sequence[Task], data: Path) -> tuple[list[Row], list[Row]]:
    """Return the rows of a batch, and of a backtest each, without their times."""
    batch = run_batch(tasks, str(data), "engine")
    alone = [run_task(task, str(data), "engine") for task in tasks]
    for row in (*batch, *alone):
        assert row.pop("seconds") >= 0.0
    return batch, alone


def compared(variants: Sequence[Variant], data: Path, **changes: Any) -> list[Row]:
    tasks = [replace(task, **changes) for task in tasks_of(variants, ["BTCUSDT"], [SPAN])]
    batch, alone = rows_of(tasks, data)
    assert batch == alone
    assert all(row["error"] is None for row in batch)
    return batch


def test_policies_have_the_rows_of_their_own_backtests(data: Path) -> None:
    values = {
        "threshold": [0.2, 0.3], "tp_atr": [0.8, 2.0], "ttl_s": [900, 7200], "cost_gate": [0.0],
    }  # fmt: skip
    rows = compared(grid(values), data)
    assert len({row["net_sum"] for row in rows}) == 8
    assert all(row["closed"] > 5 for row in rows)


def test_policies_that_fold_in_another_way_have_folds_of_their_own(data: Path) -> None:
    variants = grid({"events.volume_spike.z": [2, 3], "threshold": [0.2], "cost_gate": [0.0]})
    assert len({shared_fold(one.policy) for one in variants}) == 2
    first, second = compared(variants, data)
    assert first["decisions"] > second["decisions"]


def test_policies_with_protections_go_alone(data: Path) -> None:
    variants = grid({"protections.stops": [0, 1], "threshold": [0.2], "cost_gate": [0.0]})
    assert [bool(shared_fold(one.policy)) for one in variants] == [True, False]
    free, careful = compared(variants, data)
    assert free["signals"] > careful["signals"]


@pytest.mark.slow  # numba compiles
@pytest.mark.parametrize(
    ("text", "values"),
    [
        (CHANNEL_5M, {"reach": [0.006, 0.02], "bars": [3, 8]}),
        (TRAILING, {"far": [0.4, 0.9]}),
        (LONG, {"far": [2.0, 4.0]}),
    ],
)
def test_sets_have_the_rows_of_their_own_backtests(
    text: str, values: dict[str, list[float]], data: Path
) -> None:
    name = text.partition('name="')[2].partition('"')[0]
    rows = compared(strategy_grid(load_text(text, f"{name}.py"), values), data)
    assert all(row["closed"] > 0 for row in rows)
    assert len({row["net_sum"] for row in rows}) == len(rows)


@pytest.mark.slow  # numba compiles
def test_longer_bars_have_the_same_rows(tmp_path: Path) -> None:
    bars = filed(walk(3, 9000)).resample("15m")
    (tmp_path / "BTCUSDT-15m-2025-05-19.csv").write_text(csv(bars))
    variants = strategy_grid(load_text(TRAILING, "trailing.py"), {"far": [0.5, 0.8]})
    tasks = tasks_of(variants, ["BTCUSDT"], [(bars.start, bars.end)])
    batch, alone = rows_of([replace(task, interval="15m") for task in tasks], tmp_path)
    assert batch == alone
    assert all(row["closed"] > 5 for row in batch)


def test_sets_that_share_a_fold_are_known(monkeypatch: pytest.MonkeyPatch, data: Path) -> None:
    donchian = partial(set_of, load_shipped("donchian"))
    one, two = (shared_fold(donchian({"parameters": {"tp_atr": x}})) for x in (4.0, 5.0))
    assert one == two != ""
    assert shared_fold(donchian({"parameters": {"days": 10}})) not in (one, "")
    assert shared_fold(mixed("stops")) == shared_fold(set_of(load_shipped("momentum"))) == ""
    assert shared_fold(varied({"threshold": 0.3})) == shared_fold(varied({"ttl_s": 60}))

    folds = []
    collect = two_stages.collect
    monkeypatch.setattr(two_stages, "collect", lambda feed, p: folds.append(p) or collect(feed, p))
    span = (START + 2 * DAY_MS, START + 5 * DAY_MS)
    tasks = tasks_of(grid({"threshold": [0.2, 0.3, 0.4]}), ["ETHUSDT"], [span])
    run_batch(tasks, str(data), "engine")
    assert len(folds) == 1


def test_a_task_that_fails_leaves_the_others_of_its_batch(data: Path) -> None:
    first, second = tasks_of(grid({"threshold": [0.2, 0.3]}), ["BTCUSDT"], [SPAN])
    bad, good = run_batch([replace(first, policy="{"), second], str(data), "engine")
    assert bad["error"].startswith("PolicyError")
    assert (good["error"], good["policy"]) == (None, second.digest)
    (gone,) = run_batch([replace(first, symbol="NONEUSDT")], str(data), "engine")
    assert gone["error"].startswith("MissingBarsError")
