"""The note that a running system leaves in its state folder: where its parts answer.

Whoever wants to talk to it reads the note; it is removed at the end. A system that was killed
cannot remove its own, so a note counts only while the process that wrote it is alive.
"""

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

FILE = "running.json"


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where a person or a program finds the running parts; None for what is not run here."""

    dashboard: str
    api: str
    websocket: str
    telegram: str | None
    exchange: str | None
    aws: str


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


def remember(state_dir: Path, running: Running) -> None:
    """Write the note, whole or not at all, for this user's eyes only."""
    partial = state_dir / f".{FILE}.{running.pid}"
    partial.touch(mode=0o600)
    partial.write_text(json.dumps(asdict(running), indent=2) + "\n")
    partial.rename(state_dir / FILE)


def forget(state_dir: Path, pid: int) -> None:
    """Remove the note if it is this process's own; another system may have come since."""
    note = _read(state_dir)
    if note is not None and note.pid == pid:
        (state_dir / FILE).unlink(missing_ok=True)


def find(state_dir: Path) -> Running | None:
    """Return the system that runs with this state folder; None when there is none (any more)."""
    note = _read(state_dir)
    return note if note is not None and _alive(note.pid) else None


def _read(state_dir: Path) -> Running | None:
    try:
        raw = json.loads((state_dir / FILE).read_text())
        return Running(**{**raw, "addresses": Addresses(**raw["addresses"])})
    except (OSError, ValueError, TypeError, KeyError):
        return None  # no note, or one of another version: as good as none


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
