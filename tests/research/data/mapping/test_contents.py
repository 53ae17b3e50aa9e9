"""Files of other formats: what cannot be read is named, with the fix."""

import sqlite3
from contextlib import closing

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from research.data import arrow_sizes
from research.data.errors import DataError
from research.data.mapping.contents import content_of
from research.data.mapping.declared import Layout, TimeColumn
from tests.research.data.folders import put


def layout(**fields):
    columns = {"value": "oi"}
    return Layout("*", "open_interest", TimeColumn("t"), columns, "BTCUSDT", **fields)


@pytest.fixture
def database(tmp_path):
    file = tmp_path / "a.db"
    with closing(sqlite3.connect(file)) as opened, opened:
        opened.execute('CREATE TABLE "odd ""name" (t, oi, kind)')
        rows = [(1, 2.0, "a"), (3, 4.0, "b")]
        opened.executemany('INSERT INTO "odd ""name" VALUES (?, ?, ?)', rows)
    return file


def test_a_table_of_a_database_is_read_by_its_name(database):
    found = content_of(database, layout(table='odd "name', only={"kind": "b"}))
    assert found.data.to_pydict() == {"t": [3], "oi": [4.0], "kind": ["b"]}


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"table": "bars"}, "no table 'bars', only odd \"name. Name it in the mapping"),
        ({"table": 'odd "name', "symbol_column": "s"}, "no column 's', only t, oi, kind"),
        ({"table": 'odd "name', "only": {"kind": "c"}}, "no row has what `only`"),
    ],
)
def test_a_table_or_column_that_is_not_there_is_an_error(database, fields, message):
    with pytest.raises(DataError, match=message):
        content_of(database, layout(**fields))


def test_a_column_of_several_types_is_an_error(database):
    with closing(sqlite3.connect(database)) as opened, opened:
        opened.execute('INSERT INTO "odd ""name" VALUES (5, ?, ?)', ("many", "a"))
    with pytest.raises(DataError, match="column 'oi' has values of several types"):
        content_of(database, layout(table='odd "name'))


def test_a_table_beyond_the_limit_is_not_read(database, monkeypatch):
    monkeypatch.setattr(arrow_sizes, "MAX_INFLATED_BYTES", 16)
    with pytest.raises(DataError, match="inflates to 32 bytes, and 16 is the limit"):
        content_of(database, layout(table='odd "name'))


def test_a_parquet_file_beyond_the_limit_is_not_read(tmp_path, monkeypatch):
    pq.write_table(pa.table({"t": [1, 2], "oi": [1.0, 2.0]}), tmp_path / "a.parquet")
    assert len(content_of(tmp_path / "a.parquet", layout())) == 2
    monkeypatch.setattr(arrow_sizes, "MAX_INFLATED_BYTES", 16)
    with pytest.raises(DataError, match="and 16 is the limit"):
        content_of(tmp_path / "a.parquet", layout())


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.db", b"no database at all, but text", "not a readable SQLite database"),
        ("a.parquet", b"<html>", "is a page of HTML"),
        ("a.parquet", b"PAR1 and no more", "not a readable Parquet file"),
        ("a.csv", b"t,oi\n", "a header and no rows"),
        ("a.feather", b"t,oi\n1,2\n", "not a readable feather file"),
    ],
)
def test_another_content_than_the_name_says_is_an_error(tmp_path, name, content, message):
    with pytest.raises(DataError, match=message):
        content_of(put(tmp_path, name, content), layout(table="t"))
