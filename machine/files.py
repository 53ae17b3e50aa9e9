"""The one writer of files: whole or not at all, and nothing that is no file is replaced.

The content goes to a part beside its target, which then takes the target's place: a reader sees the
old file or the new one, and an error, Ctrl-C or SIGTERM leaves the old one. Links are followed, so
the file that they lead to is replaced and the links stay. What is no regular file (a device, a
pipe, /dev/stdout) is never replaced: the content is written into it once it is complete.
"""

import errno
import fcntl
import os
import secrets
import shutil
import stat
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

PART: Final = ".part"
"""How the name of an unfinished file ends; it begins with a dot."""
_NAMED: Final = 40
"""Characters of the target's name in that of its part: a name may have 255 bytes."""
_OF_DISKS: Final = {
    errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EROFS, errno.EACCES, errno.EPERM,
}  # fmt: skip
_LONGEST_CHAIN: Final = 40
"""Links that the system itself follows."""


def write(
    target: Path, content: str | bytes, *, private: bool = False, durable: bool = True
) -> None:
    """Write a file as a whole; text is UTF-8, its line ends as they are. See `replacing`."""
    with replacing(target, private=private, durable=durable) as part:
        part.write_bytes(content if isinstance(content, bytes) else content.encode())


@contextmanager
def replacing(target: Path, *, private: bool = False, durable: bool = True) -> Iterator[Path]:
    """Give an empty file to be written, which takes the target's place if the block ends well.

    A block that raises, or removes the file, leaves the target as it was. Missing folders are
    created; an existing file's mode and owner remain, unless `private`: then its user alone may
    read it. `durable`: it is on the disk when this returns. Raises OSError.
    """
    number, there = _descriptor(target), _status(target)
    if there is not None and stat.S_ISDIR(there.st_mode):
        raise IsADirectoryError(errno.EISDIR, "is a folder: name a file in it", str(target))
    if number is not None or not _is_replaceable(target, there):
        with tempfile.TemporaryDirectory() as folder:
            part = Path(folder) / "part"
            part.touch()
            yield part
            if part.exists():
                _copy(part, target, number)
        return
    real = Path(os.path.realpath(target))
    with _named(target), _part_of(real, private, there) as part:
        yield part
        if part.exists():
            _take_place(part, real, None if private else there, durable)


@contextmanager
def locked(lock: Path, *, wait: bool = True) -> Iterator[None]:
    """Hold a lock file for the block: one process at a time. Its content means nothing.

    Raises BlockingIOError if another process holds it and `wait` is false.
    """
    lock.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with os.fdopen(os.open(lock, os.O_WRONLY | os.O_CREAT, 0o600), "wb") as file:
        fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        yield


def is_stdout(target: Path) -> bool:
    """Return whether writing to a path is writing to the standard output."""
    return _descriptor(target) == 1


def _status(target: Path) -> os.stat_result | None:
    """Return what a path leads to, None if there is nothing."""
    try:
        return target.stat()
    except FileNotFoundError:
        return None


def _is_replaceable(target: Path, there: os.stat_result | None) -> bool:
    """Return whether another file may take the place of this one."""
    if there is None:
        return True
    return stat.S_ISREG(there.st_mode) and os.access(os.path.realpath(target.parent), os.W_OK)


def _descriptor(target: Path) -> int | None:
    """Return the number of the open file of this process that a path names: /dev/stdout is 1."""
    path = os.path.abspath(target)  # noqa: PTH100 - `resolve` would follow the last link too
    for _ in range(_LONGEST_CHAIN):
        folder, name = os.path.split(path)
        if name.isdecimal() and os.path.realpath(folder) in (f"/proc/{os.getpid()}/fd", "/dev/fd"):
            return int(name)
        if not Path(path).is_symlink():
            return None
        path = os.path.join(folder, Path(path).readlink())  # noqa: PTH118 - of two strings
    return None


@contextmanager
def _named(target: Path) -> Iterator[None]:
    """Let the errors of the disk name the target: they name the part, or nothing."""
    try:
        yield
    except OSError as error:
        if error.errno in _OF_DISKS and str(error.filename or PART).endswith(PART):
            error.filename, error.filename2 = str(target), None
        raise


@contextmanager
def _part_of(real: Path, private: bool, there: os.stat_result | None) -> Iterator[Path]:
    real.parent.mkdir(parents=True, exist_ok=True)
    part = real.with_name(f".{real.name[:_NAMED]}.{secrets.token_hex(8)}{PART}")
    mode = 0o666 if there is None and not private else 0o600
    os.close(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode))
    try:
        yield part
    finally:
        part.unlink(missing_ok=True)


def _take_place(part: Path, real: Path, like: os.stat_result | None, durable: bool) -> None:
    if like is not None:
        with suppress(PermissionError):
            os.chown(part, like.st_uid, like.st_gid)
        part.chmod(stat.S_IMODE(like.st_mode))
    if durable:
        _sync(part)
    try:
        part.replace(real)
    except OSError as error:
        if error.errno != errno.EBUSY:  # a mount point can be written, and not be replaced
            raise
        _copy(part, real, None)
    if durable:
        _sync(real.parent)


def _sync(path: Path) -> None:
    opened = os.open(path, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def _copy(part: Path, target: Path, number: int | None) -> None:
    """Write the content of a part into a target that remains what it is."""
    if number is None:
        with part.open("rb") as source, target.open("wb") as out:
            shutil.copyfileobj(source, out)
        return
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    with part.open("rb") as source, os.fdopen(os.dup(number), "wb") as out:
        shutil.copyfileobj(source, out)
