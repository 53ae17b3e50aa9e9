"""The archive of a local run: all records, once, in a layout that research reads."""

import gzip
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws
from signalengine.facts.stream import BarsFact, Fact, encode

from infra.local.stack import archive as module
from infra.local.stack.archive import LocalArchive
from research.data.stream_archive import read_facts
from tests.ingest_task.samples import bars_fact, heartbeat, history_fact, ticks_fact

FACTS: list[Fact] = [
    history_fact("BTCUSDT", range(-3, 0)),
    *(fact for n in range(5) for fact in (bars_fact("BTCUSDT", n), ticks_fact(60_000 * n + 1000))),
    heartbeat(300_000),
]


def test_every_record_is_archived_once_and_read_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "SEGMENT", 5)
    with mock_aws():
        kinesis = boto3.client("kinesis", "eu-central-1")
        kinesis.create_stream(StreamName="feed", ShardCount=1)
        archive = LocalArchive(kinesis, "feed", tmp_path)
        for n, fact in enumerate(FACTS):
            kinesis.put_record(StreamName="feed", Data=encode(fact), PartitionKey="k")
            if n == 6:
                archive.copy()
        archive.start()
        archive.stop()
    files = sorted(tmp_path.glob("facts/*/*/*/*/*.jsonl.gz"))
    assert len(files) == 3
    written = [*files, *(folder for folder in tmp_path.rglob("*") if folder.is_dir())]
    assert [path for path in written if path.stat().st_mode & 0o077] == []
    lines = [line for file in files for line in gzip.decompress(file.read_bytes()).splitlines()]
    assert lines == [encode(fact) for fact in FACTS]
    found = list(read_facts(files))
    assert found == [fact for fact in FACTS if fact in found]
    assert [fact.close_time for fact in found if isinstance(fact, BarsFact)] == [
        bars_fact("BTCUSDT", n).close_time for n in range(5)
    ]  # fmt: skip


def test_records_do_not_wait_for_a_full_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A system that is killed has in the archive what the stream no longer has."""
    monkeypatch.setattr(module, "FLUSH_S", 0.0)
    with mock_aws():
        kinesis = boto3.client("kinesis", "eu-central-1")
        kinesis.create_stream(StreamName="feed", ShardCount=1)
        archive = LocalArchive(kinesis, "feed", tmp_path)
        for fact in FACTS[:2]:
            kinesis.put_record(StreamName="feed", Data=encode(fact), PartitionKey="k")
            archive.copy()
    assert len(list(tmp_path.glob("facts/*/*/*/*/*.jsonl.gz"))) == 2


@pytest.fixture
def kinesis() -> Iterator[Any]:
    with mock_aws():
        client = boto3.client("kinesis", "eu-central-1")
        client.create_stream(StreamName="feed", ShardCount=2)
        yield client


def put(kinesis: Any, *numbers: int) -> None:
    for number in numbers:
        data = f"{number}".encode()
        kinesis.put_record(StreamName="feed", Data=data, PartitionKey=f"k{number}")


def archived(folder: Path) -> list[int]:
    files = folder.glob("facts/*/*/*/*/*.jsonl.gz")
    return sorted(
        int(line) for file in files for line in gzip.decompress(file.read_bytes()).split()
    )


def refusing(call: Callable[..., Any], error: Exception, at: set[int]) -> Callable[..., Any]:
    """Return a call that fails at some of its numbers."""
    done: list[object] = []

    def tried(*arguments: Any, **named: Any) -> Any:
        done.append(named)
        if len(done) in at:
            raise error
        return call(*arguments, **named)

    return tried


@pytest.mark.parametrize("call", ["list_shards", "get_records", "get_shard_iterator"])
@pytest.mark.parametrize("at", [{1}, {2}, {3}, {2, 3, 4}])
def test_a_call_that_fails_is_made_again_and_no_record_is_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kinesis: Any, call: str, at: set[int]
) -> None:
    said: list[Any] = []
    archive = LocalArchive(kinesis, "feed", tmp_path, said.append)
    error = kinesis.exceptions.LimitExceededException({"Error": {"Message": "busy"}}, call)
    monkeypatch.setattr(kinesis, call, refusing(getattr(kinesis, call), error, at))
    for number in range(6):
        put(kinesis, 2 * number, 2 * number + 1)
        archive._try(archive.copy)
    archive._try(archive._write)
    assert archived(tmp_path) == list(range(12))
    assert [status for status in said if "cause" in status] != [] or call == "get_shard_iterator"
    assert said[-1] == {}


def test_an_expired_iterator_is_renewed_after_the_last_record(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kinesis: Any
) -> None:
    said: list[Any] = []
    archive = LocalArchive(kinesis, "feed", tmp_path, said.append)
    put(kinesis, 1, 2, 3)
    archive._try(archive.copy)
    expired = kinesis.exceptions.ExpiredIteratorException({"Error": {}}, "GetRecords")
    monkeypatch.setattr(kinesis, "get_records", refusing(kinesis.get_records, expired, {1, 3}))
    put(kinesis, 4, 5)
    archive._try(archive.copy)
    archive._try(archive._write)
    assert archived(tmp_path) == [1, 2, 3, 4, 5]
    assert said == [{}, {}, {}]


def test_a_full_disk_delays_records_and_loses_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kinesis: Any
) -> None:
    monkeypatch.setattr(module, "SEGMENT", 4)
    full = refusing(module.replacing, OSError(28, "No space left on device"), {1, 2, 3})
    monkeypatch.setattr(module, "replacing", full)
    said: list[Any] = []
    archive = LocalArchive(kinesis, "feed", tmp_path, said.append)
    for number in range(5):
        put(kinesis, *range(6 * number, 6 * number + 6))
        archive._try(archive.copy)
        assert len(archive._waiting) <= 4
    archive._try(archive._write)
    assert archived(tmp_path) == list(range(30))
    assert "No space left" in said[0]["cause"]
    assert said[-1] == {}


def test_the_next_run_goes_on_where_the_files_end(tmp_path: Path, kinesis: Any) -> None:
    for number in range(3):
        put(kinesis, number)
        archive = LocalArchive(kinesis, "feed", tmp_path)
        archive.copy()
        archive._write()
    put(kinesis, 3)
    LocalArchive(kinesis, "feed", tmp_path).copy()  # killed before it writes
    archive = LocalArchive(kinesis, "feed", tmp_path)
    archive.start()
    archive.stop()
    assert archived(tmp_path) == [0, 1, 2, 3]
    (tmp_path / module.POSITIONS).write_text("{")
    archive = LocalArchive(kinesis, "feed", tmp_path)
    archive.copy()
    assert len(archive._waiting) == 4  # twice rather than not at all


def test_a_thread_that_has_ended_is_reported(tmp_path: Path, kinesis: Any) -> None:
    said: list[Any] = []
    archive = LocalArchive(kinesis, "feed", tmp_path, said.append)
    archive.check()
    assert "has ended" in said[0]["cause"]
    archive.start()
    archive.check()
    archive.stop()
    archive.check()
    assert [status for status in said if status] == said[:1]
