"""Values of the library's indicators by their definitions, over all the bars at once."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import talib
from numpy.lib.stride_tricks import sliding_window_view

Floats = npt.NDArray[np.float64]
Bars = Mapping[str, npt.NDArray[Any]]
_LARGE = 2.0**40
"""TA-Lib's MFI is 0 where less than 1 flows; a power of two changes no other bit."""


def one(function: Callable[..., Floats]) -> Callable[..., tuple[Floats, ...]]:
    """Return the reference of a TA-Lib function of the close and a period."""
    return lambda bars, period: (function(bars["close"], int(period)),)


def averaged(x: Floats, period: float, alpha: float) -> Floats:
    """An exponential average of `x` from its first value on, after the mean of `period` values."""
    n, first = int(period), int(np.isnan(x).sum())
    out = np.full(len(x), np.nan)
    if len(x) >= first + n:
        seeded = np.concatenate([[x[first : first + n].mean()], x[first + n :]])
        out[first + n - 1 :] = pd.Series(seeded).ewm(alpha=alpha, adjust=False).mean()
    return out


def wilder(bars: Bars, period: float) -> tuple[Floats, ...]:
    """Wilder's average of the close."""
    return (averaged(bars["close"], period, 1.0 / period),)


def cci(bars: Bars, period: float) -> tuple[Floats, ...]:
    """CCI; 0 in a window in which nothing moved."""
    typical = _typical(bars)
    windows = pd.Series(typical).rolling(int(period))
    out = talib.CCI(typical, typical, typical, int(period))
    out[(windows.max() == windows.min()).to_numpy()] = 0.0
    return (out,)


def macd(bars: Bars, fast: float, slow: float, signal: float) -> tuple[Floats, ...]:
    """MACD, signal and histogram."""
    line, smooth, histogram = talib.MACD(bars["close"], int(fast), int(slow), int(signal))
    return line, smooth, histogram


def stochastic(bars: Bars, period: float, smooth: float, signal: float) -> tuple[Floats, ...]:
    """Slow %K and %D; the fast %K of a range of zero is 50."""
    high, low, n = bars["high"], bars["low"], int(period)
    fast, _ = talib.STOCHF(high, low, bars["close"], n, 1)
    fast[talib.MAX(high, n) == talib.MIN(low, n)] = 50.0
    k = _from(fast, n - 1, smooth)
    d = _from(k, n + int(smooth) - 2, signal)
    k[np.isnan(d)] = np.nan
    return k, d


def _from(x: Floats, first: int, period: float) -> Floats:
    return np.concatenate([np.full(first, np.nan), talib.SMA(x[first:], int(period))])[: len(x)]


def adx(bars: Bars, period: float) -> tuple[Floats, ...]:
    """ADX, +DI and −DI."""
    bar, n = (bars["high"], bars["low"], bars["close"]), int(period)
    return talib.ADX(*bar, n), talib.PLUS_DI(*bar, n), talib.MINUS_DI(*bar, n)


def atr(bars: Bars, period: float) -> tuple[Floats, ...]:
    """ATR."""
    return (talib.ATR(bars["high"], bars["low"], bars["close"], int(period)),)


def true_ranges(bars: Bars) -> Floats:
    """True ranges by their three distances; none of the first bar."""
    high, low, close = (pd.Series(bars[name]) for name in ("high", "low", "close"))
    past = close.shift()
    parts = pd.concat([high - low, (high - past).abs(), (low - past).abs()], axis=1)
    ranges: Floats = parts.max(axis=1).where(past.notna()).to_numpy()
    return ranges


def supertrend(bars: Bars, period: float, width: float) -> tuple[Floats, ...]:
    """Line and side: both bands from bar to bar, then the trend."""
    reach = width * averaged(true_ranges(bars), period, 1.0 / period)
    middle, close = (bars["high"] + bars["low"]) / 2.0, bars["close"]
    upper, lower = middle + reach, middle - reach
    line, side = np.full(len(close), np.nan), np.full(len(close), np.nan)
    first = int(period)
    for n in range(first, len(close)):
        if n > first:
            upper[n] = upper[n] if close[n - 1] > upper[n - 1] else min(upper[n], upper[n - 1])
            lower[n] = lower[n] if close[n - 1] < lower[n - 1] else max(lower[n], lower[n - 1])
        if np.isnan(side[n - 1]):  # no trend yet
            past = float(close[n] > upper[n]) - float(close[n] < lower[n])
            side[n] = past or np.sign(close[n] - middle[n]) or np.nan
        elif side[n - 1] > 0.0:
            side[n] = -1.0 if close[n] < lower[n] else 1.0
        else:
            side[n] = 1.0 if close[n] > upper[n] else -1.0
        line[n] = {1.0: lower[n], -1.0: upper[n]}.get(side[n], np.nan)
    return line, side


def realised_volatility(bars: Bars, period: float) -> tuple[Floats, ...]:
    """Population deviation of simple returns."""
    returns = pd.Series(bars["close"]).pct_change(fill_method=None)
    return (returns.rolling(int(period)).std(ddof=0).to_numpy(),)


def zscore(bars: Bars, period: float) -> tuple[Floats, ...]:
    """z of the close in its window; none where all are equal."""
    close, n = bars["close"], int(period)
    out = np.full(len(close), np.nan)
    windows = sliding_window_view(close, n)
    deviation = np.where(np.ptp(windows, axis=1) > 0.0, windows.std(axis=1), np.nan)
    out[n - 1 :] = (close[n - 1 :] - windows.mean(axis=1)) / deviation
    return (out,)


def bollinger(bars: Bars, period: float, width: float) -> tuple[Floats, ...]:
    """Upper, middle and lower band."""
    upper, middle, lower = talib.BBANDS(bars["close"], int(period), width, width)
    return upper, middle, lower


def keltner(bars: Bars, period: float, atr_period: float, width: float) -> tuple[Floats, ...]:
    """Upper, middle and lower line."""
    middle = averaged(bars["close"], period, 2.0 / (period + 1.0))
    reach = width * averaged(true_ranges(bars), atr_period, 1.0 / atr_period)
    middle = np.where(np.isnan(reach), np.nan, middle)
    return middle + reach, middle, middle - reach


def donchian(bars: Bars, period: float) -> tuple[Floats, ...]:
    """Upper line, middle and lower line."""
    upper, lower = talib.MAX(bars["high"], int(period)), talib.MIN(bars["low"], int(period))
    return upper, (upper + lower) / 2.0, lower


def obv(bars: Bars) -> tuple[Floats, ...]:
    """OBV."""
    return (talib.OBV(bars["close"], bars["volume"]),)


def mfi(bars: Bars, period: float) -> tuple[Floats, ...]:
    """MFI; 50 where nothing flows either way."""
    typical, n = _typical(bars), int(period)
    out = talib.MFI(typical, typical, typical, bars["volume"] * _LARGE, n)
    flows = pd.Series(typical * bars["volume"]).where(np.diff(typical, prepend=0.0) != 0.0, 0.0)
    out[n:][flows.rolling(n).max().to_numpy()[n:] == 0.0] = 50.0
    return (out,)


def _typical(bars: Bars) -> Floats:
    """Typical prices; those of equal sums are equal, which their last bits are not."""
    total = bars["high"] + bars["low"] + bars["close"]
    return np.array([float(f"{x:.12g}") for x in total]) / 3.0


def vwap(bars: Bars, period: float) -> tuple[Floats, ...]:
    """Rolling VWAP; none where nothing was traded."""
    volume = pd.Series(bars["volume"])
    typical = (bars["high"] + bars["low"] + bars["close"]) / 3.0
    traded = volume.rolling(int(period))
    paid = (volume * typical).rolling(int(period)).sum()
    return ((paid / traded.sum()).where(traded.max() > 0.0).to_numpy(),)


def crossed(bars: Bars) -> tuple[Floats, ...]:
    """+1 where the close comes above the open, −1 where below; equal leaves the side."""
    side = pd.Series(np.sign(bars["close"] - bars["open"])).replace(0.0, np.nan).ffill()
    change = side.diff().fillna(0.0)
    return (np.sign(change).to_numpy(),)


def bars_since(bars: Bars) -> tuple[Floats, ...]:
    """Bars since the last one that rose."""
    at = np.arange(len(bars["rose"]), dtype=np.float64)
    return (at - pd.Series(np.where(bars["rose"], at, np.nan)).ffill().to_numpy(),)
