"""What a hunt has found so far, in its report's file: stopped, it goes on from there.

A report is of one state of the sources; what another one found is not used.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Final

from infra.assets import ROOT
from machine.files import write

from .hunt import Caught
from .table import Mutation

SOURCES: Final = ("functions", "layers", "infra/local/chaos/model")
"""Folders that a result depends on."""


@dataclass(slots=True)
class Progress:
    """The results of a hunt, written to a file (None: to none) as they come."""

    file: Path | None
    digest: str
    found: list[Caught] = field(default_factory=list)

    def add(self, caught: Caught) -> None:
        """Note a result."""
        self.found.append(caught)
        self.store()

    def store(self) -> None:
        """Write the file."""
        if self.file is not None:
            report = {"sources": self.digest, "found": [asdict(one) for one in self.found]}
            write(self.file, json.dumps(report, indent=1) + "\n")

    def left(self, mutations: Iterable[Mutation]) -> list[Mutation]:
        """Return the mutations that have no result."""
        known = {one.mutation for one in self.found}
        return [one for one in mutations if one.name not in known]


def resumed(file: Path | None, roots: Sequence[str] = SOURCES) -> Progress:
    """Return the progress that a file has, when it is of these sources; else none.

    What survived before is hunted again.
    """
    digest = digest_of(roots)
    if file is None or not file.exists():
        return Progress(file, digest)
    before, found = read(file)
    caught = [one for one in found if one.by is not None]
    return Progress(file, digest, caught if before == digest else [])


def read(file: Path) -> tuple[str, list[Caught]]:
    """Return a report's digest of the sources, and its results."""
    report = json.loads(file.read_text(encoding="utf-8"))
    if not isinstance(report, dict) or not {"sources", "found"} <= report.keys():
        return "", []  # of another command
    return report["sources"], [Caught(**one) for one in report["found"]]


def digest_of(roots: Sequence[str]) -> str:
    """Return a digest of the sources in folders."""
    out = sha256()
    for path in sorted(_files(roots)):
        out.update(f"{path.relative_to(ROOT)}\0".encode())
        out.update(path.read_bytes())
    return out.hexdigest()[:16]


def _files(roots: Sequence[str]) -> Iterator[Path]:
    for root in roots:
        for pattern in ("*.py", "*.toml", "*.json"):
            yield from (ROOT / root).rglob(pattern)
