"""The symbol-wide features by their definitions, at every minute."""

from collections.abc import Mapping
from typing import Final

import numpy as np
import pandas as pd
import talib
from signalengine.intervals import DAY_MS, MINUTE_MS

from research.backtest.result import Run

from .market import Floats, Market
from .references import last_sums, swings

STORED_SWINGS, EVENT_MINUTES = 4, 15

SOURCES: Final[Mapping[str, str]] = {
    "atr_15m_ema": "TA-Lib `EMA` 96 of `ATR` 14",
    "vwap_bars": "minutes since 00:00 UTC",
    "price_change_15m": "ratio of two closes",
    "oi_change_15m": "ratio of two minutes",
    "liq_long_5m_usd": "sum of five minutes (numpy)",
    "liq_short_5m_usd": "sum of five minutes (numpy)",
    "quote_volume_5m": "sum of five minutes (numpy)",
    "room_long": "all stored swings of 15m and 1h",
    "room_short": "all stored swings of 15m and 1h",
    "event_long": "maximum over the events of 15 minutes",
    "event_short": "maximum over the events of 15 minutes",
    "funding_rate": "what came with the minute",
    "mark_price": "what came with the minute",
}
"""What each is compared with, by `snapshot.CONTEXT`."""


def context(m: Market, run: Run) -> dict[str, Floats]:
    """Return every symbol-wide feature at each minute's close; `run` has the events."""
    minutes, beside = m.bars["1m"], m.beside
    close, interest = minutes["close"], beside["open_interest"]
    return {
        "atr_15m_ema": slow_atr(m),
        "vwap_bars": session_minutes(minutes),
        "price_change_15m": (close / close.shift(15) - 1.0).to_numpy(),
        "oi_change_15m": (interest / interest.shift(15) - 1.0).to_numpy(),
        "liq_long_5m_usd": last_sums(beside["liq_long_usd"].to_numpy(), 5),
        "liq_short_5m_usd": last_sums(beside["liq_short_usd"].to_numpy(), 5),
        "quote_volume_5m": last_sums(minutes["quote_volume"].to_numpy(), 5),
        "room_long": room(m, 1.0),
        "room_short": room(m, -1.0),
        "event_long": event_memory(run, 1.0, len(minutes)),
        "event_short": event_memory(run, -1.0, len(minutes)),
        "funding_rate": beside["funding_rate"].to_numpy(),
        "mark_price": beside["mark_price"].to_numpy(),
    }


def as_of(values: Floats, closes: pd.Index, minutes: pd.Index) -> Floats:
    """Values of a longer interval's bars as known at each minute."""
    at = np.searchsorted(closes.to_numpy(), minutes.to_numpy(), side="right")
    return np.append(np.nan, values)[at]


def slow_atr(m: Market) -> Floats:
    """EMA 96 of the 15m ATR, seeded with the mean of its first 96 values."""
    bars = m.bars["15m"]
    high, low, close = (bars[name].to_numpy() for name in ("high", "low", "close"))
    atr = talib.ATR(high, low, close, 14)
    slow = np.concatenate([atr[:14], talib.EMA(atr[14:], 96)])
    return as_of(slow, bars.index, m.bars["1m"].index)


def session_minutes(minutes: pd.DataFrame) -> Floats:
    """1m bars since 00:00 UTC; −1 in a day whose start was not seen."""
    opens = minutes.index.to_numpy() - MINUTE_MS
    count = (opens % DAY_MS) / MINUTE_MS + 1.0
    return np.where(opens - opens % DAY_MS >= opens[0], count, -1.0)


def room(m: Market, side: float) -> Floats:
    """Distance from the 1m close to the nearest of the newest swings ahead, of 15m and 1h."""
    minutes = m.bars["1m"]
    close = minutes["close"].to_numpy()
    distances = []
    for interval in ("15m", "1h"):
        bars = m.bars[interval]
        level = bars["high" if side > 0.0 else "low"].to_numpy()
        found = swings(side * level)
        for back in range(STORED_SWINGS):
            swing = as_of(nth_newest(found, back), bars.index, minutes.index)
            distances.append(swing - side * close)
    ahead = np.where(np.array(distances) > 0.0, distances, np.inf).min(axis=0)
    return np.where(np.isinf(ahead), np.nan, ahead)


def nth_newest(found: Floats, back: int) -> Floats:
    """The level found `back` before the newest one, at each bar."""
    levels = found[~np.isnan(found)]
    at = np.cumsum(~np.isnan(found)) - 1 - back
    return np.where(at >= 0, levels[np.maximum(at, 0)], np.nan) if len(levels) else found


def event_memory(run: Run, side: float, size: int) -> Floats:
    """max over the events of the last 15 minutes of (0.25 + 0.75 × strength) × (1 − age / 15)."""
    best = np.zeros(size)
    for number, row in enumerate(run.decision_rows):
        minute = int(row[0])
        strengths = [
            event.strength
            for event in run.events(number)
            if (event.direction == "long") == (side > 0.0)
        ]
        if strengths:
            value = 0.25 + 0.75 * max(strengths)
            fade = value * (1.0 - np.arange(EVENT_MINUTES) / EVENT_MINUTES)
            stop = min(size, minute + EVENT_MINUTES)
            best[minute:stop] = np.maximum(best[minute:stop], fade[: stop - minute])
    return best
