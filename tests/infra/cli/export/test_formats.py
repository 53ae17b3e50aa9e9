"""The formats: one set of rows, and no cell that a spreadsheet calculates."""

import csv
import io
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.cli.export.datasets import DATASETS, Column
from infra.cli.export.formats import (
    CALCULATED,
    csv_line,
    csv_lines,
    iso,
    json_lines,
    notes_of,
    safe,
    schema,
    write_rows,
)
from tests.examples import examples
from tests.infra.cli.export.memory_api import MemoryApi
from tests.infra.cli.export.test_run import to_file
from tests.paths import ROOT

KINDS: dict[str, st.SearchStrategy[Any]] = {
    "text": st.text(max_size=20),
    "integer": st.integers(-(2**53), 2**53),
    "number": st.floats(allow_nan=False, allow_infinity=False),
    "boolean": st.booleans(),
    "time": st.integers(0, 4_000_000_000_000),
    "json": st.dictionaries(st.text(max_size=5), st.integers(), max_size=3),
}
COLUMNS = tuple(Column(kind, kind, "") for kind in KINDS)  # type: ignore[arg-type]  # the same
ROWS = st.lists(st.fixed_dictionaries({k: st.none() | one for k, one in KINDS.items()}), max_size=4)


@examples(60)
@given(ROWS)
def test_every_format_has_the_same_values(rows: list[dict[str, Any]]) -> None:
    lines = [json.loads(line) for line in json_lines(COLUMNS, rows)]
    cells = list(csv.DictReader(io.StringIO("".join(csv_lines(COLUMNS, rows)), newline="")))
    assert len(lines) == len(cells) == len(rows)
    for row, line, cell in zip(rows, lines, cells, strict=True):
        time = None if row["time"] is None else iso(row["time"])
        assert line == row | {"time": time}
        assert cell["time"] == (time or "")
        assert cell["text"] == ((row["text"] and safe(row["text"])) or "")
        for kind, read in (("integer", int), ("number", float), ("json", json.loads)):
            assert (read(cell[kind]) if cell[kind] else None) == row[kind]
        assert cell["boolean"] == {None: "", True: "true", False: "false"}[row["boolean"]]


@pytest.mark.parametrize("rows", [0, 1, 25])
def test_a_parquet_file_has_the_types_whatever_its_rows(
    rows: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("infra.cli.export.formats.ROW_GROUP", 10)
    made = [
        {
            "text": "é", "integer": n, "number": n / 2, "boolean": n % 2 == 0,
            "time": 1_000 * n + 7, "json": {"n": n},
        }
        if n else dict.fromkeys(KINDS)
        for n in range(rows)
    ]  # fmt: skip
    file = tmp_path / "x.parquet"
    write_rows(file, "parquet", COLUMNS, made, {"end": 5})
    table = pq.read_table(file)
    assert table.schema.remove_metadata() == schema(COLUMNS)
    assert pq.ParquetFile(file).num_row_groups == -(-rows // 10)
    assert notes_of(file) == {"end": 5}
    last = table.to_pylist()[-1:]
    if rows > 1:
        time = datetime.fromtimestamp(rows - 1, UTC).replace(microsecond=7_000)
        assert last == [made[-1] | {"time": time, "json": f'{{"n":{rows - 1}}}'}]


HOSTILE = [f"{sign}SUM(A1)" for sign in CALCULATED] + [' =cmd|"/C calc"!A0', "\n=1", '"=1', "'=1"]


@pytest.mark.parametrize("text", HOSTILE, ids=ascii)
def test_no_text_is_calculated(text: str) -> None:
    (cell,) = next(csv.reader(io.StringIO(csv_line([text]), newline="")))
    assert not cell.lstrip(" \n").startswith(CALCULATED)
    assert cell in (text, f"'{text}")


@given(st.text(max_size=30))
@examples(60)
def test_a_text_is_marked_only_where_it_would_be_calculated(text: str) -> None:
    (cell,) = next(csv.reader(io.StringIO(csv_line([text, "x"]), newline="")))[:1]
    assert cell == (f"'{text}" if text.lstrip(" \n").startswith(CALCULATED) else text)


def test_numbers_below_zero_stay_numbers() -> None:
    assert csv_line([-1.5, -2, "-1.5"]) == "-1.5,-2,'-1.5\n"


def test_a_hostile_text_of_the_stack_is_no_formula_in_a_file(tmp_path: Path) -> None:
    to_file(MemoryApi(), tmp_path / "file", "decisions", "csv")
    rows = list(csv.DictReader((tmp_path / "file").read_text().splitlines()))
    assert {row["reason"][:2] for row in rows} == {"'="}


def test_the_columns_of_every_dataset_are_documented() -> None:
    """In docs/data-out.md: names, types and meanings, in the order of the files."""
    page = (ROOT / "docs" / "data-out.md").read_text()
    for name, dataset in DATASETS.items():
        table = page.partition(f"\n### {name}\n")[2].partition("\n### ")[0].partition("\n## ")[0]
        rows = [line.strip("| ").split(" | ") for line in table.splitlines() if line[:3] == "| `"]
        assert rows == [[f"`{one.name}`", one.kind, one.about] for one in dataset.columns], name


def test_a_time_is_written_in_utc_with_ms() -> None:
    assert iso(1_747_656_000_007) == "2025-05-19T12:00:00.007Z"
    assert pa.scalar(1_747_656_000_007, pa.timestamp("ms", "UTC")).as_py() == datetime(
        2025, 5, 19, 12, 0, 0, 7_000, UTC
    )
