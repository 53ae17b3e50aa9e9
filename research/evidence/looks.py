"""The looks at a recording, in a file beside it: a hash chain that only grows.

Each line is an entry with the digest of the one before. The head (the last digest) is in every
registration and report, so an entry that was changed or removed, and a file that was deleted and
begun again, are noticed by whoever holds one of them. This is a record, not a lock: somebody who
rewrites the file and every registration deceives only himself.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Final, Literal, TypeAlias

from machine.files import locked, write
from research.evidence.errors import EvidenceError

Kind: TypeAlias = Literal["registration", "design and validation", "final"]
SUFFIX: Final = ".looks.jsonl"


@dataclass(frozen=True, slots=True)
class Look:
    """One entry; times in ms."""

    number: int
    at: int
    kind: Kind
    strategy: str
    parameter_set: str
    """Digest of the parameter set."""
    registration: str
    """Digest of what was registered."""
    start: int
    end: int
    """What was measured: design and validation, or the final span; of a registration the latter."""
    before: str
    """Digest of the entry before; empty in the first."""
    digest: str = ""

    def sealed(self) -> "Look":
        """Return it with its digest."""
        return Look(**{**asdict(self), "digest": digest_of(asdict(self))})


@dataclass(frozen=True, slots=True)
class Looks:
    """The entries of a file, oldest first, up to the first that does not follow."""

    entries: tuple[Look, ...]
    broken: int | None = None
    """Number of the line that does not follow from the one before; None: all follow."""
    there: bool = True
    elsewhere: tuple[Look, ...] = ()
    """Of other files, oldest first: looks that may have measured the same bars."""
    broken_elsewhere: tuple[tuple[Path, int], ...] = ()
    """Those of the other files that do not follow, with the number of the line."""

    @property
    def every(self) -> tuple[Look, ...]:
        """The entries of this file, and those elsewhere."""
        return (*self.entries, *self.elsewhere)

    @property
    def head(self) -> str:
        return self.entries[-1].digest if self.entries else ""

    def holds(self, digest: str) -> bool:
        """Whether an entry has this digest."""
        return any(one.digest == digest for one in self.entries)

    def knows(self, digest: str) -> bool:
        """Whether an entry has this digest, here or elsewhere."""
        return any(one.digest == digest for one in self.every)

    def at(self, kind: Kind, start: int, end: int) -> tuple[Look, ...]:
        """Return the entries of a kind that measured a part of [start, end)."""
        return tuple(
            one for one in self.every if one.kind == kind and one.start < end and start < one.end
        )


def looks_file(source: Path) -> Path:
    """Return where the looks at a recording are kept: beside its folder or file."""
    place = source.expanduser().resolve()
    return place.with_name(place.name + SUFFIX)


def read_looks(file: Path) -> Looks:
    """Return the entries of a file; none of a file that is not there.

    Raises EvidenceError for a folder and for what is no text, OSError.
    """
    if not file.exists():
        return Looks((), there=False)
    return follow(_text(file).splitlines())


def follow(lines: Iterable[str]) -> Looks:
    """Return the entries of lines, up to the first that does not follow from the one before."""
    entries: list[Look] = []
    for number, line in enumerate(lines, start=1):
        before = entries[-1].digest if entries else ""
        entry = _entry(line)
        if entry is None or entry.number != number or entry.before != before:
            return Looks(tuple(entries), broken=number)
        entries.append(entry)
    return Looks(tuple(entries))


def add_look(
    file: Path,
    kind: Kind,
    *,
    at: int,
    strategy: str,
    parameter_set: str,
    registration: str,
    span: tuple[int, int],
) -> Look:
    """Append an entry; two processes at a time append one after the other.

    Raises EvidenceError for a folder and for what is no text, OSError.
    A line that does not follow stays in the file, and nothing can follow it: the file is broken
    for good.
    """
    with locked(file.with_name(f".{file.name}.lock")):
        text = _text(file) if file.exists() else ""
        known = read_looks(file)
        entry = Look(
            text.count("\n") + 1,
            at,
            kind,
            strategy,
            parameter_set,
            registration,
            *span,
            known.head,
        ).sealed()
        write(file, text + json.dumps(asdict(entry), sort_keys=True) + "\n")
    return entry


def digest_of(values: Mapping[str, object]) -> str:
    """Return the digest of values in a file, their own digest left out."""
    plain = {name: value for name, value in values.items() if name != "digest"}
    return hashlib.sha256(json.dumps(plain, sort_keys=True).encode()).hexdigest()


def _text(file: Path) -> str:
    if file.is_dir():
        raise EvidenceError(f"{file} is a folder, not a file of looks.")
    try:
        return file.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise EvidenceError(f"{file} is no text: the file of looks was changed.") from error


def _entry(line: str) -> Look | None:
    """Return a line's entry if it is whole and has the digest that it claims."""
    try:
        raw = json.loads(line)
    except ValueError:
        return None
    if not isinstance(raw, dict) or set(raw) != {one.name for one in fields(Look)}:
        return None
    return Look(**raw) if raw["digest"] == digest_of(raw) else None
