"""Finds in the embedded AWS's log the functions that cannot start."""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_FAILS: Final = re.compile(
    r"Warm worker execution error for (?P<name>[\w.-]+): "
    r"(?P<why>Worker (?:init failed|process exited immediately).*)"
)
MAX_BYTES: Final = 4_000_000


@dataclass(frozen=True, slots=True)
class FunctionProblem:
    """A function that cannot start."""

    function: str
    text: str
    fix: str


class FunctionLog:
    """Reads what was appended to the log since the last time."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._place = 0
        self._rest = b""

    def problems(self) -> Iterator[FunctionProblem]:
        """Yield each new problem; a log that has become shorter is read from its start."""
        with self._path.open("rb") as file:
            if file.seek(0, os.SEEK_END) < self._place:
                self._place, self._rest = 0, b""
            file.seek(self._place)
            read = file.read(MAX_BYTES)
        self._place += len(read)
        *lines, self._rest = (self._rest + read).split(b"\n")
        for text in (line.decode(errors="replace") for line in lines if b"orker" in line):
            found = _FAILS.search(text)
            if found:
                cause = f"the function cannot start: {found['why'].strip()[:300]}"
                yield FunctionProblem(found["name"], cause, f"Its log is {self._path}.")
