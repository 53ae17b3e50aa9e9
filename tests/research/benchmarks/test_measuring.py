"""Contenders are measured in turns, in processes of their own, and compared by value first."""

from pathlib import Path

import numpy as np
import pytest

from research.benchmarks.measuring import Contender, Row, compared, measure
from tests.research.benchmarks.samples import BARS, COUNTING, PLAIN, WHOLE


@pytest.fixture
def market(tmp_path: Path) -> Path:
    np.save(tmp_path / "market.npy", BARS)
    return tmp_path / "market.npy"


def test_contenders_run_in_turns_in_processes_of_their_own(market: Path) -> None:
    progress: list[str] = []
    rows = measure((PLAIN, WHOLE), market, 300, 2, equal=True, say=progress.append)
    assert [(row.name, row.problem, row.units) for row in rows] == [
        ("plain", "", 300),
        ("whole", "", 300),
    ]
    assert [len(row.wall_us) for row in rows] == [2, 2]
    assert progress == ["preparing plain", "preparing whole", "round 1 of 2", "round 2 of 2"]


def test_what_its_check_has_warmed_is_not_run_before(market: Path) -> None:
    (warm,) = measure((COUNTING,), market, 300, 1, say=lambda text: None)
    (cold,) = measure((COUNTING,), market, 300, 1, warm=False, say=lambda text: None)
    assert (warm.units, cold.units) == (2, 1)


def test_what_cannot_be_measured_has_a_reason(market: Path) -> None:
    absent = Contender("absent", "research.benchmarks.peers.fold:Talipp", "talipp")
    broken = Contender("broken", "research.benchmarks.ours_fold:NoSuchThing")
    rows = measure(
        (PLAIN, absent, broken), market, 300, 1,
        missing={"talipp": "no wheel"}, say=lambda text: None,
    )  # fmt: skip
    assert [row.problem for row in rows[:2]] == ["", "not installed: no wheel"]
    assert rows[2].problem.startswith("failed: AttributeError")
    assert [row.units for row in rows] == [300, 0, 0]


def test_other_values_are_not_timed() -> None:
    rows = {
        "ours": Row("ours", values={"rsi": 50.0, "atr": 2.0}),
        "alike": Row("alike", values={"rsi": 50.0 * (1.0 + 1e-12), "vwap": 7.0}),
        "other": Row("other", values={"rsi": 50.001}),
        "silent": Row("silent"),
    }
    problems = {name: row.problem for name, row in compared(rows, "ours").items()}
    assert problems == {
        "ours": "",
        "alike": "",
        "other": "differs: rsi is 50.001, not 50",
        "silent": "differs: no values",
    }
