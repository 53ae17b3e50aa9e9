"""A backup is one private file as of one moment; a restore replaces nothing that it must not."""

import gzip
import io
import itertools
import json
import os
import resource
import shutil
import sqlite3
import tarfile
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace

import pytest

from infra.local.storage import backup
from infra.local.storage.backup import back_up, restore, set_aside
from infra.local.storage.errors import (
    DamagedError,
    InUseError,
    NewerError,
    NotStoredError,
    StorageError,
)  # fmt: skip
from infra.local.storage.items import Index, Items
from infra.local.storage.opening import FILE, opened
from infra.local.storage.store import Store

FIXTURE = Path(__file__).with_name("version_1.tar.gz")
"""Data of version 1, as this version wrote it when there was no other."""


def put(store: Store, number: int) -> None:
    """Write two items that belong together."""
    for half in ("a", "b"):
        store.put(store.source("t"), (half, number), {"n": {"N": str(number)}}, None)


def filled(root: Path, market: str = "live") -> Path:
    folder = root / market
    folder.mkdir(parents=True)
    found = opened(folder, market)
    put(found.store, 1)
    found.close()
    (folder / "archive" / "facts").mkdir(parents=True)
    (folder / "archive" / "facts" / "one.jsonl.gz").write_bytes(gzip.compress(b"{}"))
    (folder / "spool").mkdir()
    return folder


def numbers(folder: Path, market: str = "live") -> list[object]:
    found = opened(folder, market)
    try:
        return list(found.store.range_keys(found.store.source("t"), "a"))
    finally:
        found.close()


def test_a_backup_comes_back_elsewhere_with_the_archive(tmp_path: Path) -> None:
    source, target = filled(tmp_path / "one"), tmp_path / "data.tar.gz"
    assert back_up(source, target) == target.stat().st_size
    assert target.stat().st_mode & 0o777 == 0o600
    folder = restore(target, tmp_path / "two", replace=False)
    assert folder == tmp_path / "two" / "live"
    assert numbers(folder) == [1]
    assert (folder / "archive" / "facts" / "one.jsonl.gz").read_bytes()
    assert sorted(path.name for path in (tmp_path / "two").iterdir()) == ["live"]


def test_a_backup_of_a_running_system_has_whole_commits(tmp_path: Path) -> None:
    source = filled(tmp_path / "one")
    found = opened(source, "live")
    stop = threading.Event()

    def write() -> None:
        number = 2
        while not stop.is_set():
            put(found.store, number)
            found.store.commit()
            number += 1

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for number in range(3):
            back_up(source, tmp_path / f"{number}.tar.gz")
    finally:
        stop.set()
        writer.join()
        found.close()
    for number in range(3):
        folder = restore(tmp_path / f"{number}.tar.gz", tmp_path / f"root{number}", replace=False)
        after = opened(folder, "live")
        table = after.store.source("t")
        assert after.store.range_keys(table, "a") == after.store.range_keys(table, "b") != []
        after.close()


def test_existing_data_is_replaced_on_request_only(tmp_path: Path) -> None:
    source, target = filled(tmp_path / "one"), tmp_path / "data.tar.gz"
    back_up(source, target)
    found = opened(source, "live")
    put(found.store, 2)
    found.close()
    with pytest.raises(StorageError, match="data already"):
        restore(target, tmp_path / "one", replace=False)
    assert numbers(source) == [1, 2]
    restore(target, tmp_path / "one", replace=True)
    assert numbers(source) == [1]
    assert not (source / "spool").exists()
    assert [path.name for path in source.glob("before-*")] == []


@pytest.mark.parametrize("name", ["archive", "spool"])
def test_an_archive_or_a_spool_without_a_database_is_data_too(tmp_path: Path, name: str) -> None:
    source, target = filled(tmp_path / "one"), tmp_path / "data.tar.gz"
    back_up(source, target)
    kept = tmp_path / "two" / "live" / name
    kept.mkdir(parents=True)
    (kept / "only").touch()
    with pytest.raises(StorageError, match="data already"):
        restore(target, tmp_path / "two", replace=False)
    assert (kept / "only").exists()


@pytest.mark.parametrize("market", ["../../victim", "/victim", "", ".", "other", "live/x"])
def test_a_backup_leads_nowhere_but_to_the_folder_of_a_market(tmp_path: Path, market: str) -> None:
    (tmp_path / "src").mkdir()
    opened(tmp_path / "src", market).close()
    victim, root = tmp_path / "victim" / "archive", tmp_path / "a" / "root"
    victim.mkdir(parents=True)
    back_up(tmp_path / "src", tmp_path / "data.tar.gz")
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(DamagedError, match="is of no market"):
        restore(tmp_path / "data.tar.gz", root, replace=True)
    assert sorted(tmp_path.rglob("*")) == sorted([*before, root.parent, root])


def test_a_backup_without_a_database_is_none(tmp_path: Path) -> None:
    source = filled(tmp_path)
    manifest = json.dumps({"version": 1, "market": "live"}).encode()
    with tarfile.open(tmp_path / "data.tar.gz", "w:gz") as out:
        described = tarfile.TarInfo("manifest.json")
        described.size = len(manifest)
        out.addfile(described, io.BytesIO(manifest))
    with pytest.raises(DamagedError, match="has no signalengine"):
        restore(tmp_path / "data.tar.gz", tmp_path, replace=True)
    assert numbers(source) == [1]


class KilledError(BaseException):
    """Nothing runs after it, as after SIGKILL."""


def with_a_commit_in_its_log(root: Path) -> Path:
    """Data that ended with a kill: its last commit is in the write-ahead log only."""
    source = filled(root / "whole")
    found = opened(source, "live")
    put(found.store, 2)
    found.store.commit()
    killed = root / "killed" / "live"
    shutil.copytree(source, killed, ignore=lambda _folder, _names: {f"{FILE}-shm"})
    (killed / "archive" / "old").touch()
    found.close()
    return killed


@pytest.fixture
def ending(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[int, type[BaseException]], None]]:
    """Let a restore end at the move, or the removal, of a number."""
    with monkeypatch.context() as patched:

        def end_at(number: int, kind: type[BaseException]) -> None:
            steps, rename, rmtree = itertools.count(), Path.rename, shutil.rmtree

            def step() -> None:
                at = next(steps)
                if at == number or (at > number and kind is KilledError):
                    raise kind

            def moving(path: Path, there: Path) -> Path:
                step()
                return rename(path, there)

            def removing(path: Path, *, ignore_errors: bool) -> None:
                step()
                rmtree(path, ignore_errors=ignore_errors)

            patched.setattr(Path, "rename", moving)
            patched.setattr(backup, "shutil", SimpleNamespace(rmtree=removing))

        yield end_at


STEPS = 6
"""The old spool, archive and database; the new database and archive; the removal."""


@pytest.mark.parametrize("step", range(STEPS))
def test_a_restore_that_is_killed_leaves_what_it_replaces(
    tmp_path: Path, ending: Callable[[int, type[BaseException]], None], step: int
) -> None:
    back_up(filled(tmp_path / "new"), tmp_path / "data.tar.gz")
    folder = with_a_commit_in_its_log(tmp_path)
    ending(step, KilledError)
    with pytest.raises(KilledError):
        restore(tmp_path / "data.tar.gz", folder.parent, replace=True)
    places = [folder, *folder.glob("before-*")]
    assert [1, 2] in [numbers(place) for place in places if (place / FILE).exists()]
    assert any((place / "archive" / "old").exists() for place in places)


@pytest.mark.parametrize("step", range(STEPS - 1))
def test_a_restore_that_fails_puts_back_what_it_moved(
    tmp_path: Path, ending: Callable[[int, type[BaseException]], None], step: int
) -> None:
    back_up(filled(tmp_path / "new"), tmp_path / "data.tar.gz")
    folder = with_a_commit_in_its_log(tmp_path)
    ending(step, OSError)
    with pytest.raises(OSError):
        restore(tmp_path / "data.tar.gz", folder.parent, replace=True)
    assert numbers(folder) == [1, 2]
    assert (folder / "archive" / "old").exists()
    assert (folder / "spool").exists()
    assert list(folder.glob("before-*")) == []


def test_the_data_of_a_running_system_is_not_replaced(tmp_path: Path) -> None:
    source, target = filled(tmp_path / "one"), tmp_path / "data.tar.gz"
    back_up(source, target)
    found = opened(source, "live")
    with pytest.raises(InUseError):
        restore(target, tmp_path / "one", replace=True)
    with pytest.raises(InUseError):
        set_aside(source)
    found.close()


@pytest.mark.parametrize("keep", [0.0, 0.3, 0.9])
def test_half_a_backup_changes_nothing(tmp_path: Path, keep: float) -> None:
    source, target = filled(tmp_path / "one"), tmp_path / "data.tar.gz"
    back_up(source, target)
    content = target.read_bytes()
    target.write_bytes(content[: int(len(content) * keep)])
    with pytest.raises(DamagedError, match="no whole backup"):
        restore(target, tmp_path / "one", replace=True)
    assert numbers(source) == [1]


@pytest.fixture
def small_files() -> Iterator[Callable[[int], None]]:
    """Let no file of this process grow beyond some bytes: a disk that is full."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    yield lambda size: resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.parametrize("archived", [False, True])
def test_a_full_disk_is_the_target_s(
    tmp_path: Path, small_files: Callable[[int], None], archived: bool
) -> None:
    source, target = filled(tmp_path / "one"), tmp_path / "data.tar.gz"
    if archived:  # the copy of the database fits, the backup does not
        (source / "archive" / "large").write_bytes(os.urandom(400_000))
    else:
        found = opened(source, "live")
        large = {"n": {"S": os.urandom(200_000).hex()}}
        found.store.put(found.store.source("t"), ("large", 1), large, None)
        found.close()
    small_files(150_000)
    with pytest.raises(NotStoredError, match=r"data\.tar\.gz cannot be written") as caught:
        back_up(source, target)
    assert "restore" not in caught.value.fix
    assert sorted(path.name for path in tmp_path.iterdir()) == ["one"]


def test_the_folder_of_a_backup_is_made_where_it_can_be(tmp_path: Path) -> None:
    source, target = filled(tmp_path / "one"), tmp_path / "a" / "b" / "data.tar.gz"
    back_up(source, target)
    assert target.exists()
    with pytest.raises(NotStoredError, match="cannot be written"):
        back_up(source, target / "data.tar.gz")


def test_damaged_data_is_the_source_s(tmp_path: Path) -> None:
    source, target = filled(tmp_path / "one"), tmp_path / "data.tar.gz"
    for damage in (lambda raw: raw[:5000] + b"x" * 9000 + raw[14_000:], lambda raw: b"x" * 9000):
        (source / FILE).write_bytes(damage((source / FILE).read_bytes()))
        with pytest.raises(DamagedError, match=r"signalengine\.db cannot be read"):
            back_up(source, target)
    assert not target.exists()


def test_nothing_to_back_up_and_no_backup_say_so(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="no data"):
        back_up(tmp_path, tmp_path / "data.tar.gz")
    with pytest.raises(StorageError, match="no backup"):
        restore(tmp_path / "missing.tar.gz", tmp_path, replace=False)
    assert list(tmp_path.iterdir()) == []


def test_data_of_version_1_is_opened(tmp_path: Path) -> None:
    """The file was written by version 1 and does not change."""
    folder = restore(FIXTURE, tmp_path, replace=False)
    found = opened(folder, "simulated")
    store = found.store
    events = Items(
        store, "SignalEngineData-events", "series", "close_time", True,
        {"by_day": Index("by_day", "day", "close_time", True)},
    )  # fmt: skip
    assert len(events["classic#BTCUSDT"]) == 30
    assert len(events.members()["by_day"].get("classic#2025-05-19")) == 30
    assert len(store.expired(events.source, 1_750_000_000, 99)) == 30
    shard = store.source("shard:feed/shardId-000000000000")
    assert [position for position, _ in store.records(shard)] == [3, 4, 5]
    assert store.places() == [("fold", shard, 4)]
    assert store.messages(store.source("queue:telegram"))[0]["body"] == "hello"
    found.close()


def test_a_backup_of_a_newer_version_is_refused(tmp_path: Path) -> None:
    source = filled(tmp_path / "one")
    found = opened(source, "live")
    found.store._connection.execute("PRAGMA user_version = 99")
    found.close()
    back_up(source, tmp_path / "data.tar.gz")
    with pytest.raises(NewerError, match="99"):
        restore(tmp_path / "data.tar.gz", tmp_path / "two", replace=False)
    assert not (tmp_path / "two" / "live").exists()


def test_data_that_is_set_aside_is_whole_and_the_next_start_is_empty(tmp_path: Path) -> None:
    source = filled(tmp_path / "one")
    aside = set_aside(source)
    assert aside is not None
    assert numbers(aside) == [1]
    assert (aside / "archive").exists()
    assert numbers(source) == []
    shutil.rmtree(aside)
    (source / FILE).unlink()
    assert set_aside(source) is None


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backup, "BUSY_S", 0.0)


@pytest.mark.usefixtures("impatient")
def test_data_that_another_program_reads_is_not_set_aside_without_its_last_commit(
    tmp_path: Path,
) -> None:
    source = filled(tmp_path)
    with closing(sqlite3.connect(source / FILE)) as reader:
        found = opened(source, "live")
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM item").fetchall()
        put(found.store, 2)
        found.close()
        with pytest.raises(InUseError, match="another program reads"):
            set_aside(source)
        assert numbers(source) == [1, 2]
        reader.execute("COMMIT")
        aside = set_aside(source)  # it is open there still, and reads nothing
        assert aside is not None
        assert [path.name for path in source.glob(f"{FILE}*")] == []
    assert numbers(aside) == [1, 2]
    assert numbers(source) == []


@pytest.mark.usefixtures("impatient")
def test_data_is_not_moved_while_it_is_backed_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, target, refused = filled(tmp_path / "one"), tmp_path / "data.tar.gz", []
    back_up(source, target)
    add_text = backup._add_text

    def meanwhile(*arguments: object) -> None:
        """Try both once the database is copied, and the archive is not."""
        for change in (
            lambda: set_aside(source),
            lambda: restore(target, tmp_path / "one", replace=True),
        ):
            with pytest.raises(InUseError, match="a backup of"):
                change()
            refused.append(change)
        add_text(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(backup, "_add_text", meanwhile)
    back_up(source, target)
    assert len(refused) == 2
    restore(target, tmp_path / "two", replace=False)
    assert (tmp_path / "two" / "live" / "archive" / "facts" / "one.jsonl.gz").exists()


def test_data_that_is_set_aside_twice_in_a_second_has_two_folders(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backup.time, "gmtime", lambda: (2026, 1, 5, 0, 0, 0, 0, 5, 0))
    source, found = filled(tmp_path), []
    for _ in range(2):
        found.append(set_aside(source))
        numbers(source)
    assert [path.name for path in found if path] == [
        "before-20260105-000000", "before-20260105-000000-2",
    ]  # fmt: skip
