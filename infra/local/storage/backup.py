"""A backup of a data directory: one compressed file, consistent also while a system writes.

The database is copied by SQLite itself, as of one commit. The archive's files are complete whenever
they are seen. The spool is left out: what it holds is of a moment, and comes again from the
exchange where that has it.
"""

import fcntl
import io
import json
import os
import shutil
import sqlite3
import tarfile
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from machine.files import replacing

from .bodies import RESTORE
from .errors import DamagedError, InUseError, NotStoredError, StorageError
from .folder import ARCHIVE, MARKETS, SPOOL
from .opening import FILE, locked, opened
from .store import VERSION

MANIFEST: Final = "manifest.json"
_DATA: Final = (SPOOL, ARCHIVE, FILE)
"""What is moved with the data of a market, the database last."""
WRITABLE: Final = "Free some space on its disk, or name a file elsewhere."
_DAMAGED: Final = (
    "SQLITE_CORRUPT", "SQLITE_NOTADB", "SQLITE_ERROR",
    "SQLITE_IOERR_READ", "SQLITE_IOERR_SHORT_READ", "SQLITE_IOERR_CORRUPTFS",
)  # fmt: skip
"""How the names of SQLite's errors begin that are of what it reads; ERROR: tables are missing."""
BUSY_S: Final = 5.0
"""How long another program may take to end reading the database that is moved."""
_LOG: Final = (f"{FILE}-wal", f"{FILE}-shm")
"""SQLite's files beside the database; empty, or of no use, once it is closed."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup says about itself."""

    version: int
    market: str


def back_up(folder: Path, target: Path) -> int:
    """Write the data of a market into a file that its user alone may read; return its bytes.

    Raises StorageError if there is nothing to back up, InUseError while it is being replaced,
    DamagedError if it cannot be read, NotStoredError if the file cannot be written.
    """
    source = folder / FILE
    if not source.exists():
        raise StorageError(
            f"there is no data in {folder}", "Name another one: --data-dir, --market"
        )
    try:
        with _held(folder, fcntl.LOCK_SH):
            _write(folder, target)
    except OSError as error:
        named = str(error.filename or "")
        if Path(named).is_relative_to(folder):
            raise StorageError(f"{named} cannot be read: {error.strerror}") from error
        raise NotStoredError(f"{target} cannot be written: {error.strerror}", WRITABLE) from error
    return target.stat().st_size


def _write(folder: Path, target: Path) -> None:
    parent = target.resolve().parent
    parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=parent, prefix=".backup-") as scratch:
        copy = Path(scratch) / FILE
        market = _copied(folder / FILE, copy, target)
        with replacing(target, private=True) as part, tarfile.open(part, "w:gz") as out:
            _add_text(out, MANIFEST, json.dumps({"version": VERSION, "market": market}))
            out.add(copy, FILE)
            if (folder / ARCHIVE).exists():
                out.add(folder / ARCHIVE, ARCHIVE)


def restore(source: Path, root: Path, *, replace: bool) -> Path:
    """Put a backup where its market's data belongs; return that folder.

    The backup is read whole and checked before anything is replaced, and what it replaces is
    removed last: a restore that is killed leaves it whole, in its place or in `before-…` beside
    it. Raises StorageError: existing data without `replace`, a system that uses it, a file that is
    no backup or is damaged.
    """
    _make(root)
    with tempfile.TemporaryDirectory(dir=root, prefix=".restore-") as scratch:
        market = _unpack(source, Path(scratch)).market
        opened(Path(scratch), market).close()
        folder = root / market
        if any((folder / name).exists() for name in _DATA) and not replace:
            raise StorageError(
                f"{folder} has data already", "Back it up first, then replace it: --replace"
            )
        _make(folder)
        with closing(locked(folder)), _held(folder, fcntl.LOCK_EX):
            _put(Path(scratch), folder)
    return folder


def _put(new: Path, folder: Path) -> None:
    """Let new data take the place of the old, which is removed at the end."""
    if (folder / FILE).exists():
        with suppress(DamagedError):  # a restore is the remedy
            _close(folder / FILE)
    with ExitStack() as undo:
        aside = _moved_aside(folder, undo)
        _move(new, folder, (FILE, ARCHIVE), undo)
        undo.pop_all()
    for path in (folder / FILE, folder):
        _sync(path)
    shutil.rmtree(aside, ignore_errors=True)


def set_aside(folder: Path) -> Path | None:
    """Move stored data into a folder beside it, named by the time; None if there is none.

    Raises InUseError while a system uses it, DamagedError if it cannot be closed.
    """
    if not (folder / FILE).exists():
        return None
    with closing(locked(folder)), _held(folder, fcntl.LOCK_EX):
        _close(folder / FILE)
        with ExitStack() as undo:
            aside = _moved_aside(folder, undo)
            undo.pop_all()
    return aside


def _moved_aside(folder: Path, undo: ExitStack) -> Path:
    """Move all data into a new folder, named by the time; `undo` gets the way back."""
    name = time.strftime("before-%Y%m%d-%H%M%S", time.gmtime())
    names = (name, *(f"{name}-{number}" for number in range(2, 100)))
    aside = next(folder / name for name in names if not (folder / name).exists())
    _make(aside)
    undo.callback(_discard, aside)
    _move(folder, aside, (*_LOG, *_DATA), undo)
    return aside


def _discard(empty: Path) -> None:
    """Remove a folder; it stays if it holds what could not be moved back."""
    with suppress(OSError):
        empty.rmdir()


def _move(here: Path, there: Path, names: Sequence[str], undo: ExitStack) -> None:
    """Move what is there of some files and folders; `undo` gets the way back."""
    for name in names:
        if (here / name).exists():
            (here / name).rename(there / name)
            undo.callback((there / name).rename, here / name)


def _sync(path: Path) -> None:
    """Wait until a file, or the names in a folder, are on the disk."""
    number = os.open(path, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)


@contextmanager
def _held(folder: Path, how: int) -> Iterator[None]:
    """Hold a folder against being moved (LOCK_SH), or alone (LOCK_EX); raises InUseError."""
    number = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(number, how | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(number)
        raise InUseError(
            f"a backup of {folder} is being written or restored", "Try again when it is done."
        ) from None
    try:
        yield
    finally:
        os.close(number)


def _make(folder: Path) -> None:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)


def _close(path: Path) -> None:
    """Move what is in the write-ahead log into the file, so that it is one file.

    Raises InUseError if another program's read holds the log, DamagedError.
    """
    try:
        with closing(sqlite3.connect(path, timeout=BUSY_S)) as database:
            busy = database.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
    except sqlite3.Error as error:
        raise DamagedError(f"{path} cannot be read: {error}", "Move it away by hand.") from error
    if busy:
        raise InUseError(f"another program reads {path}", "Close it there, then try again.")


def _copied(source: Path, copy: Path, target: Path) -> str:
    """Copy the database as of its last commit; return its market. Raises StorageError."""

    def unread(error: sqlite3.Error) -> StorageError:
        return StorageError(f"{source} cannot be read: {error}")

    def unwritten(error: sqlite3.Error) -> StorageError:
        return NotStoredError(f"{target} cannot be written: {error}", WRITABLE)

    address = f"file:{source}?mode=ro"
    with _refused(source, unread), closing(sqlite3.connect(address, 30.0, uri=True)) as database:
        found = database.execute("SELECT value FROM fact WHERE name = 'market'").fetchone()
        with _refused(source, unwritten):
            database.execute("VACUUM INTO ?", (str(copy),))
    copy.chmod(0o600)
    return str(found[0])


@contextmanager
def _refused(source: Path, other: Callable[[sqlite3.Error], StorageError]) -> Iterator[None]:
    """Raise SQLite's errors as DamagedError if they are of what it reads, else as `other`."""
    try:
        yield
    except sqlite3.Error as error:
        if getattr(error, "sqlite_errorname", "").startswith(_DAMAGED):
            raise DamagedError(f"{source} cannot be read: {error}", RESTORE) from error
        raise other(error) from error


def _add_text(out: tarfile.TarFile, name: str, text: str) -> None:
    described = tarfile.TarInfo(name)
    described.size = len(text.encode())
    out.addfile(described, io.BytesIO(text.encode()))


def _unpack(source: Path, scratch: Path) -> Manifest:
    try:
        with tarfile.open(source, "r:gz") as backup:
            backup.extractall(scratch, filter="data")
        raw = json.loads((scratch / MANIFEST).read_text(encoding="utf-8"))
        found = Manifest(int(raw["version"]), str(raw["market"]))
    except FileNotFoundError as error:
        raise StorageError(f"there is no backup {source}") from error
    except (tarfile.TarError, EOFError, OSError, ValueError, KeyError, TypeError) as error:
        raise DamagedError(f"{source} is no whole backup: {error}", "Use another one.") from error
    if found.market not in MARKETS:
        raise DamagedError(f"{source} is of no market: {found.market!r}", "Use another one.")
    if not (scratch / FILE).is_file():
        raise DamagedError(f"{source} has no {FILE}", "Use another one.")
    return found
