"""Sweeps: every task once, what a single backtest says, and on from where it broke off."""

import io
import signal
from collections.abc import Iterator
from pathlib import Path

import dask
import numpy as np
import pandas as pd
import pytest
from distributed import LocalCluster
from rich.console import Console
from signalengine.intervals import DAY_MS, MINUTE_MS

from research.backtest.run import simulate
from research.data.errors import DataError
from research.data.loader import load
from research.sweeps import tasks
from research.sweeps.command import run_sweep
from research.sweeps.grid import Variant, grid
from research.sweeps.ranking import rank
from research.sweeps.results import Results, engine_digest
from research.sweeps.sweep import Sweep, _client, span_of, sweep, tasks_of
from research.sweeps.tasks import Task, run_task
from tests.research.data.recordings import START, market, write_freqtrade

pytestmark = pytest.mark.enable_socket  # Dask's loop; nothing leaves this process
PERIOD = (START + 3 * DAY_MS, START + 4 * DAY_MS)
LATER = (START + 4 * DAY_MS, START + 5 * DAY_MS)
LOOSE = {"threshold": [0.2, 0.3], "cost_gate": [0.0]}


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data")
    for seed, symbol in enumerate(("BTCUSDT", "ETHUSDT")):
        write_freqtrade(folder, market(5 * 1440, seed=seed, symbol=symbol))
    return folder


@pytest.fixture(autouse=True)
def forget_tables() -> Iterator[None]:
    tasks._table.cache_clear()
    yield
    tasks._table.cache_clear()


def swept(data: Path, out: Path, policies: tuple[Variant, ...] | None = None) -> Sweep:
    return sweep(
        policies or grid(LOOSE), ["BTCUSDT", "ETHUSDT"], [PERIOD, LATER],
        data=data, processes=False, workers=1, out=out,
    )  # fmt: skip


def test_every_combination_is_run_and_says_what_a_single_backtest_says(
    data: Path, tmp_path: Path
) -> None:
    done = swept(data, tmp_path)
    assert done.ran == len(done.rows) == 8
    assert done.failed.empty
    assert (done.rows["closed"] > 0).any()
    policies = {variant.digest: variant.policy for variant in grid(LOOSE)}
    for row in done.rows.to_dict("records"):
        table = load(data, row["symbol"]).between(None, row["end"])
        run = simulate(table, policies[row["policy"]], start=row["start"])
        ends = [s.settlement for s in run.signals if s.settlement is not None]
        assert row["signals"] == len(run.signals)
        assert row["closed"] == len(ends)
        assert row["net_sum"] == sum(end.net_return for end in ends) == sum(row["day_net"])
        assert row["wins"] == sum(end.net_return > 0 for end in ends)
        assert row["days"].tolist() == [row["start"] // DAY_MS]


def test_a_sweep_goes_on_where_it_broke_off(data: Path, tmp_path: Path) -> None:
    one, two = grid(LOOSE)
    first = swept(data, tmp_path, (one,))
    both = swept(data, tmp_path, (one, two))
    again = swept(data, tmp_path, (one, two))
    assert (first.ran, both.ran, again.ran) == (4, 4, 0)
    keys = ["policy", "symbol", "start"]
    pd.testing.assert_frame_equal(
        both.rows.sort_values(keys, ignore_index=True),
        again.rows.sort_values(keys, ignore_index=True),
    )


def test_a_task_that_fails_is_recorded_and_tried_again(data: Path, tmp_path: Path) -> None:
    policies, symbols = grid({}), ["BTCUSDT", "NONEUSDT"]
    for _ in range(2):
        done = sweep(
            policies, symbols, [PERIOD], data=data, processes=False, workers=1, out=tmp_path
        )
        (failed,) = done.failed.to_dict("records")
        assert failed["symbol"] == "NONEUSDT"
        assert failed["error"].startswith("DataError")
    assert len(Results(tmp_path).frame()) == 2
    write_freqtrade(data, market(5 * 1440, symbol="NONEUSDT"))
    done = sweep(policies, symbols, [PERIOD], data=data, processes=False, workers=1, out=tmp_path)
    assert done.ran == 1
    assert done.failed.empty


def test_a_scheduler_of_ones_own_does_the_work(data: Path, tmp_path: Path) -> None:
    with LocalCluster(
        n_workers=1, threads_per_worker=1, processes=False, protocol="tcp", host="127.0.0.1",
        dashboard_address="127.0.0.1:0", worker_dashboard_address=None,
    ) as cluster:  # fmt: skip
        done = sweep(
            grid({}), ["BTCUSDT"], [PERIOD],
            data=data, scheduler=cluster.scheduler_address, out=tmp_path,
        )  # fmt: skip
    assert (done.ran, len(done.failed)) == (1, 0)


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


@pytest.mark.parametrize("address", ["foo", "tcp://", "tcp://127.0.0.1:1"])
def test_an_address_without_a_scheduler_is_refused_by_name(
    data: Path, tmp_path: Path, address: str
) -> None:
    soon = dask.config.set({"distributed.comm.timeouts.connect": "1s"})
    with soon, pytest.raises(DataError, match=address):
        sweep(grid({}), ["BTCUSDT"], [PERIOD], data=data, scheduler=address, out=tmp_path)


def test_ctrl_c_is_the_sweeps_own_and_not_heard_by_its_workers() -> None:
    """Else each of them prints a traceback of its own."""
    before = signal.getsignal(signal.SIGINT)
    with _client(None, 1, True) as client:
        assert set(client.run(signal.getsignal, signal.SIGINT).values()) == {signal.SIG_IGN}
        assert signal.getsignal(signal.SIGINT) is before


def test_results_go_into_a_folder(data: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(DataError, match="Name a folder"):
        sweep(grid({}), ["BTCUSDT"], [PERIOD], data=data, out=tmp_path / "file")


def test_half_a_part_is_no_part(tmp_path: Path) -> None:
    results = Results(tmp_path)
    (tmp_path / ".part-1.parquet.99").write_bytes(b"PAR1")
    assert results.frame().empty


def test_a_period_is_a_pair_or_words() -> None:
    assert span_of("2026-02-04..2026-02-05") == PERIOD
    for wrong in ("2026-02-04", "2026-02-05..2026-02-04", "x..y"):
        with pytest.raises(DataError):
            span_of(wrong)
    with pytest.raises(DataError, match="at least"):
        tasks_of(grid({}), [], [PERIOD])


def test_what_is_asked_for_twice_is_one_task() -> None:
    made = tasks_of(grid({}), ["BTCUSDT", "BTCUSDT"], [PERIOD, "2026-02-04..2026-02-05"])
    assert len(made) == 1


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


def ranked_rows(count: int, days: int, best: float) -> pd.DataFrame:
    rng = np.random.default_rng(2)
    rows = []
    for n in range(count):
        net = (rng.normal(best if n == 0 else 0.0, 0.01, days) * 1e8).astype(np.int64)
        rows.append(
            {
                "policy": f"p{n}", "changes": "{}", "error": None, "closed": 100, "wins": 50,
                "net_sum": int(net.sum()), "gross_sum": int(net.sum()),
                "days": list(range(days)), "day_net": net.tolist(),
            }
        )  # fmt: skip
    return pd.DataFrame(rows)


def test_a_ranking_discounts_what_was_tried() -> None:
    luck = rank(ranked_rows(60, 60, best=0.0))
    assert luck.tried == 60
    top = luck.table.iloc[0]
    alone = rank(ranked_rows(60, 60, best=0.0).query("policy == @top.policy")).table.iloc[0]
    assert alone["deflated"] > 0.95 > top["deflated"]
    assert luck.overfitting is not None
    real = rank(ranked_rows(60, 60, best=0.02))
    assert real.table.iloc[0]["policy"] == "p0"
    assert real.table.iloc[0]["deflated"] > 0.95
    assert real.overfitting is not None
    assert real.overfitting < 0.05


def test_a_policy_that_failed_anywhere_comes_last() -> None:
    rows = ranked_rows(3, 30, best=0.05)
    rows.loc[0, "error"] = "DataError: gone"
    assert rank(rows).table["policy"].iloc[-1] == "p0"


def test_the_command_prints_the_best_and_how_many_were_tried(data: Path, tmp_path: Path) -> None:
    console = Console(record=True, width=160)
    code = run_sweep(
        sets=["threshold=0.2,0.3", "cost_gate=0"], symbols=["BTCUSDT"],
        periods=["2026-02-04..2026-02-05"], data=data, processes=False, workers=1, out=tmp_path,
        console=console,
    )  # fmt: skip
    said = console.export_text()
    assert code == 0
    assert "best of 2 policies" in said
    assert "saw that symbol alone" not in said
    assert "2 tasks run" in said
    assert all(variant.digest in said for variant in grid(LOOSE))


def test_the_command_says_that_a_task_is_a_market_of_one(data: Path, tmp_path: Path) -> None:
    console = Console(record=True, width=200, file=io.StringIO())
    run_sweep(
        sets=["protections.open_signals=1", "cost_gate=0"], symbols=["BTCUSDT", "ETHUSDT"],
        periods=["2026-02-04..2026-02-05"], data=data, processes=False, workers=1, out=tmp_path,
        console=console,
    )  # fmt: skip
    assert "saw that symbol alone" in console.export_text()
