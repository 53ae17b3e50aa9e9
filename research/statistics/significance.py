"""Is the entry rule better than entries it did not choose? Two null tests with the same exits.

**Circular shift**, the decisive test: all signals of all symbols are moved by one common number of
minutes (of bars, where a strategy was run on longer ones), wrapping round the end of each symbol's
span. Frequency, clustering, directions, symbols and exits stay the same; only the link between the
entry and what followed is broken. An entry that lands where the policy allows none (TP not worth
its costs, no bars) moves on to the next allowed minute.

**Random entries**: as many of each symbol and direction, at random among the allowed minutes. Its
mean is what the exits alone earn. Its p value treats the signals as independent, which they are
not: it comes out too small or too large where the shift's does not.

p = (1 + draws that did at least as well) / (1 + draws), one-sided, by mean net return. All draws
follow from the seed.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from signalengine.signals import RETURN_SCALE

from research.statistics.blocks import longest_life_ms
from research.statistics.entries import Entries
from research.statistics.trades import Floats, Ints, Trades

DRAWS: Final = 2_000


@dataclass(frozen=True, eq=False)
class Null:
    """Results of entries that the rule did not choose.

    Returns are fractions; arrays have shape (draws,).
    """

    method: str
    n: int
    observed_net: float
    observed_win_rate: float
    net: Floats
    gross: Floats
    win_rate: Floats

    @property
    def p_net(self) -> float:
        """Of the observed mean net return or more."""
        return p_value(self.observed_net, self.net)

    @property
    def p_win_rate(self) -> float:
        return p_value(self.observed_win_rate, self.win_rate)

    def to_dict(self) -> dict[str, Any]:
        """Return the test in plain numbers, without the draws."""
        low, high = (float(x) for x in np.quantile(self.net, [0.025, 0.975]))
        return {
            "method": self.method,
            "n": self.n,
            "draws": len(self.net),
            "p_net": self.p_net,
            "p_win_rate": self.p_win_rate,
            "observed_net": self.observed_net,
            "observed_win_rate": self.observed_win_rate,
            "mean_net": float(self.net.mean()),
            "net_low": low,
            "net_high": high,
            "mean_gross": float(self.gross.mean()),
            "mean_win_rate": float(self.win_rate.mean()),
        }


def p_value(observed: float, draws: Floats) -> float:
    """Share of the draws that did at least as well, the observed one counted among them."""
    return (1 + int((draws >= observed - 1e-15).sum())) / (1 + len(draws))


def shift_test(
    trades: Trades, entries: Mapping[str, Entries], *, draws: int = DRAWS, seed: int = 0
) -> Null | None:
    """Shift all entries by a common time, `draws` times; None without room or signals.

    Shifts are at least a signal's life, so that no signal overlaps itself.
    """
    groups = _groups(trades, entries)
    if not groups:
        return None
    circles = [last - first + 1 for first, last in (_bounds(entries[name]) for name, _ in groups)]
    length = max(table.length_ms for table in entries.values())
    guard, longest = -(-longest_life_ms(trades.signals) // length), max(circles)
    if min(circles) <= 2 * guard + 1:
        return None
    rng = np.random.default_rng(seed)
    shifts = rng.integers(guard, longest - guard + 1, size=draws)
    sums = _Sums(draws)
    for (symbol, side), members in groups.items():
        table = entries[symbol]
        first, last = _bounds(table)
        circle = last - first + 1
        at = np.clip(table.minute(trades.entered[members]), first, last) - first
        moved = first + (at[None, :] + _guarded(shifts, circle, guard)[:, None]) % circle
        sums.add(table, side, table.next_allowed()[moved])
    return sums.null("shifted entries", trades)


def random_test(
    trades: Trades, entries: Mapping[str, Entries], *, draws: int = DRAWS, seed: int = 0
) -> Null | None:
    """Draw as many entries of each symbol and direction, `draws` times; None without signals."""
    groups = _groups(trades, entries)
    if not groups:
        return None
    rng = np.random.default_rng(seed)
    sums = _Sums(draws)
    for (symbol, side), members in groups.items():
        table = entries[symbol]
        places = np.flatnonzero(table.allowed)
        sums.add(table, side, places[rng.integers(0, len(places), size=(draws, len(members)))])
    return sums.null("random entries", trades)


class _Sums:
    """Sums over the entries of each draw."""

    def __init__(self, draws: int) -> None:
        self.n = 0
        self.net, self.gross, self.wins = (np.zeros(draws, dtype=np.int64) for _ in range(3))

    def add(self, table: Entries, side: int, minutes: Ints) -> None:
        """Add entries of one direction at minutes of shape (draws, signals)."""
        net = table.net[side][minutes]
        self.n += minutes.shape[1]
        self.net += net.sum(axis=1)
        self.gross += table.gross[side][minutes].sum(axis=1)
        self.wins += (net > 0).sum(axis=1)

    def null(self, method: str, trades: Trades) -> Null:
        scale = float(self.n * RETURN_SCALE)
        return Null(
            method=method,
            n=len(trades),
            observed_net=float(trades.net.sum()) / len(trades) / RETURN_SCALE,
            observed_win_rate=float((trades.net > 0).mean()),
            net=self.net / scale,
            gross=self.gross / scale,
            win_rate=self.wins / self.n,
        )


def _groups(trades: Trades, entries: Mapping[str, Entries]) -> dict[tuple[str, int], Ints]:
    """Signals by symbol and side (row of `Entries`), where the symbol has allowed minutes."""
    groups: dict[tuple[str, int], list[int]] = {}
    for number, signal in enumerate(trades.signals):
        if entries[signal.symbol].allowed.any():
            groups.setdefault((signal.symbol, int(signal.side < 0)), []).append(number)
    return {key: np.array(groups[key], dtype=np.int64) for key in sorted(groups)}


def _bounds(table: Entries) -> tuple[int, int]:
    places = np.flatnonzero(table.allowed)
    return int(places[0]), int(places[-1])


def _guarded(shifts: Ints, circle: int, guard: int) -> Ints:
    """Shifts on a circle of this length: never nearer than `guard` to no shift at all."""
    inside: Ints = shifts % circle
    return np.clip(inside, guard, circle - guard)
