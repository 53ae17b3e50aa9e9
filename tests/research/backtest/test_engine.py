"""The backtester as researchers call it: every name that is promised, and what is refused."""

import math
from pathlib import Path

import pytest
from signalengine.errors import ModelError
from signalengine.policy import default_policy

from research.backtest.engine import ESTIMATES, Backtester, Results
from research.backtest.run import simulate
from research.data.bars import BarTable
from research.data.errors import DataError

from .test_market import asking, model
from .test_run import START, walk

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


def test_what_would_be_a_guess_is_nan_with_its_reason(results: Results) -> None:
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


def test_a_model_is_asked_where_the_policy_wants_one(table: BarTable) -> None:
    gate = asking("gate")
    done = Backtester("BTCUSDT", policy=gate, model=model(), data=table).run()
    assert done["total_signals"] == len(simulate(table, gate, model=model()).signals)
    with pytest.raises(ModelError, match="there is none"):
        Backtester("BTCUSDT", policy=gate, data=table).run()


def test_data_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="BTCUSDT"):
        Backtester("BTCUSDT", data=tmp_path).run()
