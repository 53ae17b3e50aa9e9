"""The archive of a local run: all records, once, in a layout that research reads."""

import gzip
from pathlib import Path

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
