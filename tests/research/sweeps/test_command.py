"""The command prints the best policies and how many were tried."""

import io
from pathlib import Path

import pytest
from rich.console import Console
from signalengine.errors import PolicyError
from signalengine.strategy.loading import load_text

from research.sweeps.command import SearchOptions, run_sweep
from research.sweeps.grid import grid, strategy_grid
from research.sweeps.results import Results
from tests.research.backtest.sets import CHANNEL_5M
from tests.research.sweeps.samples import LOOSE

pytestmark = pytest.mark.enable_socket  # Dask's loop; nothing leaves this process


def test_the_command_prints_the_best_and_how_many_were_tried(data: Path, tmp_path: Path) -> None:
    console = Console(record=True, width=160)
    code = run_sweep(
        sets=["threshold=0.2,0.3", "cost_gate=0"], symbols=["BTCUSDT"],
        periods=["2026-02-04..2026-02-05"], data=data, processes=False, workers=1, out=tmp_path,
        console=console,
    )  # fmt: skip
    printed = console.export_text()
    assert code == 0
    assert "best of 2 policies" in printed
    assert "saw that symbol alone" not in printed
    assert "2 tasks run" in printed
    assert all(variant.digest in printed for variant in grid(LOOSE))


def test_the_command_states_that_a_task_is_a_market_of_one(data: Path, tmp_path: Path) -> None:
    console = Console(record=True, width=200, file=io.StringIO())
    run_sweep(
        sets=["protections.open_signals=1", "cost_gate=0"], symbols=["BTCUSDT", "ETHUSDT"],
        periods=["2026-02-04..2026-02-05"], data=data, processes=False, workers=1, out=tmp_path,
        console=console,
    )  # fmt: skip
    assert "saw that symbol alone" in console.export_text()


@pytest.mark.slow  # numba compiles
def test_a_strategy_is_swept_over_its_parameters(data: Path, tmp_path: Path) -> None:
    strategy = load_text(CHANNEL_5M, "channel.py")
    console = Console(record=True, width=200, file=io.StringIO())
    code = run_sweep(
        strategy=strategy, sets=["bars=3,5", "reach=0.01"], symbols=["BTCUSDT"],
        periods=["2026-02-04..2026-02-05"], data=data, processes=False, workers=1, out=tmp_path,
        console=console,
    )  # fmt: skip

    printed = console.export_text()
    assert code == 0, printed
    assert all(
        one.digest in printed for one in strategy_grid(strategy, {"bars": [3, 5], "reach": [0.01]})
    )
    with pytest.raises(PolicyError, match="not both"):
        run_sweep(strategy=strategy, policy=tmp_path, symbols=["BTCUSDT"], data=data, out=tmp_path)


def test_a_search_is_tested_on_the_last_period(data: Path, tmp_path: Path) -> None:
    console = Console(record=True, width=200, file=io.StringIO())
    options = SearchOptions(["threshold=0.1..0.4"], 5, 7)
    code = run_sweep(
        sets=["cost_gate=0,0.5"], symbols=["BTCUSDT"],
        periods=["2026-02-03..2026-02-04", "2026-02-04..2026-02-05"],
        data=data, processes=False, workers=1, out=tmp_path, console=console,
        search_options=options,
    )  # fmt: skip
    printed = console.export_text()
    assert code == 0, printed
    assert "best of 6 policies" in printed
    before, _, table = printed.partition("best of 6 policies")
    assert "Ranked on the periods that the search has seen" in before
    rows = Results(tmp_path).frame()
    base = rows[(rows["policy"] == rows["policy"].iloc[0])]
    seen, last = base.sort_values("start")["closed"].tolist()
    assert last > 0
    (line,) = [x for x in table.split("tasks run")[0].splitlines() if base["policy"].iloc[0] in x]
    assert f" {seen} " in line
    assert f" {seen + last} " not in line
    assert "has seen 1 of 2 periods: from 2026-02-04 on is its test" in printed
    with pytest.raises(PolicyError, match="a grid, or a search"):
        run_sweep(
            grid_file=tmp_path, symbols=["BTCUSDT"], data=data, out=tmp_path,
            search_options=options,
        )  # fmt: skip


@pytest.mark.slow  # numba compiles
def test_a_strategy_is_searched(data: Path, tmp_path: Path) -> None:
    console = Console(record=True, width=200, file=io.StringIO())
    code = run_sweep(
        strategy=load_text(CHANNEL_5M, "channel.py"), sets=["bars=3,4"], symbols=["BTCUSDT"],
        periods=["2026-02-04..2026-02-05"], data=data, processes=False, workers=1, out=tmp_path,
        console=console, search_options=SearchOptions(["reach=0.005..0.02"], 3, 7),
    )  # fmt: skip
    printed = console.export_text()
    assert code == 0, printed
    assert "reach" in printed
    assert "nothing is left to test what it found" in printed
