"""The same numbers by group: symbol, event kind, hour of the day (UTC), direction, score.

Groups are small; each row has its N, and intervals drawn from the same days as the whole's. A
signal is in the row of every event kind that supported its direction, so those rows overlap.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
from signalengine.signals import RETURN_SCALE, Outcome, Signal
from signalengine.stats.closed_signal import backing_kinds

from research.statistics.intervals import DayBootstrap
from research.statistics.summary import Estimate, mean, share
from research.statistics.trades import HOUR_MS, Trades

Labels: TypeAlias = Callable[[Signal], Iterable[str]]
SCORE_STEP: Final = 0.05


@dataclass(frozen=True, slots=True)
class Row:
    """One group."""

    label: str
    n: int
    wins: int
    tp_hits: int
    win_rate: Estimate
    mean_net: Estimate
    mean_gross: Estimate


def by_symbol(trades: Trades, draws: DayBootstrap) -> tuple[Row, ...]:
    """One row a symbol, those without a signal too."""
    return table(trades, draws, lambda s: (s.symbol,), trades.symbols)


def by_direction(trades: Trades, draws: DayBootstrap) -> tuple[Row, ...]:
    return table(trades, draws, lambda s: (s.direction,), ("long", "short"))


def by_hour(trades: Trades, draws: DayBootstrap) -> tuple[Row, ...]:
    """24 rows, "00" to "23": the UTC hour of the entry."""
    hours = tuple(f"{hour:02}" for hour in range(24))
    return table(trades, draws, lambda s: (hours[s.close_time // HOUR_MS % 24],), hours)


def by_event_kind(trades: Trades, draws: DayBootstrap) -> tuple[Row, ...]:
    """Rows overlap; a signal whose backing event came some minutes before its close has its own."""
    rows = table(trades, draws, backing_kinds)
    return tuple(sorted(rows, key=lambda row: (-row.n, row.label)))


def by_score(trades: Trades, draws: DayBootstrap) -> tuple[Row, ...]:
    """Buckets of 0.05, from the lowest to the highest score there is."""
    if not len(trades):
        return ()
    numbers = [_bucket(s.score) for s in trades.signals]
    every = tuple(_score_label(k) for k in range(min(numbers), max(numbers) + 1))
    return table(trades, draws, lambda s: (_score_label(_bucket(s.score)),), every)


def table(
    trades: Trades, draws: DayBootstrap, labels: Labels, order: Iterable[str] = ()
) -> tuple[Row, ...]:
    """One row a label, in the order given, then as they appear."""
    groups: dict[str, list[int]] = {label: [] for label in order}
    for number, signal in enumerate(trades.signals):
        for label in set(labels(signal)):
            groups.setdefault(label, []).append(number)
    return tuple(_row(trades, draws, label, members) for label, members in groups.items())


def _row(trades: Trades, draws: DayBootstrap, label: str, members: list[int]) -> Row:
    chosen = np.zeros(len(trades), dtype=bool)
    chosen[members] = True
    won = trades.net > 0
    tp_hits = sum(trades.settlements[k].outcome is Outcome.TP_HIT for k in members)
    return Row(
        label=label,
        n=len(members),
        wins=int((won & chosen).sum()),
        tp_hits=tp_hits,
        win_rate=share(draws, trades, won, chosen),
        mean_net=mean(draws, trades, trades.net / RETURN_SCALE, chosen),
        mean_gross=mean(draws, trades, trades.gross / RETURN_SCALE, chosen),
    )


def _bucket(score: float) -> int:
    return int(round(score * 1e6) // round(SCORE_STEP * 1e6))  # scores are rounded to 1e-6


def _score_label(bucket: int) -> str:
    return f"{bucket * SCORE_STEP:.2f}–{(bucket + 1) * SCORE_STEP:.2f}"
