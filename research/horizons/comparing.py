"""The same strategy on 1m bars and on longer bars made of them, signal by signal."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final, TypeAlias

import numpy as np
from signalengine.intervals import DAY_MS
from signalengine.signals import RETURN_SCALE, Settlement, Signal
from signalengine.strategy.sets import StrategySet

from research.backtest.strategy_run import simulate_set_market
from research.data.bars import BarTable
from research.data.series import Steps
from research.data.tick_sizes import tick_listed
from research.horizons.strategies import crossing, near, shortened, trailed

Case: TypeAlias = tuple[str, Callable[[str], StrategySet], str, tuple[str, ...]]
"""Title, strategy, closes at which it decides, and the bars to compare with 1m bars."""
CASES: Final[tuple[Case, ...]] = (
    ("`donchian`, 3 days", shortened, "1d", ("15m", "1h", "1d")),
    ("`donchian`, 10 bars of 4h", shortened, "4h", ("15m", "1h", "4h")),
    ("averages crossing at 1h", crossing, "1h", ("15m", "1h")),
    ("the same, TP and SL 0.5 ATR", near, "1h", ("15m", "1h")),
    ("the same, a stop that trails by an ATR", trailed, "1h", ("15m", "1h")),
    ("averages crossing at 15m", crossing, "15m", ("15m",)),
)


@dataclass(frozen=True, slots=True)
class Compared:
    """Signals of one strategy on 1m bars and on longer ones; returns in units of 1e-8."""

    title: str
    bars: str
    minutes: int
    """Signals with 1m bars."""
    coarse: int
    same: int
    """Signals that both have, with the same levels."""
    closed: int
    """Of these, closed with both."""
    outcomes: int
    """Of the closed ones, those that ended otherwise."""
    ambiguous: int
    """Of the closed ones, those whose longer bar reached both levels."""
    net_minutes: float
    """Mean net return of the closed ones."""
    net_coarse: float


def compare(tables: Sequence[BarTable], cases: Sequence[Case] = CASES) -> list[Compared]:
    """Compare every case, up to the last day that all tables have whole.

    All runs have the tick size that 1m bars show.
    """
    end = min(table.end for table in tables) // DAY_MS * DAY_MS
    known = [_with_tick(table.between(None, end)) for table in tables]
    out = []
    for title, strategy, every, lengths in cases:
        one = strategy(every)
        minutes = signals_of(known, one)
        for interval in lengths:
            coarse = signals_of([table.resample(interval) for table in known], one)
            out.append(compared(title, interval, minutes, coarse))
    return out


def signals_of(tables: Iterable[BarTable], one: StrategySet) -> dict[str, Signal]:
    """Return a market's signals by id."""
    return {s.signal_id: s for run in simulate_set_market(tables, one) for s in run.signals}


def compared(
    title: str, bars: str, minutes: dict[str, Signal], coarse: dict[str, Signal]
) -> Compared:
    """Compare the signals of two runs."""
    same = [i for i in minutes if i in coarse and _opening(minutes[i]) == _opening(coarse[i])]
    pairs = [(minutes[i].settlement, coarse[i].settlement) for i in same]
    ends = [(a, b) for a, b in pairs if a is not None and b is not None]
    return Compared(
        title=title,
        bars=bars,
        minutes=len(minutes),
        coarse=len(coarse),
        same=len(same),
        closed=len(ends),
        outcomes=sum(a.outcome is not b.outcome for a, b in ends),
        ambiguous=sum(b.ambiguous for _, b in ends),
        net_minutes=_mean(a for a, _ in ends),
        net_coarse=_mean(b for _, b in ends),
    )


def table_of(rows: Sequence[Compared]) -> list[str]:
    """Return the rows in Markdown."""
    heads = (
        "strategy", "bars", "signals: 1m, coarse, the same", "closed", "other outcome",
        "target and stop in a bar", "mean net bps: 1m", "coarse", "difference",
    )  # fmt: skip
    lines = [f"| {' | '.join(heads)} |", "|---" * len(heads) + "|"]
    for row in rows:
        a, b = (x * 1e4 / RETURN_SCALE for x in (row.net_minutes, row.net_coarse))
        cells = (
            row.title, row.bars, f"{row.minutes}, {row.coarse}, {row.same}", str(row.closed),
            str(row.outcomes), str(row.ambiguous), signed(a), signed(b), signed(b - a),
        )  # fmt: skip
        lines.append(f"| {' | '.join(cells)} |")
    return lines


def signed(bps: float) -> str:
    """Return basis points with a sign; a dash where there are none."""
    if np.isnan(bps):
        return "–"
    text = f"{bps:+.1f}"
    return text.replace("-", "−") if float(text) else "0.0"


def _with_tick(table: BarTable) -> BarTable:
    tick = tick_listed(table, 0)
    if np.isnan(tick):
        return table
    return replace(table, tick_size=Steps.of([(table.start, tick)]))


def _opening(signal: Signal) -> Signal:
    return replace(signal, settlement=None)


def _mean(ends: Iterable[Settlement]) -> float:
    net = [end.net_return for end in ends]
    return sum(net) / len(net) if net else float("nan")
