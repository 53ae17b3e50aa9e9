"""What a replay produced: facts with their arrival, the task's log, and the exchange's bars.

There are two clocks: event time (ms) and wall time (s). `Clocks` converts wall to event time.
"""

import json
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Generic, TypeVar

from signalengine.errors import MalformedFactError
from signalengine.facts.stream import Bar, BarsFact, Fact, GapFact, HistoryFact, decode

from infra.local.faults.stream import Taken


class Clocks:
    """Polled pairs of wall and event time, interpolated linearly."""

    def __init__(self, start: int) -> None:
        self._walls: list[float] = []
        self._events: list[int] = []
        self._start = start

    def note(self, wall: float, event: int) -> None:
        """Add a pair; both times ascend."""
        self._walls.append(wall)
        self._events.append(event)

    @property
    def now(self) -> int:
        """The newest event time noted."""
        return self._events[-1] if self._events else self._start

    def at(self, wall: float) -> int:
        """Return the event time (ms) at a wall time (s)."""
        place = bisect_right(self._walls, wall)
        if place == 0 or place == len(self._walls):
            return self._events[max(0, place - 1)] if self._events else self._start
        (w0, w1), (e0, e1) = self._walls[place - 1 : place + 1], self._events[place - 1 : place + 1]
        return round(e0 + (e1 - e0) * (wall - w0) / (w1 - w0)) if w1 > w0 else e1


@dataclass(frozen=True, slots=True)
class LogLine:
    """A line of the task's log."""

    wall: float
    level: str
    event: str
    fields: Mapping[str, Any]


_F = TypeVar("_F", bound=Fact)


@dataclass(frozen=True, slots=True)
class Arrived(Generic[_F]):
    """A fact that the stream accepted, and when (event time, ms)."""

    fact: _F
    now: int


@dataclass(slots=True)
class Observations:
    """One replay. Times are event time in ms, unless named wall."""

    start: int
    end: int
    symbols: Sequence[str]
    clocks: Clocks
    exit_code: int | None = None
    arrived: list[Arrived[Fact]] = field(default_factory=list)
    unreadable: int = 0
    log_lines: list[LogLine] = field(default_factory=list)
    truth: dict[tuple[str, str, int], Bar] = field(default_factory=dict)
    """The exchange's own bars of the span and before, by symbol, interval and open time."""
    struck: int | None = None
    """When the first fault had its first effect."""
    wall_s: float = 0.0

    def of(self, kind: type[_F]) -> Iterator[Arrived[_F]]:
        """Yield the facts of a kind in the order of their arrival."""
        return (Arrived(one.fact, one.now) for one in self.arrived if isinstance(one.fact, kind))

    def bars(self) -> dict[tuple[str, int], Arrived[BarsFact]]:
        """Return the first fact of each symbol and minute, by open time."""
        out: dict[tuple[str, int], Arrived[BarsFact]] = {}
        for one in self.of(BarsFact):
            out.setdefault((one.fact.symbol, one.fact.bars[0].open_time), one)
        return out

    def streams(self, until: int) -> dict[str, list[BarsFact | HistoryFact]]:
        """Return the facts to fold by symbol, bars up to a close time."""
        out: dict[str, list[BarsFact | HistoryFact]] = {symbol: [] for symbol in self.symbols}
        for one in self.arrived:
            fact = one.fact
            if isinstance(fact, HistoryFact) or (
                isinstance(fact, BarsFact) and fact.close_time <= until
            ):
                out.setdefault(fact.symbol, []).append(fact)
        return {symbol: facts for symbol, facts in out.items() if facts}

    def ledger(self) -> list[GapFact]:
        """Return the task's gap entries, each in its newest version."""
        newest = {one.fact.gap_id: one.fact for one in self.of(GapFact)}
        return list(newest.values())


def take(seen: Observations, taken: Sequence[Taken]) -> None:
    """Decode the records of a stream into the observations, each at its arrival."""
    for record in taken:
        try:
            seen.arrived.append(Arrived(decode(record.data), seen.clocks.at(record.wall)))
        except MalformedFactError:
            seen.unreadable += 1


def read_log(log: Path) -> list[LogLine]:
    """Read the task's log; lines that are not JSON (a traceback) become `unreadable` events."""
    out = []
    for line in log.read_text(encoding="utf-8", errors="replace").splitlines():
        try:
            raw = json.loads(line)
            wall = datetime.fromisoformat(raw.pop("time")).timestamp()
            out.append(LogLine(wall, raw.pop("level"), raw.pop("event"), raw))
        except (ValueError, KeyError, TypeError, AttributeError):
            out.append(LogLine(0.0, "ERROR", "unreadable", {"line": line[:500]}))
    return out
