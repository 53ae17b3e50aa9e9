"""The peers' indicators, one bar at a time: RSI 14, EMA 9/21/50, ATR 14, Bollinger 20, VWAP.

Timed is what makes a value: reading it out of talipp's and nautilus's objects is not.
"""

from abc import ABC, abstractmethod
from typing import Any

from ..market import DAY_MINUTES, Bars


class _Fold(ABC):
    """Rows in, objects that hold the values out."""

    def __init__(self, bars: Bars) -> None:
        self.rows = bars.tolist()

    def check(self) -> dict[str, float]:
        found = self.read(self.fold(self.rows))
        if "vwap" in found:  # not all of them begin anew with each day
            found["vwap"] = self.read(self.fold(self.rows[:DAY_MINUTES]))["vwap"]
        return {name: float(value) for name, value in found.items()}

    def run(self) -> int:
        self.fold(self.rows)
        return len(self.rows)

    @abstractmethod
    def fold(self, rows: list[list[float]]) -> Any:
        """Feed all rows, a bar at a time; returns the indicators."""

    @abstractmethod
    def read(self, made: Any) -> dict[str, float]:
        """Return the newest values by name."""


class Talipp(_Fold):
    """talipp: pure Python, its own objects; its VWAP never resets."""

    def fold(self, rows: list[list[float]]) -> Any:
        from talipp.indicators import ATR, BB, EMA, RSI, VWAP
        from talipp.ohlcv import OHLCV

        closes = [RSI(14), EMA(9), EMA(21), EMA(50), BB(20, 2.0)]
        candles = [ATR(14), VWAP()]
        for _, o, high, low, close, volume, _ in rows:
            bar = OHLCV(o, high, low, close, volume)
            for one in closes:
                one.add(close)
            for one in candles:
                one.add(bar)
        return closes + candles

    def read(self, made: Any) -> dict[str, float]:
        rsi, fast, slow, slowest, bands, atr, vwap = (one[-1] for one in made)
        return {
            "rsi": rsi, "ema_9": fast, "ema_21": slow, "ema_50": slowest, "atr": atr, "vwap": vwap,
            "bb_upper": bands.ub, "bb_mid": bands.cb, "bb_lower": bands.lb,
        }  # fmt: skip


class TalibStream(_Fold):
    """TA-Lib's stream handles (C): O(1) a bar, opened on a short history; it has no VWAP."""

    opened = 60

    def fold(self, rows: list[list[float]]) -> Any:
        import numpy as np
        from talib import stream

        past = np.array(rows[: self.opened])
        high, low, close = (past[:, k].copy() for k in (2, 3, 4))
        rsi, fast, slow, slowest = (
            stream.RSI(close, 14), stream.EMA(close, 9), stream.EMA(close, 21),
            stream.EMA(close, 50),
        )  # fmt: skip
        atr, bands = stream.ATR(high, low, close, 14), stream.BBANDS(close, 20, 2.0, 2.0)
        for _, _, top, bottom, last, _, _ in rows[self.opened :]:
            rsi.update(last)
            fast.update(last)
            slow.update(last)
            slowest.update(last)
            atr.update(top, bottom, last)
            bands.update(last)
        return rsi, fast, slow, slowest, atr, bands

    def read(self, made: Any) -> dict[str, float]:
        rsi, fast, slow, slowest, atr, bands = (one.value for one in made)
        return {
            "rsi": rsi, "ema_9": fast, "ema_21": slow, "ema_50": slowest, "atr": atr,
            "bb_upper": bands[0], "bb_mid": bands[1], "bb_lower": bands[2],
        }  # fmt: skip


class Nautilus(_Fold):
    """nautilus_trader's Rust indicators through pyo3.

    They ignore the requested kind of average: RSI smooths by 2/15 instead of Wilder's 1/14, ATR is
    the plain mean of 14 true ranges. Both are checked as what they are.
    """

    def fold(self, rows: list[list[float]]) -> Any:
        from nautilus_trader.core import nautilus_pyo3 as rust

        wilder = rust.MovingAverageType.Wilder
        rsi = rust.RelativeStrengthIndex(14, wilder)
        fast, slow, slowest = (rust.ExponentialMovingAverage(n) for n in (9, 21, 50))
        atr = rust.AverageTrueRange(14, wilder, True, 0.0)
        bands, vwap = rust.BollingerBands(20, 2.0), rust.VolumeWeightedAveragePrice()
        for open_time, _, high, low, close, volume, _ in rows:
            rsi.update_raw(close)
            fast.update_raw(close)
            slow.update_raw(close)
            slowest.update_raw(close)
            atr.update_raw(high, low, close)
            bands.update_raw(close, close, close)
            vwap.update_raw((high + low + close) / 3.0, volume, open_time / 1000.0)
        return rsi, fast, slow, slowest, atr, bands, vwap

    def read(self, made: Any) -> dict[str, float]:
        rsi, fast, slow, slowest, atr, bands, vwap = made
        return {
            "rsi_exponential": rsi.value * 100.0, "ema_9": fast.value, "ema_21": slow.value,
            "ema_50": slowest.value, "atr_simple": atr.value, "vwap": vwap.value,
            "bb_upper": bands.upper, "bb_mid": bands.middle, "bb_lower": bands.lower,
        }  # fmt: skip
