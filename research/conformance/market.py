"""The market that is compared: recorded bars in a frame, longer ones as pandas makes them."""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd
from signalengine.intervals import INTERVAL_MS, INTERVALS

from research.data.bars import BarTable
from research.data.series import Liquidations, Steps

Floats = npt.NDArray[np.float64]
_UNKNOWN = 0.02
"""Share of minutes in which what stands beside the bars is not known."""


@dataclass(frozen=True, slots=True)
class Market:
    """Frames by interval, indexed by close time (ms), and the minutes' open interest and flows."""

    bars: dict[str, pd.DataFrame]
    beside: pd.DataFrame
    """Of every 1m bar, indexed like `bars["1m"]`; NaN is unknown."""


def with_flows(table: BarTable, seed: int = 0) -> BarTable:
    """Return the recorded bars with open interest, liquidations, funding and mark beside them.

    Nobody recorded these by the minute: they are drawn from `seed`, some minutes unknown.
    """
    rng, n = np.random.default_rng(seed), len(table)
    contracts = 84_000.0 * np.cumprod(1.0 + rng.normal(0.0, 1.2e-3, n))
    burst = np.where(rng.random(n) < 0.03, 0.08, 0.004)
    usd = rng.random((2, n)) * burst * table.volume * table.close * (rng.random((2, n)) < 0.7)
    known = rng.random((4, n)) >= _UNKNOWN
    closes, opens = table.close_time, table.open_time
    rates = np.round(rng.normal(1e-4, 4e-4, n), 8)
    return replace(
        table,
        # 10 s before the close, as a poll is; a row a minute, so that the newest is its own
        open_interest=Steps(closes[known[0]] - 10_000, np.round(contracts, 3)[known[0]]),
        liquidations=Liquidations(opens[known[1]], usd[0][known[1]], usd[1][known[1]]),
        funding_rate=Steps(closes[known[2]] - 1_000, rates[known[2]]),
        mark=Steps(closes[known[3]] - 1_000, table.close[known[3]] * 1.0001),
    )


def market(table: BarTable) -> Market:
    """Lay a table of 1m bars without gaps out for the references."""
    names = ("open", "high", "low", "close", "volume", "quote_volume")
    minutes = pd.DataFrame({name: getattr(table, name) for name in names}, index=table.close_time)
    typical = (minutes["high"] + minutes["low"] + minutes["close"]) / 3.0 * minutes["volume"]
    minutes["quote_volume"] = minutes["quote_volume"].fillna(typical)  # as every table is read
    minutes["count"] = 1
    frames = {name: _resampled(minutes, name) for name in INTERVALS}
    beside = pd.DataFrame(table.beside(), index=table.close_time)
    return Market(frames, beside)


def _resampled(minutes: pd.DataFrame, interval: str) -> pd.DataFrame:
    """Bars of an interval from whole sets of their minutes, indexed by close time."""
    length = INTERVAL_MS[interval]
    groups = minutes.groupby(-(-minutes.index.to_numpy() // length) * length)
    frame = groups.agg(
        open=("open", "first"), high=("high", "max"), low=("low", "min"), close=("close", "last"),
        volume=("volume", "sum"), count=("count", "sum"),
    )  # fmt: skip
    frame["quote_volume"] = groups["quote_volume"].sum()
    return frame[frame["count"] == length // INTERVAL_MS["1m"]]
