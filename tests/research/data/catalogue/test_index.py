"""The index of a folder: never stale, never needed."""

import json
import os

import pytest

from research.data.catalogue import index as module
from research.data.catalogue.entries import catalogue
from research.data.catalogue.index import FILE, index
from research.data.holdings import survey
from research.data.recordings import scan
from tests.research.data.folders import put
from tests.research.data.recordings import csv, market

NAME = "BTCUSDT-1m-2026-02.csv"


@pytest.fixture
def reads(tmp_path, monkeypatch):
    """Count the files that are read; files are settled at once."""
    found, whole = [], module.contents_of
    monkeypatch.setattr(module, "RECENT_NS", -1)
    monkeypatch.setattr(
        module, "contents_of", lambda items: found.append(items[0].path.name) or whole(items)
    )
    put(tmp_path, NAME, csv(market(5)))
    put(tmp_path, "ETHUSDT-1m-2026-02.csv", csv(market(6)))
    return found


def rows(folder):
    return [one.contents[0].rows for one in index(survey(folder), folder)]


def test_files_that_have_not_changed_are_not_read_again(tmp_path, reads):
    assert rows(tmp_path) == [5, 6]
    assert rows(tmp_path) == [5, 6]
    assert len(reads) == 2


def test_a_change_of_the_same_size_and_time_is_seen(tmp_path, reads):
    rows(tmp_path)
    stat = (tmp_path / NAME).stat()
    text = (tmp_path / NAME).read_text()
    (tmp_path / NAME).write_text(text[:-2] + "9\n" if text[-2] != "9" else text[:-2] + "8\n")
    os.utime(tmp_path / NAME, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert (tmp_path / NAME).stat().st_size == stat.st_size
    rows(tmp_path)
    assert reads.count(NAME) == 2


def test_a_file_changed_a_moment_ago_is_not_kept(tmp_path, reads, monkeypatch):
    monkeypatch.setattr(module, "RECENT_NS", 10**18)
    rows(tmp_path)
    rows(tmp_path)
    assert len(reads) == 4
    assert not (tmp_path / FILE).exists()


def test_a_file_that_is_gone_leaves_the_index(tmp_path, reads):
    rows(tmp_path)
    (tmp_path / NAME).unlink()
    assert rows(tmp_path) == [6]
    assert list(json.loads((tmp_path / FILE).read_text())["files"]) == ["ETHUSDT-1m-2026-02.csv"]


def test_another_layout_of_a_mapping_reads_its_files_again(tmp_path, reads):
    text = '[[files]]\nmatch = "SOL.csv"\nsymbol = "SOLUSDT"\nkind = "funding"\nscale = 1\n'
    text += 'time = { column = "t" }\ncolumns = { value = "r" }\n'
    put(tmp_path, "SOL.csv", "t,r\n1769904000000,1\n")
    put(tmp_path, "mapping.toml", text)
    rows(tmp_path)
    put(tmp_path, "mapping.toml", text.replace("scale = 1", "scale = 2"))
    rows(tmp_path)
    assert reads.count("SOL.csv") == 2
    assert reads.count(NAME) == 1


@pytest.mark.parametrize("content", ["", "[]", '{"version": 1}', '{"version": 99, "files": {}}',
                                     '{"version": 1, "files": {"a": 3}}'])  # fmt: skip
def test_an_index_that_cannot_be_read_is_made_again(tmp_path, reads, content):
    put(tmp_path, FILE, content)
    assert rows(tmp_path) == [5, 6]
    assert rows(tmp_path) == [5, 6]
    assert len(reads) == 2


def test_what_cannot_be_read_is_an_error_of_its_file_alone(tmp_path, reads):
    put(tmp_path, "SOLUSDT-1m-2026-02.csv", "a page of text")
    found = catalogue(scan(tmp_path))
    assert [one.symbol for one in found.entries] == ["BTCUSDT", "ETHUSDT"]
    ((path, error),) = found.unreadable
    assert path.endswith("SOLUSDT-1m-2026-02.csv")
    assert "SOLUSDT-1m-2026-02.csv: " in error


def test_a_folder_that_cannot_be_written_is_listed_all_the_same(tmp_path, reads, monkeypatch):
    def refuse(*_):
        raise PermissionError

    monkeypatch.setattr(module, "write", refuse)
    assert rows(tmp_path) == [5, 6]
    assert rows(tmp_path) == [5, 6]
    assert len(reads) == 4
