"""The spool: first in first out on disk, bounded, and safe against a crash."""

import os
from pathlib import Path

import pytest
from signalengine.facts.stream import decode, encode
from signalengine_aws.messaging.kinesis import Entry

from ingest_task.output.spool import SEGMENT_BYTES, Spool
from tests.aws.market import gap
from tests.ingest_task.samples import bars_fact, full_disk


def entry(minute: int, symbol: str = "BTCUSDT") -> Entry:
    return Entry(symbol, "bars", encode(bars_fact(symbol, minute)))


def _refuse(*_args: object) -> None:
    raise OSError("the disk is gone")


def take(spool: Spool) -> list[bytes]:
    out = []
    while (segment := spool.oldest()) is not None:
        out += [read.data() for read in segment[1]]
        spool.delete(segment[0])
    return out


def test_records_come_back_in_order_also_after_a_restart(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    for minute in range(5):
        spool.append(entry(minute))
    spool.prepend([entry(-2), entry(-1)])
    again = Spool(tmp_path)
    again.append(entry(5))
    assert take(again) == [entry(minute).data() for minute in range(-2, 6)]
    assert not again.pending
    assert not list(tmp_path.iterdir())


def test_an_entry_of_the_ledger_comes_back_under_its_own_key(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    fact = gap(60_000, None)
    spool.append(Entry("gaps", "gap", encode(fact)))
    segment = spool.oldest()
    assert segment is not None
    assert [(read.key, read.kind, decode(read.data())) for read in segment[1]] == [
        ("gaps", "gap", fact)
    ]


def test_a_record_read_back_has_its_key_and_kind(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    spool.append(entry(0, "ETHUSDT"))
    segment = spool.oldest()
    assert segment is not None
    (read,) = segment[1]
    assert (read.key, read.kind, read.origin, read.durable) == ("ETHUSDT", "bars", segment[0], True)


def test_a_segment_being_read_is_not_written_to_any_more(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    spool.append(entry(0))
    first = spool.oldest()
    spool.append(entry(1))
    assert first is not None
    spool.delete(first[0])
    assert take(spool) == [entry(1).data()]


def test_a_line_cut_off_by_a_crash_is_counted_and_skipped(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    spool.append(entry(0))
    (path,) = tmp_path.glob("*.jsonl")
    with path.open("ab") as file:
        file.write(entry(1).data()[:40])
    again = Spool(tmp_path)
    assert take(again) == [entry(0).data()]
    assert again.unreadable == 1


def test_a_record_that_the_disk_refuses_leaves_no_trace(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    spool.append(entry(0))
    spool.append(entry(1))
    stored = spool.size_bytes
    with full_disk(stored + 40), pytest.raises(OSError, match="large"):
        spool.append(entry(2))  # 40 bytes of it reach the disk
    assert spool.size_bytes == stored
    spool.append(entry(3))
    assert take(spool) == [entry(minute).data() for minute in (0, 1, 3)]
    assert spool.unreadable == 0


def test_records_to_go_first_are_stored_all_or_none(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    spool.append(entry(2))
    with full_disk(len(entry(0).data()) + 40), pytest.raises(OSError, match="large"):
        spool.prepend([entry(0), entry(1)])
    assert take(spool) == [entry(2).data()]
    assert not list(tmp_path.iterdir())


def test_a_half_written_line_that_cannot_be_cut_off_spoils_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spool = Spool(tmp_path)
    spool.append(entry(0))
    monkeypatch.setattr(os, "truncate", _refuse)
    with full_disk(spool.size_bytes + 40), pytest.raises(OSError, match="large"):
        spool.append(entry(1))
    spool.append(entry(2))
    assert take(spool) == [entry(0).data(), entry(2).data()]
    assert spool.unreadable == 1


def test_it_is_bounded_and_starts_new_segments(tmp_path: Path) -> None:
    spool = Spool(tmp_path, max_bytes=3 * SEGMENT_BYTES)
    big = Entry(
        "BTCUSDT", "history", b'{"symbol":"BTCUSDT","kind":"history","x":"%s"}' % (b"y" * 400_000)
    )
    count = 0
    while spool.has_room:
        spool.append(big)
        count += 1
    assert spool.size_bytes <= 3 * SEGMENT_BYTES
    assert len(list(tmp_path.glob("*.jsonl"))) > 1
    assert len(take(spool)) == count
    assert spool.has_room


def test_the_folder_and_its_segments_are_for_their_user_alone(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "spool")
    spool.append(entry(1))
    spool.prepend([entry(0)])
    written = [tmp_path / "spool", *(tmp_path / "spool").iterdir()]
    assert len(written) == 3
    assert [path for path in written if path.stat().st_mode & 0o077] == []
