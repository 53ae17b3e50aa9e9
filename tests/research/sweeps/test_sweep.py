"""A sweep runs every task once, gives the results of single backtests, and resumes."""

import signal
from pathlib import Path

import dask
import pandas as pd
import pytest
from distributed import LocalCluster
from signalengine.intervals import DAY_MS

from research.backtest.run import simulate
from research.data.errors import DataError
from research.data.loader import load
from research.sweeps.grid import Variant, grid
from research.sweeps.results import Results
from research.sweeps.sweep import Sweep, _client, span_of, sweep, tasks_of
from tests.research.data.recordings import START, market, write_freqtrade
from tests.research.sweeps.samples import LOOSE, PERIOD

pytestmark = pytest.mark.enable_socket  # Dask's loop; nothing leaves this process


LATER = (START + 4 * DAY_MS, START + 5 * DAY_MS)


def swept(data: Path, out: Path, policies: tuple[Variant, ...] | None = None) -> Sweep:
    return sweep(
        policies or grid(LOOSE), ["BTCUSDT", "ETHUSDT"], [PERIOD, LATER],
        data=data, processes=False, workers=1, out=out,
    )  # fmt: skip


def test_every_combination_is_run_and_equals_a_single_backtest(data: Path, tmp_path: Path) -> None:
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


def test_an_interrupted_sweep_resumes(data: Path, tmp_path: Path) -> None:
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
        assert failed["error"].startswith("MissingBarsError")
    assert len(Results(tmp_path).frame()) == 2
    write_freqtrade(data, market(5 * 1440, symbol="NONEUSDT"))
    done = sweep(policies, symbols, [PERIOD], data=data, processes=False, workers=1, out=tmp_path)
    assert done.ran == 1
    assert done.failed.empty


def test_an_external_scheduler_does_the_work(data: Path, tmp_path: Path) -> None:
    with LocalCluster(
        n_workers=1, threads_per_worker=1, processes=False, protocol="tcp", host="127.0.0.1",
        dashboard_address="127.0.0.1:0", worker_dashboard_address=None,
    ) as cluster:  # fmt: skip
        done = sweep(
            grid({}), ["BTCUSDT"], [PERIOD],
            data=data, scheduler=cluster.scheduler_address, out=tmp_path,
        )  # fmt: skip
    assert (done.ran, len(done.failed)) == (1, 0)


@pytest.mark.parametrize("address", ["foo", "tcp://", "tcp://127.0.0.1:1"])
def test_an_address_without_a_scheduler_is_refused_by_name(
    data: Path, tmp_path: Path, address: str
) -> None:
    soon = dask.config.set({"distributed.comm.timeouts.connect": "1s"})
    with soon, pytest.raises(DataError, match=address):
        sweep(grid({}), ["BTCUSDT"], [PERIOD], data=data, scheduler=address, out=tmp_path)


def test_workers_ignore_ctrl_c() -> None:
    """Else each of them prints a traceback of its own."""
    before = signal.getsignal(signal.SIGINT)
    with _client(None, 1, True) as client:
        assert set(client.run(signal.getsignal, signal.SIGINT).values()) == {signal.SIG_IGN}
        assert signal.getsignal(signal.SIGINT) is before


def test_results_go_into_a_folder(data: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(DataError, match="Name a folder"):
        sweep(grid({}), ["BTCUSDT"], [PERIOD], data=data, out=tmp_path / "file")


def test_a_period_is_a_pair_or_words() -> None:
    assert span_of("2026-02-04..2026-02-05") == PERIOD
    for wrong in ("2026-02-04", "2026-02-05..2026-02-04", "x..y"):
        with pytest.raises(DataError):
            span_of(wrong)
    with pytest.raises(DataError, match="at least"):
        tasks_of(grid({}), [], [PERIOD])


def test_what_is_requested_twice_is_one_task() -> None:
    made = tasks_of(grid({}), ["BTCUSDT", "BTCUSDT"], [PERIOD, "2026-02-04..2026-02-05"])
    assert len(made) == 1
