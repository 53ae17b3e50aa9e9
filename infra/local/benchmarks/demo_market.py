"""Signals of the simulated market over many seeds: their sides, and their results against costs.

    python -m infra.local.benchmarks.demo_market --seeds 20 --hours 24

Each seed is played as `up` plays it, and its bars go through the compiled backtest with the default
policy. A market without drift has as many long signals as short ones, and loses the costs: the mean
gross return is zero but for its noise. Signals of one seed depend on each other, since the market
is common to its symbols, so the standard error is that of the seeds.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from signalengine.intervals import DAY_MS, MINUTE_MS
from signalengine.policy import default_policy
from signalengine.signals import RETURN_SCALE

from research.backtest.market import simulate_market
from research.data.bars import BarTable
from research.data.rows import Rows
from research.data.series import Liquidations, Steps

from ..exchange.market.instruments import DEFAULT_SYMBOLS
from ..exchange.market.simulation import SimulatedMarket
from ..exchange.market.source import Minute

START: Final = 20_227 * DAY_MS
"""2025-05-19."""
DEFAULT_SEED: Final = 7


@dataclass(frozen=True, slots=True)
class Result:
    """The signals of one seed. Times in ms from the start, returns in percent, one per closed."""

    seed: int
    longs: tuple[int, ...]
    """Times of the openings, oldest first."""
    shorts: tuple[int, ...]
    gross: tuple[float, ...]
    net: tuple[float, ...]

    @property
    def count(self) -> int:
        return len(self.longs) + len(self.shorts)


def measured(seed: int, minutes: int, symbols: Sequence[str] = DEFAULT_SYMBOLS) -> Result:
    """Play a seed for so many minutes, and return the signals of the default policy."""
    tables = bar_tables(seed, minutes, symbols)
    runs = simulate_market(tables, default_policy(), start=START)
    signals = [signal for run in runs for signal in run.signals]
    ends = [signal.settlement for signal in signals if signal.settlement is not None]
    times = {
        side: sorted(s.close_time - START for s in signals if s.direction == side)
        for side in ("long", "short")
    }
    return Result(
        seed, tuple(times["long"]), tuple(times["short"]),
        tuple(end.gross_return * 100 / RETURN_SCALE for end in ends),
        tuple(end.net_return * 100 / RETURN_SCALE for end in ends),
    )  # fmt: skip


def bar_tables(seed: int, minutes: int, symbols: Sequence[str]) -> Iterator[BarTable]:
    """Play a seed, and yield what each symbol's history and minutes were."""
    market = SimulatedMarket(symbols, START, None, str(seed))
    played = [market.minute(START + at * MINUTE_MS) for at in range(minutes)]
    for symbol in symbols:
        yield _table(market, symbol, played)


def _table(market: SimulatedMarket, symbol: str, played: Sequence[Minute]) -> BarTable:
    bars = [minute.paths[symbol].bar for minute in played]
    rows = [*market.past(symbol).rows(0)]
    rows += [
        (b.open_time, b.open, b.high, b.low, b.close, b.volume, b.quote_volume, b.trades,
         b.taker_volume)
        for b in bars
    ]  # fmt: skip
    columns = np.array([row[1:9] for row in rows], dtype=np.float64).T
    times = np.array([row[0] for row in rows], dtype=np.int64)
    marks = [(b.open_time + MINUTE_MS, m.marks[symbol][-1]) for b, m in zip(bars, played)]
    interest, paid = market.interests[symbol], market.fundings[symbol]
    made = BarTable.of_rows(symbol, Rows(times, columns))
    from dataclasses import replace

    return replace(
        made,
        market="simulated",
        open_interest=Steps(np.array(interest.times), np.array(interest.values)),
        funding=Steps.of((one.time, one.rate) for one in paid),
        funding_rate=Steps.of((at, mark.rate) for at, mark in marks if mark.rate is not None),
        mark=Steps.of((at, mark.price) for at, mark in marks),
        liquidations=_liquidations(symbol, played),
    )


def _liquidations(symbol: str, played: Sequence[Minute]) -> Liquidations:
    names = (symbol, symbol.removesuffix("T") + "_PERP")
    usd = {"SELL": np.zeros(len(played)), "BUY": np.zeros(len(played))}
    for at, minute in enumerate(played):
        for order in minute.liquidations:
            if order.symbol in names:
                usd[order.side][at] += order.size_usd
    times = np.array([minute.open_time for minute in played], dtype=np.int64)
    return Liquidations(times, usd["SELL"], usd["BUY"])
