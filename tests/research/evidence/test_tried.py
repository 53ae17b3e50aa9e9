"""Every parameter set of sweeps and looks counts once."""

import os
from pathlib import Path

import pyarrow.parquet as pq

from research.evidence.looks import add_look, read_looks
from research.evidence.tried import count_tried, forward_rows, sweep_rows
from research.sweeps.forward import walk_forward
from research.sweeps.results import PARTS, Results
from research.sweeps.tasks import Task, blank_row


def swept(folder: Path, strategy: str | None, *policies: str, symbol: str = "AAAUSDT") -> None:
    rows = [
        blank_row(Task(name, "{}", {}, symbol, 0, 1), "engine") | {"strategy": strategy}
        for name in policies
    ]
    Results(folder).add(rows)


def test_sweeps_of_the_strategy_and_its_symbols_count(tmp_path: Path) -> None:
    swept(tmp_path / "one", "pulse", "a", "b")
    swept(tmp_path / "two", "pulse", "b", "c")
    swept(tmp_path / "two", "other", "d")
    swept(tmp_path / "two", None, "e")  # of an earlier version
    swept(tmp_path / "two", "pulse", "f", symbol="CCCUSDT")
    rows = sweep_rows(tmp_path, "pulse", ["AAAUSDT"])
    assert set(rows["policy"]) == {"a", "b", "c", "e"}
    assert len(rows) == 5
    assert count_tried("a", rows, read_looks(tmp_path / "none")) == 4
    assert count_tried("z", rows, read_looks(tmp_path / "none")) == 5


def test_without_sweeps_and_looks_one_was_tried(tmp_path: Path) -> None:
    rows = sweep_rows(tmp_path / "none", "pulse", ["AAAUSDT"])
    assert count_tried("a", rows, read_looks(tmp_path / "none")) == 1


def test_each_set_that_was_looked_at_counts_once(tmp_path: Path) -> None:
    file = tmp_path / "data.looks.jsonl"
    for name in ("a", "b", "b", "c"):
        add_look(file, "final", at=0, strategy=name, parameter_set=name, registration="",
                 span=(0, 1))  # fmt: skip
    rows = sweep_rows(tmp_path / "none", "pulse", ["AAAUSDT"])
    assert count_tried("a", rows, read_looks(file)) == 3


def test_a_task_has_the_name_of_its_strategy() -> None:
    of_a_set = Task("a", '{"strategy": "pulse"}', {}, "AAAUSDT", 0, 1, code="text")
    assert blank_row(of_a_set, "engine")["strategy"] == "pulse"
    assert blank_row(Task("a", "{}", {}, "AAAUSDT", 0, 1), "engine")["strategy"] == "classic"


def test_parts_of_an_earlier_version_count(tmp_path: Path) -> None:
    swept(tmp_path, "other", "a")
    (part,) = tmp_path.glob("part-*.parquet")
    pq.write_table(pq.read_table(part).drop_columns(["strategy"]), part)
    rows = sweep_rows(tmp_path, "pulse", ["AAAUSDT"])
    assert rows["policy"].tolist() == ["a"]
    assert rows["strategy"].isna().all()


def run_again(folder: Path, engine: str, data: str, net: int, interval: str = "1m") -> None:
    """Write two periods of one set; later calls are newer."""
    rows = [
        blank_row(
            Task("a", "{}", {}, "AAAUSDT", start, start + 10, data, interval=interval), engine
        )
        | {"strategy": "pulse", "closed": 40, "net_sum": net}
        for start in (0, 10)
    ]
    known = set(folder.parent.rglob(PARTS))
    Results(folder).add(rows)
    (part,) = set(folder.rglob(PARTS)) - known
    os.utime(part, ns=(0, len(known)))


def test_a_sweep_that_ran_again_is_walked_forward_once(tmp_path: Path) -> None:
    """With other code, on changed data, into another folder: the same signals."""
    run_again(tmp_path / "b", "old", "d", 80)
    run_again(tmp_path / "b", "new", "d", 160)
    run_again(tmp_path / "a", "new", "more", 240)
    run_again(tmp_path / "a", "new", "more", 999, interval="1h")
    rows = sweep_rows(tmp_path, "pulse", ["AAAUSDT"])
    assert len(rows) == 8
    (step,) = walk_forward(forward_rows(rows, "1m", 20), "a")
    assert (step.closed, step.default_closed) == (40, 40)
    assert forward_rows(rows, "1m", 20)["net_sum"].tolist() == [240, 240]
    assert len(forward_rows(rows, "1m", 10)) == 1
    assert len(forward_rows(rows, "1h", 20)) == 2


def test_a_failed_try_does_not_replace_what_went_well(tmp_path: Path) -> None:
    run_again(tmp_path, "old", "d", 80)
    task = Task("a", "{}", {}, "AAAUSDT", 0, 10, "d")
    Results(tmp_path).add([blank_row(task, "new") | {"strategy": "pulse", "error": "gone"}])
    rows = sweep_rows(tmp_path, "pulse", ["AAAUSDT"])
    assert forward_rows(rows, "1m", 20)["net_sum"].tolist() == [80, 80]
