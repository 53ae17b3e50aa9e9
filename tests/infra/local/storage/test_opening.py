"""A data directory is opened alone, whole and of a known version, or refused with the remedy."""

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from infra.local.storage import opening
from infra.local.storage.errors import DamagedError, InUseError, NewerError, StorageError
from infra.local.storage.opening import FILE, LOCK, opened
from infra.local.storage.store import VERSION

MARKET = "live"


def filled(folder: Path, count: int = 40) -> None:
    """Make data with a few items, closed."""
    found = opened(folder, MARKET)
    source = found.store.source("table:one")
    for number in range(count):
        item = {"n": {"N": str(number)}, "s": {"S": f"{number}-" * 60}}
        found.store.put(source, ("h", number), item, None)
    found.close()


def change(folder: Path, sql: str) -> None:
    with closing(sqlite3.connect(folder / FILE)) as database, database:
        database.execute(sql)


def test_what_was_stored_is_there(tmp_path: Path) -> None:
    filled(tmp_path)
    found = opened(tmp_path, MARKET)
    assert found.repaired == ""
    assert found.store.item(found.store.source("table:one"), "h", 7) == {
        "n": {"N": "7"}, "s": {"S": "7-" * 60}
    }  # fmt: skip
    found.close()


def test_files_are_of_their_user_alone(tmp_path: Path) -> None:
    os.umask(0o077)
    filled(tmp_path)
    assert {path.stat().st_mode & 0o777 for path in tmp_path.iterdir()} == {0o600}


def test_a_second_process_is_refused_with_the_first_ones_id(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At once while the first system runs, else after the time that its end may take."""
    found = opened(tmp_path, MARKET)
    with pytest.raises(InUseError, match=str(os.getppid())) as refused:
        opened(tmp_path, MARKET)
    assert "--data-dir" in refused.value.fix
    (tmp_path / LOCK).write_text("999999999\n")
    monkeypatch.setattr(opening, "WAIT_S", 0.2)
    with pytest.raises(InUseError, match="999999999"):
        opened(tmp_path, MARKET)
    found.close()
    opened(tmp_path, MARKET).close()


def test_the_data_of_a_newer_version_is_refused(tmp_path: Path) -> None:
    filled(tmp_path)
    change(tmp_path, f"PRAGMA user_version = {VERSION + 1}")
    with pytest.raises(NewerError, match=f"version {VERSION + 1}"):
        opened(tmp_path, MARKET)


def test_the_data_of_another_market_is_refused(tmp_path: Path) -> None:
    filled(tmp_path)
    with pytest.raises(StorageError, match="another market: live"):
        opened(tmp_path, "simulated")


def test_a_file_of_another_program_is_refused(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / FILE)) as database:
        database.execute("CREATE TABLE other (x)")
    with pytest.raises(DamagedError, match="no data of this program"):
        opened(tmp_path, MARKET)


@pytest.mark.parametrize("place", [0.1, 0.3, 0.5, 0.7, 0.9])
def test_a_changed_byte_is_found_at_the_start(tmp_path: Path, place: float) -> None:
    """Wherever it is: in the pages' structure or in a body."""
    filled(tmp_path, 200)
    path = tmp_path / FILE
    content = bytearray(path.read_bytes())
    at = int(len(content) * place)
    while not content[at : at + 8].strip(b"\0"):
        at += 8
    content[at : at + 8] = bytes(byte ^ 0x5A for byte in content[at : at + 8])
    path.write_bytes(content)
    with pytest.raises(DamagedError) as refused:
        opened(tmp_path, MARKET)
    assert "signalengine restore" in refused.value.fix


def test_an_unfinished_write_at_the_end_is_dropped_and_reported(tmp_path: Path) -> None:
    """A process that is killed within a commit leaves a write-ahead log without its end."""
    script = (
        "import os, sys; from pathlib import Path\n"
        "from infra.local.storage.opening import opened\n"
        f"found = opened(Path({str(tmp_path)!r}), {MARKET!r}); store = found.store\n"
        "for n in range(2):\n"
        "    store.put(store.source('t'), ('h', n), {'s': os.urandom(9000).hex()}, None)\n"
        "    store.commit()\n"
        "os.kill(os.getpid(), 9)\n"
    )
    subprocess.run([sys.executable, "-c", script], check=False)  # noqa: S603 - our own interpreter
    wal = tmp_path / f"{FILE}-wal"
    size = wal.stat().st_size
    with wal.open("rb+") as file:
        file.truncate(size - 2000)
    found = opened(tmp_path, MARKET)
    assert "dropped; it had not been acknowledged" in found.repaired
    assert found.store.range_keys(found.store.source("t"), "h") == [0]
    found.close()


def test_the_end_of_a_killed_process_is_whole(tmp_path: Path) -> None:
    script = (
        "import os; from pathlib import Path\n"
        "from infra.local.storage.opening import opened\n"
        f"found = opened(Path({str(tmp_path)!r}), {MARKET!r}); store = found.store\n"
        "store.put(store.source('t'), ('h', 1), {}, None); store.commit()\n"
        "store.put(store.source('t'), ('h', 2), {}, None)\n"
        "os.kill(os.getpid(), 9)\n"
    )
    subprocess.run([sys.executable, "-c", script], check=False)  # noqa: S603 - our own interpreter
    found = opened(tmp_path, MARKET)
    assert found.repaired == ""
    assert found.store.range_keys(found.store.source("t"), "h") == [1]
    found.close()


def test_a_folder_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StorageError):
        opened(tmp_path / "missing", MARKET)
