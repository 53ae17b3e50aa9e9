"""The benchmark's own code, on markets too small to time anything."""

import io
import json
import math
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from research.benchmarks import __main__ as command
from research.benchmarks import child
from research.benchmarks.market import walk
from research.benchmarks.measuring import Contender, Row, compared, measure
from research.benchmarks.ours_backtest import Engine
from research.benchmarks.ours_compiled import SubsetCalled, SubsetLooped, WholeBarLooped
from research.benchmarks.ours_fold import Advance, FromBytes, Subset, ToBytes, WholeBar
from research.benchmarks.ours_ingest import Klines, Marks
from research.benchmarks.tables import AIMS, TABLES, Aim, Table

BARS = walk(1_600)
PLAIN = Contender("plain", "research.benchmarks.ours_fold:Subset")
WHOLE = Contender("whole", "research.benchmarks.ours_fold:WholeBar")


@pytest.fixture
def market(tmp_path: Path) -> Path:
    np.save(tmp_path / "market.npy", BARS)
    return tmp_path / "market.npy"


# --- what is measured -----------------------------------------------------------------------------


def test_a_market_is_its_seeds() -> None:
    assert np.array_equal(walk(500, 3), walk(500, 3))
    assert not np.array_equal(walk(500, 3), walk(500, 4))
    assert (BARS[:, 2] >= BARS[:, [1, 4]].max(axis=1)).all()
    assert (BARS[:, 3] <= BARS[:, [1, 4]].min(axis=1)).all()
    assert (np.diff(BARS[:, 0]) == 60_000.0).all()


def test_all_ways_to_fold_come_to_the_same_values() -> None:
    expected = Subset(BARS).check()
    contenders = (WholeBar, Advance, ToBytes, FromBytes, SubsetCalled, SubsetLooped, WholeBarLooped)
    for contender in contenders:
        found = contender(BARS).check()
        assert found == {name: expected[name] for name in found}, contender.__name__
    assert all(math.isfinite(value) for value in expected.values())


def test_every_contender_says_how_much_it_did() -> None:
    bars = len(BARS)
    assert [Subset(BARS).run(), WholeBar(BARS).run(), SubsetLooped(BARS).run()] == [bars] * 3
    assert [Advance(BARS).run(), Engine(BARS).run()] == [bars] * 2
    assert ToBytes(BARS).run() == FromBytes(BARS).run() == bars // 100


def test_ingest_makes_a_fact_of_every_minute() -> None:
    klines = Klines(BARS[:200])
    assert klines.check() == {"facts": float(klines.minutes)}
    assert klines.run() == 20 * klines.minutes
    assert Marks(BARS).check() == {"marks": 20.0}


# --- how it is measured ---------------------------------------------------------------------------


def test_contenders_run_in_turns_in_processes_of_their_own(market: Path) -> None:
    said: list[str] = []
    rows = measure((PLAIN, WHOLE), market, 300, 2, equal=True, say=said.append)
    assert [(row.name, row.problem, row.units) for row in rows] == [
        ("plain", "", 300),
        ("whole", "", 300),
    ]
    assert [len(row.wall_us) for row in rows] == [2, 2]
    assert said == ["preparing plain", "preparing whole", "round 1 of 2", "round 2 of 2"]


def test_what_cannot_be_measured_says_why(market: Path) -> None:
    absent = Contender("absent", "research.benchmarks.peer_fold:Talipp", "talipp")
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


def test_a_child_answers_each_command_with_a_line() -> None:
    answers = io.StringIO()
    child.serve(WholeBar(BARS[:50]), io.StringIO("run\nrun\n"), answers)
    found = [json.loads(line) for line in answers.getvalue().splitlines()]
    assert [set(one) for one in found] == [{"wall_s", "cpu_s", "units"}] * 2
    assert [one["units"] for one in found] == [50, 50]


# --- what is told ---------------------------------------------------------------------------------


def test_a_report_is_printed_and_written(tmp_path: Path) -> None:
    out = io.StringIO()
    table = Table("A fold", "bar", (PLAIN, WHOLE), count=200, rounds=2, equal=True)
    command.report(
        {"fold": table}, 7, tmp_path / "bench.json", Console(file=out, width=110)
    )  # fmt: skip
    text = out.getvalue()
    for told in ("A fold", "plain", "whole", "µs a bar", "quartiles", "load", "bench.json"):
        assert told in text
    written = json.loads((tmp_path / "bench.json").read_text())
    first, second = written["tables"]["fold"]["rows"]
    assert (first["name"], first["ratio"], first["rounds"]) == ("plain", 1.0, 2)
    assert second["ratio"] == second["median_us"] / first["median_us"]
    assert written["machine"]["cores"] >= 1


def test_an_aim_is_a_ratio_of_two_medians() -> None:
    aim = Aim("ahead", "us", "them", 0.5)
    us = Row("us", wall_us=(1.0, 2.0, 9.0), cpu_us=(1.0, 1.0, 3.0))
    them = Row("them", wall_us=(8.0,), cpu_us=(2.0,))
    assert aim.ratios({"us": us, "them": them}) == (0.25, 0.5)
    assert aim.ratios({"us": us}) is None
    assert aim.ratios({"us": us, "them": Row("them", "failed: x")}) is None


def test_every_aim_names_rows_that_are_measured() -> None:
    names = {one.name for table in TABLES.values() for one in table.contenders}
    assert {name for aim in AIMS for name in (aim.faster, aim.than)} <= names


def test_an_unknown_table_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        command.main(["nonsense"])
    assert "there is no table nonsense" in capsys.readouterr().err
