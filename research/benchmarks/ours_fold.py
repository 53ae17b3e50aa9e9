"""The fold in plain Python, as Lambda runs it."""

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray
from signalengine.bars.aggregator import BarAggregator
from signalengine.events import MAX_EVENTS, ROW, fold_bar
from signalengine.facts.stream import Bar, BarsFact
from signalengine.fold import SymbolState, advance
from signalengine.indicators import (
    BAND_BARS,
    band_width,
    fold_bands,
    fold_emas,
    fold_vwap,
    fold_wilder,
    half_band,
    remember,
    rsi,
    vwap,
)
from signalengine.intervals import closing_at
from signalengine.layout import (
    ATR,
    BAND_MEAN,
    BLOCK,
    CLOSE,
    COUNT,
    EMA9,
    EMA21,
    EMA50,
    MINUTE_BLOCK,
    WINDOW,
    fresh_buffer,
)
from signalengine.policy import default_policy

from .market import DAY_MINUTES, MINUTE, Bars

B = MINUTE_BLOCK
TWENTY = BAND_BARS * MINUTE


def fold_subset(
    r: Any,
    open_time: float,
    high: float,
    low: float,
    close: float,
    volume: float,
    paid: float,
) -> tuple[float, float, float]:
    """Fold RSI, EMAs, ATR, Bollinger and VWAP of one bar; returns RSI, half a band and the VWAP.

    The same lines as in `detection.fold_bar`, without events. The others' values are in `r`.
    """
    n = r[COUNT]
    at = int(n) % WINDOW
    before = r[CLOSE + (at - 1 if at > 0 else WINDOW - 1)]
    fold_emas(r, n, close)
    now = fold_wilder(r, n, high, low, close, before)
    half = half_band(fold_bands(r, n, at, open_time / TWENTY, close))
    level = fold_vwap(r, open_time, False, paid, volume)
    remember(r, at, open_time, high, low, close, volume)
    return now, half, level


def values(s: Any) -> dict[str, float]:
    """What the peers know too, from a state; the names are those of the check."""
    half = band_width(s, B)
    return {
        "rsi": float(rsi(s, B)),
        "ema_9": float(s[B + EMA9]),
        "ema_21": float(s[B + EMA21]),
        "ema_50": float(s[B + EMA50]),
        "atr": float(s[B + ATR]),
        "bb_upper": float(s[B + BAND_MEAN] + half),
        "bb_mid": float(s[B + BAND_MEAN]),
        "bb_lower": float(s[B + BAND_MEAN] - half),
        "vwap": float(vwap(s, B)),
    }


def checked(bars: Bars, fold: Callable[[Any], Any]) -> dict[str, float]:
    """Values after all bars, but the VWAP at the end of the first day: not all peers reset it."""
    found = values(fold(bars))
    return {**found, "vwap": values(fold(bars[:DAY_MINUTES]))["vwap"]}


def averaged_otherwise(bars: Bars) -> dict[str, float]:
    """RSI and ATR by other averages than Wilder's: what one peer's are, for its check only."""
    closes, high, low = bars[:, 4], bars[-14:, 2], bars[-14:, 3]
    before = closes[-15:-1]
    ranges = np.maximum(high, before) - np.minimum(low, before)
    return {
        "rsi_exponential": _rsi_exponential(closes.tolist()),
        "atr_simple": float(ranges.mean()),
    }


def _rsi_exponential(closes: list[float]) -> float:
    gain, loss = 0.0, 0.0
    for before, close in pairwise(closes):
        gain += 2.0 / 15.0 * (max(close - before, 0.0) - gain)
        loss += 2.0 / 15.0 * (max(before - close, 0.0) - loss)
    return 100.0 * gain / (gain + loss)


class Subset:
    """RSI 14, EMA 9/21/50, ATR 14, Bollinger 20 and session VWAP, by our own functions."""

    def __init__(self, bars: Bars) -> None:
        self.bars = bars
        self.rows = bars.tolist()

    def check(self) -> dict[str, float]:
        found = checked(self.bars, lambda bars: self.fold(bars.tolist()))
        return {**found, **averaged_otherwise(self.bars)}

    def run(self) -> int:
        self.fold(self.rows)
        return len(self.rows)

    def fold(self, rows: list[list[float]]) -> Any:
        s = fresh_buffer()
        block = s[B : B + BLOCK]
        for open_time, _, high, low, close, volume, paid in rows:
            fold_subset(block, open_time, high, low, close, volume, paid)
        s[B : B + BLOCK] = block
        return s


class WholeBar:
    """Every feature and event of one interval's bar: `fold_bar`."""

    def __init__(self, bars: Bars) -> None:
        self.bars = bars
        self.rows = bars.tolist()
        self.numbers = default_policy().numbers

    def check(self) -> dict[str, float]:
        return checked(self.bars, lambda bars: self.fold(bars.tolist()))

    def run(self) -> int:
        self.fold(self.rows)
        return len(self.rows)

    def fold(self, rows: list[list[float]]) -> Any:
        s, ev, p = fresh_buffer(), [0.0] * (1 + ROW * MAX_EVENTS), self.numbers
        block = s[B : B + BLOCK]
        for open_time, o, high, low, close, volume, paid in rows:
            ev[0] = 0.0
            fold_bar(block, 0, MINUTE, open_time, o, high, low, close, volume, paid, p, ev)
        s[B : B + BLOCK] = block
        return s


class Advance:
    """A fact a minute through `advance`: six intervals, flows, events, evaluations."""

    def __init__(self, bars: Bars) -> None:
        self.bars = bars
        self.facts = facts_of(bars)
        self.policy = default_policy()

    def check(self) -> dict[str, float]:
        return checked(self.bars, lambda bars: self.fold(len(bars)).buffer)

    def run(self) -> int:
        self.fold(len(self.facts))
        return len(self.facts)

    def fold(self, count: int) -> SymbolState:
        state = SymbolState.fresh("BTCUSDT")
        for fact in self.facts[:count]:
            state = advance(state, fact, self.policy).state
        return state


class ToBytes:
    """A state to its bytes."""

    def __init__(self, bars: Bars) -> None:
        self.bars = bars
        self.state = Advance(bars).fold(len(bars))
        self.data = self.state.to_bytes()
        self.times = max(1, len(bars) // 100)

    def check(self) -> dict[str, float]:
        again = SymbolState.from_bytes(self.state.symbol, self.data)
        return checked(self.bars, lambda bars: again.buffer if bars is self.bars else _fold(bars))

    def run(self) -> int:
        for _ in range(self.times):
            self.state.to_bytes()
        return self.times


class FromBytes(ToBytes):
    """Its bytes to a state."""

    def run(self) -> int:
        for _ in range(self.times):
            SymbolState.from_bytes(self.state.symbol, self.data)
        return self.times


def _fold(bars: Bars) -> Any:
    return Subset(bars).fold(bars.tolist())


def facts_of(bars: Bars) -> list[BarsFact]:
    """One fact a minute, with the longer bars that close with it."""
    ladder, facts = BarAggregator(), []
    for open_time, o, high, low, close, volume, paid in bars.tolist():
        bar = Bar("1m", int(open_time), o, high, low, close, volume, paid)
        longer = [ladder.build(interval, bar) for interval in closing_at(bar.close_time)[1:]]
        ladder.push(bar)
        whole = (bar, *(one for one in longer if one is not None))
        facts.append(BarsFact("BTCUSDT", whole, "simulated", "ws", bar.close_time + 40))
    return facts


def as_buffer() -> NDArray[np.float64]:
    """A fresh state for compiled functions."""
    return np.array(fresh_buffer())
