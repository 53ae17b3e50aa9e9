"""Finds in the embedded AWS's log the functions that cannot start, and trouble with the data."""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from infra.local.storage.folder import FULL, said_in

_FAILS: Final = re.compile(
    r"Warm worker execution error for (?P<name>[\w.-]+): "
    r"(?P<why>Worker (?:init failed|process exited immediately).*)"
)
MAX_BYTES: Final = 4_000_000


@dataclass(frozen=True, slots=True)
class FunctionProblem:
    """A function that cannot start, or the data that cannot be written; no text: it can again."""

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
        for text in (line.decode(errors="replace") for line in lines):
            yield from _of_data(text)
            found = _FAILS.search(text) if "orker" in text else None
            if found:
                cause = f"the function cannot start: {found['why'].strip()[:300]}"
                yield FunctionProblem(found["name"], cause, f"Its log is {self._path}.")


def _of_data(line: str) -> Iterator[FunctionProblem]:
    for said in said_in(line):
        if "repaired" in said:
            yield FunctionProblem("data", f"repaired: {said['repaired']}", "")
        elif "problem" in said:
            yield FunctionProblem(
                "data", said["problem"] and f"not written: {said['problem']}", FULL
            )
