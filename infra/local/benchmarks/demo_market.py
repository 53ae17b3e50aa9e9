"""Signals of the simulated market over many seeds: their sides, and their results against costs.

    python -m infra.local.benchmarks.demo_market --seeds 20 --hours 72

Each seed is played as `up` plays it, and its bars go through the compiled backtest with the default
policy. A market without drift has as many long signals as short ones, and loses the costs: the mean
gross return is zero but for its noise. Signals of one seed depend on each other, since the market
is common to its symbols, so the standard error is that of the seeds.
"""

import argparse
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from rich.console import Console
from signalengine.intervals import DAY_MS, MINUTE_MS
from signalengine.policy import default_policy
from signalengine.signals import RETURN_SCALE, Direction, Signal

from machine.terminal import program
from research.backtest.market import simulate_market
from research.data.bars import BarTable
from research.data.rows import Rows
from research.data.series import Liquidations, Steps

from ..exchange.market.bars import Bar
from ..exchange.market.instruments import DEFAULT_SYMBOLS
from ..exchange.market.simulation import SimulatedMarket
from ..exchange.market.source import Minute

START: Final = 20_227 * DAY_MS
"""2025-05-19."""


@dataclass(frozen=True, slots=True)
class Result:
    """The signals of one seed. Openings in ms from the start, returns in percent, one a closing."""

    seed: int
    longs: tuple[int, ...]
    shorts: tuple[int, ...]
    gross: tuple[float, ...]
    net: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Total:
    """All seeds: the share of longs, mean returns in percent, the standard error of the gross."""

    signals: int
    long_share: float
    gross: float
    net: float
    error: float

    @property
    def is_fair(self) -> bool:
        """Whether both sides have 40 % at least, and the mean is the costs but for noise."""
        return 0.4 <= self.long_share <= 0.6 and abs(self.gross) <= 2 * self.error


def total(results: Sequence[Result]) -> Total:
    """Return the total of some seeds."""
    longs, shorts = (sum(len(getattr(r, side)) for r in results) for side in ("longs", "shorts"))
    sums = np.array([sum(one.gross) for one in results])
    counts = np.array([len(one.gross) for one in results])
    mean = float(sums.sum() / counts.sum())
    between = float(((sums - mean * counts) ** 2).sum()) * len(results) / max(1, len(results) - 1)
    return Total(
        signals=longs + shorts,
        long_share=longs / (longs + shorts),
        gross=mean,
        net=sum(sum(one.net) for one in results) / int(counts.sum()),
        error=math.sqrt(between) / int(counts.sum()),
    )


def measured(seed: int, minutes: int, symbols: Sequence[str] = DEFAULT_SYMBOLS) -> Result:
    """Play a seed for so many minutes, and return the signals of the default policy."""
    runs = simulate_market(bar_tables(seed, minutes, symbols), default_policy(), start=START)
    signals = [signal for run in runs for signal in run.signals]
    ends = [signal.settlement for signal in signals if signal.settlement is not None]
    scale = 100 / RETURN_SCALE
    return Result(
        seed=seed,
        longs=_openings(signals, "long"),
        shorts=_openings(signals, "short"),
        gross=tuple(end.gross_return * scale for end in ends),
        net=tuple(end.net_return * scale for end in ends),
    )


def _openings(signals: Sequence[Signal], side: Direction) -> tuple[int, ...]:
    return tuple(sorted(one.close_time - START for one in signals if one.direction == side))


def bar_tables(seed: int, minutes: int, symbols: Sequence[str]) -> Iterator[BarTable]:
    """Play a seed, and yield what each symbol's history and minutes were."""
    market = SimulatedMarket(symbols, START, None, str(seed))
    played = [market.minute(START + at * MINUTE_MS) for at in range(minutes)]
    for symbol in symbols:
        yield _table(market, symbol, played)


def _table(market: SimulatedMarket, symbol: str, played: Sequence[Minute]) -> BarTable:
    """Return the history and the played minutes of one symbol, with what was known beside."""
    bars = [*market.past(symbol).rows(0), *(_row(minute.paths[symbol].bar) for minute in played)]
    times = np.array([row[0] for row in bars], dtype=np.int64)
    columns = np.array([row[1:9] for row in bars], dtype=np.float64).T
    marks = [(one.open_time + MINUTE_MS, one.marks[symbol][-1]) for one in played]
    interest, paid = market.interests[symbol], market.fundings[symbol]
    return replace(
        BarTable.of_rows(symbol, Rows(times, columns)),
        market=market.market,
        open_interest=Steps(np.array(interest.times), np.array(interest.values)),
        funding=Steps.of((one.time, one.rate) for one in paid),
        funding_rate=Steps.of((at, mark.rate) for at, mark in marks if mark.rate is not None),
        mark=Steps.of((at, mark.price) for at, mark in marks),
        liquidations=_liquidations(symbol, played),
    )


def _row(bar: Bar) -> tuple[float, ...]:
    return (
        bar.open_time, bar.open, bar.high, bar.low, bar.close, bar.volume, bar.quote_volume,
        bar.trades, bar.taker_volume,
    )  # fmt: skip


def _liquidations(symbol: str, played: Sequence[Minute]) -> Liquidations:
    names = (symbol, symbol.removesuffix("T") + "_PERP")
    usd = {"SELL": np.zeros(len(played)), "BUY": np.zeros(len(played))}
    for at, minute in enumerate(played):
        for order in minute.liquidations:
            if order.symbol in names:
                usd[order.side][at] += order.size_usd
    times = np.array([minute.open_time for minute in played], dtype=np.int64)
    return Liquidations(times, usd["SELL"], usd["BUY"])


def main() -> int:
    """Print a row for each seed, and the total; returns 1 where that is not fair."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=20, help="1 to this number (default 20)")
    parser.add_argument("--hours", type=int, default=72, help="of each seed (default 72)")
    options = parser.parse_args()
    out = Console()
    results = []
    for seed in range(1, options.seeds + 1):
        results.append(measured(seed, options.hours * 60))
        out.print(_line(results[-1]), highlight=False)
    found = total(results)
    out.print(
        f"{found.signals} signals, {found.long_share:.1%} long; mean of a signal "
        f"{found.gross:+.4f} % ± {found.error:.4f} gross, {found.net:+.4f} % net: "
        f"{'fair' if found.is_fair else 'NOT FAIR'}",
        highlight=False,
    )
    return 0 if found.is_fair else 1


def _line(one: Result) -> str:
    first = [f"{times[0] // MINUTE_MS}" if times else "–" for times in (one.longs, one.shorts)]
    mean = f"{sum(one.gross) / len(one.gross):+.3f} %" if one.gross else "–"
    return (
        f"seed {one.seed:>3}: {len(one.longs):>3} long, {len(one.shorts):>3} short, the first in "
        f"minute {first[0]:>4} and {first[1]:>4}; mean gross {mean}"
    )


if __name__ == "__main__":
    program(main)
