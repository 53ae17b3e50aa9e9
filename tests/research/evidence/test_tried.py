"""Every parameter set of sweeps and looks counts once."""

from pathlib import Path

import pyarrow.parquet as pq

from research.evidence.looks import add_look, read_looks
from research.evidence.tried import count_tried, sweep_rows
from research.sweeps.results import Results
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
