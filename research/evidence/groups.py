"""The signals of all measured spans by period, year, symbol, side and rank of volume."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

import numpy as np
from signalengine.intervals import DAY_MS
from signalengine.signals import Signal

from research.data.bars import BarTable
from research.data.times import day_of
from research.evidence.phases import Phase
from research.statistics.intervals import DayBootstrap
from research.statistics.tables import Row, table
from research.statistics.trades import Floats, Marks, Trades, trades_of

PERIODS: Final = 6
VOLUME_DAYS: Final = 30
"""Days before an entry whose quote volume ranks the symbols."""
_RANKS: Final = ((1, "1"), (5, "2–5"), (10, "6–10"), (30, "11–30"))
_UNKNOWN: Final = "unknown"


def together(phases: Sequence[Phase]) -> Trades:
    """Return the closed signals of several spans as one set."""
    parts = [phase.trades for phase in phases]
    signals = [signal for part in parts for signal in part.signals]
    trades = trades_of(signals, [span for part in parts for span in part.spans])
    marks = [part.marks for part in parts if part.marks is not None]
    if not marks:
        return trades
    columns = [
        np.concatenate([getattr(m, name) for m in marks]) for name in ("day", "net", "gross")
    ]
    return Trades(trades.signals, trades.spans, trades.still_open, Marks(*columns))


def by_period(trades: Trades, draws: DayBootstrap, start: int, end: int) -> tuple[Row, ...]:
    """Walk forward through equal periods; a signal that could reach into the next is left out."""
    edges = np.linspace(start, end, PERIODS + 1)
    names = [f"from {day_of(int(edge))}" for edge in edges[:-1]]

    def label(signal: Signal) -> tuple[str, ...]:
        at = int(np.searchsorted(edges, signal.close_time, side="right")) - 1
        at = min(max(at, 0), PERIODS - 1)
        return (names[at],) if signal.expires_at <= edges[at + 1] else ()

    return table(trades, draws, label, names)


def by_year(trades: Trades, draws: DayBootstrap) -> tuple[Row, ...]:
    """Rows by UTC year of the entry, oldest first."""
    rows = table(trades, draws, lambda s: (str(_year(s.close_time)),))
    return tuple(sorted(rows, key=lambda row: row.label))


def by_volume(trades: Trades, draws: DayBootstrap, tables: Sequence[BarTable]) -> tuple[Row, ...]:
    """Rows by the symbol's rank of quote volume over the 30 days before the entry's day."""
    volumes = {one.symbol: daily_volume(one) for one in tables}
    names = [f"{name}" for _, name in _RANKS] + ["31 and beyond", _UNKNOWN]
    rows = table(trades, draws, lambda s: (_rank(s, volumes),), names)
    return tuple(row for row in rows if row.n)


def daily_volume(bars: BarTable) -> dict[int, float]:
    """Return the quote volume by UTC day number; unknown is close × volume."""
    quote = np.where(np.isnan(bars.quote_volume), bars.close * bars.volume, bars.quote_volume)
    days = bars.open_time // DAY_MS
    if not len(days):
        return {}
    first = int(days[0])
    sums: Floats = np.bincount(days - first, weights=quote).astype(np.float64)
    return {first + k: float(x) for k, x in enumerate(sums)}


def _rank(signal: Signal, volumes: dict[str, dict[int, float]]) -> str:
    """Return the label of a signal's rank; the entry's own day is not read."""
    day = signal.close_time // DAY_MS
    past = range(day - VOLUME_DAYS, day)
    sums = {name: sum(known.get(d, 0.0) for d in past) for name, known in volumes.items()}
    if not sums.get(signal.symbol):
        return _UNKNOWN
    rank = 1 + sum(x > sums[signal.symbol] for x in sums.values())
    return next((name for most, name in _RANKS if rank <= most), "31 and beyond")


def _year(time: int) -> int:
    return datetime.fromtimestamp(time / 1000, UTC).year
