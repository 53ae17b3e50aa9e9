"""The file that a running system writes to its state folder: the addresses of its parts.

The command line reads it; it is removed at the end. A killed system cannot remove its file, so the
file is valid only while the process that wrote it runs.
"""

import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from infra.errors import CommandError
from machine.files import locked, write

FILE = "running.json"
LOCK = "running.lock"
WAIT_S = 20
"""For a system that is ending …"""
ATTEMPTS = 40
"""… looked at so often."""


@dataclass(frozen=True, slots=True)
class Addresses:
    """The addresses of the running parts; None for parts that do not run here."""

    dashboard: str
    api: str
    websocket: str
    telegram: str | None
    exchange: str | None
    aws: str
    channels: str | None = None


@dataclass(frozen=True, slots=True)
class Access:
    """What requests to the parts need; it is why only this user may read the file.

    The tokens are those of the operator's endpoints; None for parts that do not run here.
    """

    access_key_id: str
    secret_access_key: str
    telegram_token: str | None
    exchange_token: str | None
    channels_token: str | None = None


@dataclass(frozen=True, slots=True)
class Running:
    """One running system; `started_at` is wall clock ms."""

    pid: int
    started_at: int
    market: str
    speed: str
    addresses: Addresses
    outputs: dict[str, str]
    """The stack's CloudFormation outputs."""
    access: Access
    data: str | None = None
    """The folder of the stored data; None: in memory."""


@contextmanager
def alone_in(
    state_dir: Path, say: Callable[[str], object], sleep: Callable[[float], object] = time.sleep
) -> Iterator[None]:
    """Hold a state folder: its logs, its spool and its file of addresses are of one system.

    One that is ending is waited for, up to 20 s, which `say` is called with. Raises CommandError
    while another system holds the folder. The lock ends with its process.
    """
    with ExitStack() as held:
        for attempt in range(ATTEMPTS + 1):
            try:
                held.enter_context(locked(state_dir / LOCK, wait=False))
                break
            except BlockingIOError:
                # a system that runs has its file of addresses, and removes it first when it ends
                if attempt == ATTEMPTS or find(state_dir) is not None:
                    fix = "Stop it, or give this one a folder of its own: --state-dir FOLDER"
                    raise CommandError(f"another system runs in {state_dir}", fix) from None
            if attempt == 0:
                say(f"Waiting up to {WAIT_S} s for the system that is ending in {state_dir}")
            sleep(WAIT_S / ATTEMPTS)
        yield


def remember(state_dir: Path, running: Running) -> None:
    """Write the file atomically, readable by this user only."""
    text = json.dumps(asdict(running), indent=2) + "\n"
    write(state_dir / FILE, text, private=True, durable=False)


def forget(state_dir: Path, pid: int) -> None:
    """Remove the file if this process wrote it; another system may have replaced it."""
    note = _read(state_dir)
    if note is not None and note.pid == pid:
        (state_dir / FILE).unlink(missing_ok=True)


def find(state_dir: Path) -> Running | None:
    """Return the system that runs with this state folder, None if there is none."""
    note = _read(state_dir)
    return note if note is not None and _alive(note.pid) else None


def _read(state_dir: Path) -> Running | None:
    try:
        raw = json.loads((state_dir / FILE).read_text(encoding="utf-8"))
        parts = {"addresses": Addresses(**raw["addresses"]), "access": Access(**raw["access"])}
        return Running(**{**raw, **parts})
    except (OSError, ValueError, TypeError, KeyError):
        return None  # no file, or one of another version


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
