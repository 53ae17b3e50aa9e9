"""SQL over exported files: it reads the views, and nothing else."""

import builtins
import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest

from infra.cli.export.datasets import DATASETS
from infra.cli.export.sql import Answer, connected, csv_of, json_of, plain_value, used
from infra.errors import USAGE, CommandError
from tests.infra.cli.export.memory_api import MemoryApi
from tests.infra.cli.export.test_run import to_file


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("data")
    made = {name: folder / f"{name}.parquet" for name in DATASETS}
    for name, file in made.items():
        to_file(MemoryApi(), file, name, "parquet")
    return made


def ask(files: dict[str, Path], query: str) -> list[dict[str, Any]]:
    with connected(files) as connection:
        return list(json.loads("".join(json_of(Answer(connection, query)))))


def test_every_view_has_the_rows_and_the_types_of_its_file(files: dict[str, Path]) -> None:
    api = MemoryApi()
    counts = {name: ask(files, f"FROM {name} SELECT count(*) n")[0]["n"] for name in DATASETS}
    assert counts == {
        **{name: len(rows) for name, rows in api.lists.items()},
        "bars": 36, "performance": 1,
    }  # fmt: skip
    rows = ask(files, "DESCRIBE signals")
    types = {row["column_name"]: row["column_type"] for row in rows}
    assert list(types) == [one.name for one in DATASETS["signals"].columns]
    assert (types["time"], types["score"]) == ("TIMESTAMP WITH TIME ZONE", "DOUBLE")
    assert (types["close_time"], types["ambiguous"]) == ("BIGINT", "BOOLEAN")


def test_views_are_joined_and_json_is_read(files: dict[str, Path]) -> None:
    (row,) = ask(
        files,
        "SELECT count(*) n, max(d.scores->'long'->>'score') best, min(s.time) first "
        "FROM signals s JOIN decisions d USING (symbol, close_time)",
    )
    assert (row["n"] > 0, row["best"]) == (True, "0.41")
    assert row["first"] == "2025-05-19T00:00:00.000Z"


@pytest.mark.parametrize("query", ["SELECT 1 a, 2 a", "FROM (SELECT 1 a) x, (SELECT 2 a) y"])
def test_json_of_columns_of_one_name_is_refused_and_csv_has_them_all(query: str) -> None:
    with pytest.raises(CommandError, match=r"columns share a$") as raised:
        ask({}, query)
    assert (raised.value.code, "name them with AS" in raised.value.fix) == (USAGE, True)
    with connected({}) as connection:
        assert "".join(csv_of(Answer(connection, query))) == "a,a\n1,2\n"


def test_a_view_without_a_file_is_empty_and_has_its_columns() -> None:
    assert ask({}, "SELECT count(*) n, max(tp_price) x FROM signals") == [{"n": 0, "x": None}]
    assert [row["name"] for row in ask({}, "SHOW TABLES")] == sorted(DATASETS)


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * FROM read_text('{file}')", "SELECT * FROM read_csv('{file}')",
        "SELECT * FROM read_parquet('{file}')", "SELECT * FROM '{file}'", "FROM '{file}'",
        "SELECT * FROM read_blob('{file}')", "SELECT * FROM glob('{folder}/*')",
        "SELECT * FROM sniff_csv('{file}')", "SELECT * FROM parquet_metadata('{file}')",
        "SELECT * FROM read_json('{file}')", "SELECT * FROM query('FROM read_text(''{file}'')')",
        "SELECT * FROM 'http://127.0.0.1:9/x.csv'",
    ],
)  # fmt: skip
def test_no_file_and_no_address_is_read(query: str, files: dict[str, Path], tmp_path: Path) -> None:
    secret = tmp_path / "secret.csv"
    secret.write_text("a,b\n1,2\n")
    for file in (secret, files["signals"]):
        with pytest.raises(CommandError):
            ask(files, query.format(file=file, folder=file.parent))


@pytest.mark.parametrize(
    "query",
    [
        "COPY signals TO '{new}'", "EXPORT DATABASE '{new}'", "ATTACH '{new}'",
        "CREATE TABLE x AS SELECT 1", "DROP VIEW signals", "INSERT INTO signals SELECT 1",
        "SET enable_external_access = true", "RESET lock_configuration", "INSTALL httpfs",
        "LOAD httpfs", "PRAGMA database_list", "SELECT 1; SELECT 2", "", "BEGIN", "CALL x()",
        "EXPLAIN ANALYZE COPY signals TO '{new}'", "not sql", "SELECT * FROM nothing",
        "SELECT nothing FROM signals",
    ],
)  # fmt: skip
def test_what_does_not_only_read_is_refused_with_a_fix(
    query: str, files: dict[str, Path], tmp_path: Path
) -> None:
    with pytest.raises(CommandError) as raised:
        ask(files, query.format(new=tmp_path / "new"))
    assert raised.value.code == USAGE
    assert raised.value.fix
    assert list(tmp_path.iterdir()) == []


def test_settings_are_locked_and_extensions_off() -> None:
    names = (
        "enable_external_access", "python_enable_replacements", "autoload_known_extensions",
        "autoinstall_known_extensions", "lock_configuration",
    )  # fmt: skip
    rows = ask({}, f"FROM duckdb_settings() SELECT name, value WHERE name IN {names}")
    assert {row["name"]: row["value"] for row in rows} == {
        **dict.fromkeys(names, "false"), "lock_configuration": "true",
    }  # fmt: skip


def test_an_answer_is_csv_with_the_rule_of_exported_files(files: dict[str, Path]) -> None:
    with connected(files) as connection:
        query = "SELECT reason, -1.5::DOUBLE x, NULL y, true z, [1, 2] l FROM decisions LIMIT 1"
        lines = "".join(csv_of(Answer(connection, query)))
    assert list(csv.reader(io.StringIO(lines)))[1:] == [["'=SUM(0)", "-1.5", "", "true", "[1,2]"]]


def test_an_answer_of_any_type_is_json(files: dict[str, Path]) -> None:
    (row,) = ask(
        files,
        "SELECT 'nan'::DOUBLE a, sum(1) b, 1.5::DECIMAL(5, 2) c, DATE '2025-05-19' d, "
        "TIMESTAMP '2025-05-19 08:00' e, {'x': [NULL, 1]} f, INTERVAL 1 DAY g, '\\x00'::BLOB h",
    )
    assert [row[name] for name in "abcdef"] == [
        None, 1, 1.5, "2025-05-19", "2025-05-19 08:00:00", {"x": [None, 1]},
    ]  # fmt: skip
    assert ask(files, "SELECT 1 x WHERE false") == []
    assert plain_value((1, float("inf"))) == [1, None]


def test_more_rows_than_a_batch_are_all_there() -> None:
    rows = ask({}, "SELECT range x FROM range(2500)")
    assert [row["x"] for row in rows] == list(range(2_500))


def test_only_what_a_query_names_is_used() -> None:
    assert used("SELECT * FROM Signals s JOIN bars USING (symbol)") == ("signals", "bars")
    assert used("SHOW TABLES") == ()


def test_without_duckdb_the_fix_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    ordinary = builtins.__import__

    def without(name: str, *args: Any, **kwargs: Any) -> Any:
        if name == "duckdb":
            raise ModuleNotFoundError(name=name)
        return ordinary(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(CommandError, match="needs DuckDB") as raised:
        connected({})
    assert "make research" in raised.value.fix
