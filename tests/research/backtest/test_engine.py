"""The backtester as researchers call it: every name that is promised, and what is refused."""

import math
from dataclasses import replace
from pathlib import Path

import pytest
from signalengine.errors import ModelError
from signalengine.policy import default_policy

from research.backtest.engine import ESTIMATES, Backtester, Results
from research.backtest.market import simulate_market
from research.backtest.run import simulate
from research.data.bars import BarTable
from research.data.errors import DataError, MissingBarsError
from research.statistics.frames import FRAMES
from research.strategies.named import strategy_set
from tests.research.backtest.markets import asking, model
from tests.research.backtest.sets import CHANNEL_5M
from tests.research.backtest.trailing import trailing
from tests.research.backtest.walks import EAGER, START, filed, walk
from tests.research.data.recordings import csv

DAY_MS = 86_400_000


@pytest.fixture(scope="module")
def table() -> BarTable:
    return walk(6, 9000)


@pytest.fixture(scope="module")
def results(table: BarTable) -> Results:
    return Backtester("BTCUSDT", START + 3 * DAY_MS, score_threshold=0.2, data=table).run()


def test_every_name_is_there_and_can_be_printed(results: Results) -> None:
    assert {"total_signals", "win_rate", "avg_return", "sharpe_ratio", "sortino_ratio"} < {*results}
    for name in ESTIMATES:
        assert f"{results[name]:.2f}"
    assert results["total_signals"] == len(results.run.signals) > 0
    assert results["win_rate"] == results["wins"] / results["closed_signals"]
    assert results["avg_gross_return"] - results["avg_return"] == pytest.approx(0.0012)


def test_tables_and_the_equity_curve_are_frames(results: Results) -> None:
    assert set(FRAMES) < {*results}
    assert len(results) == len([*results])
    curve = results["equity_curve"]
    assert curve["net"].iloc[-1] == pytest.approx(1.0 + results["total_return"])
    assert (curve["gross"] >= curve["net"]).all()
    assert curve.index.is_monotonic_increasing
    for name in ("by_symbol", "by_direction", "by_hour", "by_score"):
        assert results[name]["n"].sum() == results["closed_signals"]
        assert results[name]["wins"].sum() == results["wins"]
    assert results["by_event"]["n"].max() <= results["closed_signals"]
    assert results["by_symbol"].loc["BTCUSDT", "win_rate"] == pytest.approx(results["win_rate"])


def test_the_results_of_a_market_are_of_all_its_symbols(table: BarTable) -> None:
    runs = simulate_market([table, replace(walk(7, 9000), symbol="ETHUSDT")], EAGER)
    found = Results(*runs)
    assert found["symbol"] == "BTCUSDT,ETHUSDT"
    assert found["total_signals"] == sum(len(run.signals) for run in runs)
    assert sum(found["decisions"].values()) == sum(len(run.decision_rows) for run in runs)
    assert found["by_symbol"].index.tolist() == ["BTCUSDT", "ETHUSDT"]
    assert (found["by_symbol"]["n"] > 0).all()


def test_an_unreliable_estimate_is_nan_with_its_reason(results: Results) -> None:
    """Three days are no month, whatever the number of signals."""
    assert math.isnan(results["sharpe_ratio"])
    assert "30 needed" in results["reasons"]["sharpe_ratio"]
    assert not math.isnan(results["win_rate"])
    assert "win_rate_interval" not in results  # nor an interval from so few days


def test_bars_before_the_start_only_warm_up(results: Results) -> None:
    assert results.run.start == START + 3 * DAY_MS
    assert all(s.close_time > START + 3 * DAY_MS for s in results.run.signals)


def test_a_threshold_makes_another_policy(table: BarTable, results: Results) -> None:
    assert Backtester("BTCUSDT", data=table).policy == default_policy()
    assert results.run.policy.threshold == 0.2
    assert results["policy_digest"] != default_policy().digest
    with pytest.raises(ValueError, match="not both"):
        Backtester("BTCUSDT", score_threshold=0.2, policy=default_policy(), data=table)


def test_a_model_is_applied_where_the_policy_names_one(table: BarTable) -> None:
    gate = asking("gate")
    done = Backtester("BTCUSDT", policy=gate, model=model(), data=table).run()
    assert done["total_signals"] == len(simulate(table, gate, model=model()).signals)
    with pytest.raises(ModelError, match="there is none"):
        Backtester("BTCUSDT", policy=gate, data=table).run()


def test_data_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="BTCUSDT"):
        Backtester("BTCUSDT", data=tmp_path).run()


def test_longer_bars_are_refused_by_the_call_that_brings_minutes(
    table: BarTable, tmp_path: Path
) -> None:
    call = r"it needs 1m bars. Download them: await bulk_download_klines\('BTCUSDT', '1m', "
    with pytest.raises(MissingBarsError, match=call + r"days=90\)"):
        Backtester("BTCUSDT", data=table.resample("5m")).run()
    (tmp_path / "BTCUSDT-5m-2026-02-01.csv").write_text(csv(table.resample("5m")))
    with pytest.raises(MissingBarsError, match=call + r"start='2026-02-01', end='2026-02-03'\)"):
        Backtester("BTCUSDT", "2026-02-01", "2026-02-03", data=tmp_path).run()


def test_without_a_start_nothing_is_downloaded(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SIGNALENGINE_DATA", str(tmp_path))
    with pytest.raises(MissingBarsError, match=r"holds no recorded bars.*days=90\)"):
        Backtester("BTCUSDT").run()


@pytest.mark.slow  # numba compiles
def test_a_strategy_is_run_by_its_name_path_or_set(tmp_path: Path) -> None:
    file = tmp_path / "channel.py"
    file.write_text(CHANNEL_5M, encoding="utf-8")
    chosen = {"reach": 0.01, "bars": 4.0}
    data = walk(3, 2500)

    results = Backtester("BTCUSDT", strategy=file, parameters=chosen, data=data).run()

    one = strategy_set(file, chosen)
    assert results["policy_digest"] == one.digest
    assert results["total_signals"] > 5
    same = Backtester("BTCUSDT", strategy=one, data=data).run()
    assert same["avg_return"] == results["avg_return"]
    with pytest.raises(ValueError, match="give a strategy, or a policy"):
        Backtester("BTCUSDT", strategy=one, policy=default_policy(), data=data)


@pytest.mark.slow  # numba compiles
def test_a_strategy_of_longer_intervals_is_run_on_longer_bars(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    bars = filed(walk(3, 9000)).resample("15m")
    results = Backtester("BTCUSDT", strategy=trailing(), data=bars).run()
    assert results["coarse"] == "15m"
    assert results["total_signals"] > 20
    (tmp_path / "BTCUSDT-15m-2025-05-19.csv").write_text(csv(bars))
    from_file = Backtester("BTCUSDT", strategy=trailing(), data=tmp_path).run()
    assert [s.signal_id for s in from_file.run.signals] == [
        s.signal_id for s in results.run.signals
    ]
    monkeypatch.setenv("SIGNALENGINE_DATA", str(tmp_path))
    assert Backtester("BTCUSDT", strategy=trailing()).run()["coarse"] == "15m"
    with pytest.raises(MissingBarsError, match="trailing reads bars of 15m: it needs 1m bars, or "):
        Backtester("BTCUSDT", strategy=trailing(), data=bars.resample("1h")).run()


def test_results_on_1m_bars_are_not_coarse(results: Results) -> None:
    assert results["coarse"] is None
