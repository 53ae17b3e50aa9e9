"""Measuring contenders side by side: a process each, in turns, so that all meet the same machine.

Values are compared before anything is timed. A contender that fails, or whose values differ, keeps
its row in the table with the reason, and is not timed.
"""

import json
import math
import os
import statistics
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any, Final

from .child import OUR_PYTHON
from .environment import ROOT, Missing, python_of

TOLERANCE: Final = 1e-9


@dataclass(frozen=True, slots=True)
class Contender:
    """One row of a table; `peer` is the package it needs in `.bench`, None for ours."""

    name: str
    spec: str
    """module:class, see `child`."""
    peer: str | None = None
    count: int | None = None
    """Bars it gets; None for all of the table's."""

    @property
    def python(self) -> str:
        return sys.executable if self.peer is None else str(python_of(self.peer))


@dataclass(frozen=True, slots=True)
class Row:
    """What was measured of a contender: µs a unit, by the clock and of the CPU, and memory."""

    name: str
    problem: str = ""
    units: int = 0
    wall_us: tuple[float, ...] = ()
    cpu_us: tuple[float, ...] = ()
    values: Mapping[str, float] = field(default_factory=dict)
    peak_mb: float = 0.0
    """The most memory its process held, libraries and data included; 0 where it is not known."""

    @property
    def median(self) -> float:
        return statistics.median(self.wall_us) if self.wall_us else math.nan

    @property
    def cpu_median(self) -> float:
        return statistics.median(self.cpu_us) if self.cpu_us else math.nan

    @property
    def spread(self) -> tuple[float, float]:
        """The first and third quartile."""
        if len(self.wall_us) < 2:
            return self.median, self.median
        low, _, high = statistics.quantiles(self.wall_us, n=4, method="inclusive")
        return low, high


class ChildError(RuntimeError):
    """A contender's process ended; the text is its last line of output."""


class Child:
    """A contender's process."""

    def __init__(self, contender: Contender, market: Path, count: int) -> None:
        self._said: IO[str] = TemporaryFile("w+")  # noqa: SIM115 - closed with the process
        self._process = subprocess.Popen(  # noqa: S603 - our own module
            [
                contender.python, "-m", "research.benchmarks.child", contender.spec, str(market),
                str(contender.count or count),
            ],
            cwd=ROOT, env=os.environ | {OUR_PYTHON: sys.executable}, stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=self._said, encoding="utf-8", errors="replace",
        )  # fmt: skip

    def ask(self, command: str) -> dict[str, Any]:
        """Send a command; raises ChildError when the process ends instead of answering."""
        assert self._process.stdin is not None  # noqa: S101 - a pipe was requested
        assert self._process.stdout is not None  # noqa: S101 - as above
        with suppress(BrokenPipeError):  # it has ended: its answer is missing, too
            self._process.stdin.write(command + "\n")
            self._process.stdin.flush()
        answer = self._process.stdout.readline()
        if not answer:
            raise ChildError(self._last_words())
        found: dict[str, Any] = json.loads(answer)
        return found

    def close(self) -> None:
        """Let the process end."""
        assert self._process.stdin is not None  # noqa: S101 - a pipe was requested
        with suppress(BrokenPipeError):  # it has ended already
            self._process.stdin.close()
        self._process.wait()
        assert self._process.stdout is not None  # noqa: S101 - as above
        self._process.stdout.close()
        self._said.close()

    def _last_words(self) -> str:
        self._process.wait()
        self._said.seek(0)
        lines = [line.strip() for line in self._said if line.strip()]
        return lines[-1] if lines else f"ended with {self._process.returncode}"


def measure(
    contenders: Sequence[Contender],
    market: Path,
    count: int,
    rounds: int,
    *,
    missing: Missing | None = None,
    equal: bool = False,
    warm: bool = True,
    say: Callable[[str], None] = print,
) -> list[Row]:
    """Return a row a contender, in their order; `equal`: values must be those of the first.

    `warm`: each runs once unmeasured.
    """
    children: dict[str, Child] = {}
    rows: dict[str, Row] = {}
    try:
        for one in contenders:
            if one.peer is not None and one.peer in (missing or {}):
                rows[one.name] = Row(one.name, f"not installed: {(missing or {})[one.peer]}")
                continue
            say(f"preparing {one.name}")
            children[one.name] = Child(one, market, count)
            rows[one.name] = _prepared(one.name, children[one.name], warm=warm)
        if equal:
            rows = compared(rows, contenders[0].name)
        able = {name: child for name, child in children.items() if not rows[name].problem}
        return _in_turns(rows, able, rounds, say)
    finally:
        for child in children.values():
            child.close()


def _prepared(name: str, child: Child, *, warm: bool) -> Row:
    """Check the contender, then run it once unmeasured: what compiles has compiled."""
    try:
        values = child.ask("check")
        if warm:
            child.ask("run")
    except ChildError as error:
        return Row(name, f"failed: {error}")
    return Row(name, values=values)


def compared(rows: Mapping[str, Row], first: str) -> dict[str, Row]:
    """Return the rows, with a problem where a value is not that of the row named `first`."""
    expected = rows[first].values
    out = {}
    for name, row in rows.items():
        wrong = [
            f"{value} is {row.values[value]:.12g}, not {expected[value]:.12g}"
            for value in row.values
            if value in expected
            and not math.isclose(row.values[value], expected[value], rel_tol=TOLERANCE)
        ]
        if not row.problem and (wrong or not row.values):
            row = Row(name, f"differs: {wrong[0] if wrong else 'no values'}", values=row.values)
        out[name] = row
    return out


def _in_turns(
    rows: Mapping[str, Row], able: Mapping[str, Child], rounds: int, say: Callable[[str], None]
) -> list[Row]:
    found: dict[str, list[dict[str, Any]]] = {name: [] for name in able}
    for n in range(rounds):
        say(f"round {n + 1} of {rounds}")
        for name, child in able.items():
            found[name].append(child.ask("run"))
    return [_row(row, found.get(name, [])) for name, row in rows.items()]


def _row(row: Row, runs: Sequence[Mapping[str, Any]]) -> Row:
    if not runs:
        return row
    return Row(
        row.name,
        units=int(runs[0]["units"]),
        wall_us=tuple(run["wall_s"] / run["units"] * 1e6 for run in runs),
        cpu_us=tuple(run["cpu_s"] / run["units"] * 1e6 for run in runs),
        values=row.values,
        peak_mb=max(run["peak_mb"] for run in runs),
    )
