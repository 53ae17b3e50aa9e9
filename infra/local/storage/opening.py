"""Opens a data directory: alone, of a known version, whole; or says why not and what to do.

The steps between two versions are in `UPGRADES`; a write that a power cut interrupted was never
acknowledged, and is dropped by SQLite and reported here.
"""

import fcntl
import os
import sqlite3
import struct
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final, TypeAlias

from .bodies import RESTORE, checksum
from .errors import DamagedError, InUseError, NewerError, NotStoredError, StorageError
from .store import APPLICATION, SCHEMA, VERSION, Connection, Store

FILE: Final = "signalengine.db"
LOCK: Final = "signalengine.lock"
WAIT_S: Final = 10.0
"""How long the process before may take to end: its functions end with it."""
UPGRADES: Final[Mapping[int, Sequence[str]]] = {}
"""The statements that lead from a version to the next."""
_PRAGMAS: Final = (
    # EXTRA also syncs the folder when the journal of a new file is removed: it would come back.
    "PRAGMA synchronous = EXTRA",
    "PRAGMA journal_mode = WAL",
    "PRAGMA fullfsync = ON",
    "PRAGMA checkpoint_fullfsync = ON",
    "PRAGMA cache_size = -16000",
    "PRAGMA journal_size_limit = 16000000",
)
WRITABLE: Final = "Free some space on its disk, or name another folder: --data-dir FOLDER"
_HEADER: Final = struct.Struct(">8I")
_FRAME: Final = struct.Struct(">6I")
_SUMS: Final = {
    "item": ("source", "hash", "range"),
    "record": ("source", "position"),
    "message": ("source", "id"),
}
Connect: TypeAlias = Callable[[Path], Connection]


@dataclass(frozen=True, slots=True)
class Opened:
    """An open data directory, the file that keeps others out, and what was repaired."""

    store: Store
    lock: IO[str]
    repaired: str

    def close(self) -> None:
        self.store.close()
        self.lock.close()


def stored_bytes(folder: Path) -> int:
    """Return the bytes of a market's database, which are read whole when it is opened."""
    return sum(path.stat().st_size for path in folder.glob(f"{FILE}*"))


def connect(path: Path) -> Connection:
    """Open a file with the SQLite of Python."""
    return sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=5.0)


def opened(folder: Path, market: str, connect: Connect = connect) -> Opened:
    """Open the data of a market, new or stored; raises StorageError."""
    lock = locked(folder)
    try:
        path = folder / FILE
        tail = _frames(path)
        connection = connect(path)
        try:
            _check_version(connection, folder)
            _set_up(connection)
            recovered = _recovered(connection)
            _check_whole(connection)
            _upgrade(connection)
            store = Store(connection)
            _check_market(store, market, folder)
        except BaseException:
            connection.close()
            raise
        return Opened(store, lock, _repaired(tail - recovered))
    except StorageError:
        lock.close()
        raise
    except Exception as error:
        lock.close()
        raise _as_refusal(error, folder) from error


def _as_refusal(error: Exception, folder: Path) -> StorageError:
    """Return what SQLite says about a file as a refusal; other errors are raised again."""
    text = str(error)
    if "full" in text or "readonly" in text or "unable to open" in text:
        return NotStoredError(f"{folder} cannot be written: {text}", WRITABLE)
    if isinstance(error, sqlite3.Error) or type(error).__module__ == "apsw":
        return DamagedError(f"the data in {folder} is damaged: {text}", RESTORE)
    raise error


def locked(folder: Path) -> IO[str]:
    """Hold the data of a market until the file is closed; raises InUseError.

    The file has the id of the system's process, the parent of the one that holds it.
    """
    path = folder / LOCK
    try:
        number = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise NotStoredError(f"{folder} cannot be written: {error.strerror}", WRITABLE) from error
    file = os.fdopen(number, "r+", encoding="utf-8")
    give_up = time.monotonic() + WAIT_S
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() < give_up and not _alive(path):
                time.sleep(0.05)
                continue
            who = path.read_text(encoding="utf-8").strip() or "unknown"
            file.close()
            raise InUseError(
                f"another system uses {folder} (process {who})",
                "Stop it, or give this one a directory of its own: --data-dir FOLDER",
            ) from None
        with suppress(OSError):  # a full disk: the lock holds without its text
            file.seek(0)
            file.truncate()
            file.write(f"{os.getppid()}\n")
            file.flush()
        return file


def _alive(path: Path) -> bool:
    """Return whether the system that wrote the lock still runs: its emulator ends after it."""
    with suppress(ValueError, OSError):
        os.kill(int(path.read_text(encoding="utf-8")), 0)
        return True
    return False


def _check_version(connection: Connection, folder: Path) -> None:
    """Create the tables of a new file; raises NewerError or DamagedError."""
    version = int(connection.execute("PRAGMA user_version").fetchone()[0])
    if version == 0 and not connection.execute("SELECT 1 FROM sqlite_master").fetchone():
        _set_up(connection)
        connection.execute("BEGIN IMMEDIATE")
        for statement in SCHEMA.split(";"):
            connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {VERSION}")
        connection.execute(f"PRAGMA application_id = {APPLICATION}")
        connection.execute("COMMIT")
        return
    if int(connection.execute("PRAGMA application_id").fetchone()[0]) != APPLICATION:
        raise DamagedError(f"{folder / FILE} is no data of this program", "Use another --data-dir.")
    if version > VERSION:
        raise NewerError(
            f"the data in {folder} is of version {version}; this program knows up to {VERSION}",
            "Install the newer release again, or use another --data-dir.",
        )


def _set_up(connection: Connection) -> None:
    for pragma in _PRAGMAS:
        connection.execute(pragma).fetchall()


def _upgrade(connection: Connection) -> None:
    """Bring older data to this version, in one transaction."""
    version = int(connection.execute("PRAGMA user_version").fetchone()[0])
    if version == VERSION:
        return
    connection.execute("BEGIN IMMEDIATE")
    for step in range(version, VERSION):
        for statement in UPGRADES[step]:
            connection.execute(statement)
    connection.execute(f"PRAGMA user_version = {VERSION}")
    connection.execute("COMMIT")


def _check_market(store: Store, market: str, folder: Path) -> None:
    """Mark new data with its market; raises StorageError for data of another one."""
    known = store.fact("market")
    if known is None:
        store.set_fact("market", market)
        store.commit()
    elif known != market:
        raise StorageError(
            f"{folder} has the data of another market: {known}",
            "Give this market a directory of its own: --data-dir FOLDER",
        )


def _check_whole(connection: Connection) -> None:
    """Read everything once; raises DamagedError."""
    problems = [str(row[0]) for row in connection.execute("PRAGMA quick_check(1)").fetchall()]
    if problems != ["ok"]:
        raise DamagedError(f"the stored data is damaged: {problems[0]}", RESTORE)
    for table, key in _SUMS.items():
        sql = f"SELECT body, sum, {', '.join(key)} FROM {table}"  # noqa: S608 - our own tables
        for body, stored, *found in connection.execute(sql):
            if checksum(body, *found) != stored:
                where = dict(zip(key, found, strict=True))
                raise DamagedError(f"the stored data is damaged at {table} {where}", RESTORE)


def _frames(path: Path) -> int:
    """Return how many pages the write-ahead log has of its current round, committed or not.

    What follows them is of an earlier round, whose pages were moved to the file.
    """
    wal = path.with_name(f"{path.name}-wal")
    if not wal.exists():
        return 0
    with wal.open("rb") as file:
        header = file.read(_HEADER.size)
        if len(header) < _HEADER.size:
            return 0
        _, _, page, _, *salts = _HEADER.unpack(header)[:6]
        count = 0
        while True:
            frame = file.read(_FRAME.size)
            if len(frame) < _FRAME.size or list(_FRAME.unpack(frame)[2:4]) != salts:
                return count
            count += 1
            file.seek(page, os.SEEK_CUR)


def _recovered(connection: Connection) -> int:
    """Return how many pages of the write-ahead log belong to commits."""
    connection.execute("SELECT count(*) FROM sqlite_master").fetchall()
    row = connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
    return max(0, int(row[1]))


def _repaired(pages: int) -> str:
    if pages <= 0:
        return ""
    return f"an unfinished write of {pages} pages was dropped; it had not been acknowledged"
