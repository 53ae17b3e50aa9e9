"""A symbol's recordings checked: gaps, repairs, what is known beside the bars, agreement."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from signalengine.bars.as_of import OPEN_INTEREST_MAX_AGE_MS
from signalengine.intervals import INTERVALS, MINUTE_MS

from research.data.bars import BarTable
from research.data.errors import DataError
from research.data.holdings import FACTS
from research.data.recordings import Recordings
from research.data.series import HOUR_MS, Floats, Steps
from research.data.tick_sizes import tick_listed
from research.data.times import moment

from .agreement import Agreement, of_intervals, of_sources, of_steps

FUNDING_MAX_MS: Final = 8 * HOUR_MS
"""The longest time between two payments."""


@dataclass(frozen=True, slots=True)
class Bars:
    """The bars of one interval; `longest` is the longest gap, [start, end) in ms."""

    interval: str
    count: int
    start: int
    end: int
    gaps: int
    missing: int
    longest: tuple[int, int] | None
    repairs: tuple[str, ...]

    def __str__(self) -> str:
        text = f"{self.count:,} bars, {moment(self.start)} .. {moment(self.end)}, "
        if self.longest is None:
            return f"{text}no gaps"
        first, last = self.longest
        return (
            f"{text}{self.gaps} gap{'s' if self.gaps > 1 else ''} of {self.missing:,} "
            f"bar{'s' if self.missing > 1 else ''}, the "
            f"longest from {moment(first)} to {moment(last)}"
        )

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        longest = None if self.longest is None else list(map(moment, self.longest))
        return {
            "interval": self.interval, "bars": self.count, "from": moment(self.start),
            "to": moment(self.end), "gaps": self.gaps, "missing": self.missing,
            "longest": longest, "repairs": list(self.repairs),
        }  # fmt: skip


@dataclass(slots=True)
class Checked:
    """What was found of one symbol."""

    symbol: str
    bars: list[Bars] = field(default_factory=list)
    tick: float = float("nan")
    coverage: dict[str, float] = field(default_factory=dict)
    """Share of the shortest bars at whose close a series was known; without it: not recorded."""
    agreements: list[Agreement] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    """What could not be read, or contradicts itself."""

    @property
    def gaps(self) -> int:
        """The number of gaps in bars of all intervals."""
        return sum(one.gaps for one in self.bars)

    @property
    def failed(self) -> bool:
        """Whether something cannot be read, or two sources differ."""
        return bool(self.errors) or any(one.differing for one in self.agreements)

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        return {
            "symbol": self.symbol,
            "bars": [one.to_dict() for one in self.bars],
            "tick": None if np.isnan(self.tick) else self.tick,
            "coverage": self.coverage,
            "agreement": [
                {
                    "one": one.one, "two": one.two, "common": one.common,
                    "differing": one.differing, "worst": one.worst or None,
                }
                for one in self.agreements
            ],
            "errors": self.errors,
        }  # fmt: skip


def check(found: Recordings, symbol: str) -> Checked:
    """Check a symbol's recordings; what cannot be read is among the errors."""
    checked, tables = Checked(symbol), []
    for interval in _intervals(found, symbol):
        try:
            table = found.load(symbol, interval=interval)
        except DataError as error:
            checked.errors.append(str(error))
            continue
        tables.append(table)
        checked.bars.append(_bars(table))
    if tables:
        checked.tick = tick_listed(tables[0], 0)
        checked.coverage = coverage(tables[0])
    _compare(found, checked, tables)
    return checked


def coverage(table: BarTable) -> dict[str, float]:
    """Return the share of bars at whose close each recorded series was known."""
    closes = table.close_time
    rates = table.funding if table.funding_rate is None else table.funding_rate
    steps: Sequence[tuple[str, Steps | None, int]] = (
        ("funding", rates, FUNDING_MAX_MS),
        ("open interest", table.open_interest, OPEN_INTEREST_MAX_AGE_MS),
        ("mark", table.mark, MINUTE_MS - 1),
    )
    found = {
        name: _share(series.as_of(closes, age)) for name, series, age in steps if series is not None
    }
    if table.liquidations is not None:
        found["liquidations"] = _share(table.liquidations.at(table.open_time)[0])
    return found


def _share(values: Floats) -> float:
    return float(np.isfinite(values).mean())


def _intervals(found: Recordings, symbol: str) -> list[str]:
    kinds = {item.kind for item in found.of_symbol(symbol)}
    return list(INTERVALS[:1]) if FACTS in kinds else [name for name in INTERVALS if name in kinds]


def _bars(table: BarTable) -> Bars:
    holes = table.gaps()
    longest = max(holes, key=lambda hole: hole[1] - hole[0], default=None)
    missing = sum(end - start for start, end in holes) // table.interval_ms
    repairs = tuple(str(one) for one in table.repairs if one.kind != "gap")
    return Bars(
        table.interval, len(table), table.start, table.end, len(holes), missing, longest, repairs
    )


def _compare(found: Recordings, checked: Checked, tables: Sequence[BarTable]) -> None:
    checked.agreements += of_intervals(tables, checked.tick)
    for name in (*_intervals(found, checked.symbol), ""):
        try:
            if name:
                checked.agreements += of_sources(found, checked.symbol, name, checked.tick)
            else:
                checked.agreements += of_steps(found, checked.symbol)
        except DataError as error:
            if str(error) not in checked.errors:
                checked.errors.append(str(error))
