"""Features of one interval by their definitions, over all the bars at once.

TA-Lib where it has the indicator; elsewhere the definition in its simplest form, with
every bar at hand: no running sums, no rings, nothing of the engine's.
"""

from collections.abc import Mapping
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import talib
from numpy.lib.stride_tricks import sliding_window_view
from signalengine.intervals import DAY_MS, INTERVAL_MS

from .profiles import volume_profile

Floats = npt.NDArray[np.float64]
SIDE = 3
TIED: Final = "tied"
"""Not a feature: 1 where two choices of the volume profile are exactly as good."""

SOURCES: Final[Mapping[str, str]] = {
    "close": "the bar",
    "rsi": "TA-Lib `RSI` 14",
    "ema_9": "TA-Lib `EMA` 9",
    "ema_21": "TA-Lib `EMA` 21",
    "ema_50": "TA-Lib `EMA` 50",
    "ema_21_before": "TA-Lib `EMA` 21, three bars back",
    "vwap": "sums over the UTC day (pandas)",
    "atr": "TA-Lib `ATR` 14",
    "bb_mid": "TA-Lib `BBANDS` 20, 2",
    "bb_upper": "TA-Lib `BBANDS` 20, 2",
    "bb_lower": "TA-Lib `BBANDS` 20, 2",
    "poc": "overlap of bars and bins; ties in fractions",
    "vah": "overlap of bars and bins; ties in fractions",
    "val": "overlap of bars and bins; ties in fractions",
    "volume_z": "pandas `ewm` mean and variance",
    "swing_high": "all windows of seven bars (numpy)",
    "swing_low": "all windows of seven bars (numpy)",
    "last_break": "first close past each swing",
    "oi_delta": "ratio of two closes",
    "liq_long_usd": "sum of the bar's minutes (numpy)",
    "liq_short_usd": "sum of the bar's minutes (numpy)",
}
"""What each feature is compared with, by `snapshot.NAMES`."""
SCALES: Final[Mapping[str, float]] = {
    "volume_z": 1.0,
    "oi_delta": 0.01,
    "price_change_15m": 0.01,
    "oi_change_15m": 0.01,
}
"""Features that go through zero: a difference is relative to the value, or to this if larger."""


def references(bars: pd.DataFrame, interval: str, beside: pd.DataFrame) -> dict[str, Floats]:
    """Return every feature of an interval after each of its bars; NaN where not defined."""
    high, low, close = (bars[name].to_numpy() for name in ("high", "low", "close"))
    upper, mid, lower = talib.BBANDS(close, 20, 2.0, 2.0)
    ema_21 = talib.EMA(close, 21)
    poc, vah, val, tied = volume_profile(high, low, bars["volume"].to_numpy())
    highs, lows = swings(high), swings(-low)
    return {
        "close": close,
        "rsi": talib.RSI(close, 14),
        "ema_9": talib.EMA(close, 9),
        "ema_21": ema_21,
        "ema_50": talib.EMA(close, 50),
        "ema_21_before": np.concatenate([np.full(3, np.nan), ema_21[:-3]]),
        "vwap": session_vwap(bars, INTERVAL_MS[interval]),
        "atr": talib.ATR(high, low, close, 14),
        "bb_mid": mid,
        "bb_upper": upper,
        "bb_lower": lower,
        "poc": poc,
        "vah": vah,
        "val": val,
        TIED: tied,
        "volume_z": volume_z(bars["volume"]),
        "swing_high": newest(highs),
        "swing_low": -newest(lows),
        "last_break": last_break(close, highs, lows),
        **flows(bars, INTERVAL_MS[interval] // INTERVAL_MS["1m"], beside),
    }


def session_vwap(bars: pd.DataFrame, interval_ms: int) -> Floats:
    """VWAP since 00:00 UTC; NaN in a day whose first bar is missing."""
    value = bars["quote_volume"]
    opens = bars.index.to_numpy() - interval_ms
    day = pd.Series(opens // DAY_MS, index=bars.index)
    whole = pd.Series(opens % DAY_MS == 0, index=bars.index).groupby(day).transform("any")
    vwap = value.groupby(day).cumsum() / bars["volume"].groupby(day).cumsum()
    return vwap.where(whole).to_numpy()


def volume_z(volume: pd.Series) -> Floats:
    """z of the fourth root of the volume against its weighted past, from the 61st bar on."""
    x = volume.pow(0.25)
    past = x.ewm(alpha=2.0 / 61.0, adjust=False)
    z: Floats = ((x - past.mean().shift()) / past.var(bias=True).shift().pow(0.5)).to_numpy(
        copy=True
    )
    z[:60] = np.nan
    return z


def swings(level: Floats) -> Floats:
    """Peaks, each at the bar at which it is known: 3 bars lower before it, 3 not higher after."""
    found = np.full(len(level), np.nan)
    if len(level) > 2 * SIDE:
        windows = sliding_window_view(level, 2 * SIDE + 1)
        middle = windows[:, SIDE]
        peak = (windows[:, :SIDE] < middle[:, None]).all(axis=1)
        peak &= (windows[:, SIDE + 1 :] <= middle[:, None]).all(axis=1)
        found[2 * SIDE :] = np.where(peak, middle, np.nan)
    return found


def newest(found: Floats) -> Floats:
    """The newest of what was found, at each bar."""
    return np.asarray(pd.Series(found).ffill(), dtype=np.float64)


def last_break(close: Floats, highs: Floats, lows: Floats) -> Floats:
    """Side of the last close that was the first past a swing then the newest; 0 before any.

    `lows` are levels with the sign changed, as `swings` finds them.
    """
    side = np.full(len(close), np.nan)
    side[first_past(-close, lows)] = -1.0
    side[first_past(close, highs)] = 1.0
    return pd.Series(side).ffill().fillna(0.0).to_numpy()


def first_past(close: Floats, found: Floats) -> npt.NDArray[np.int64]:
    """Bars of the first close above each swing, up to the bar at which the next one is known."""
    known = np.flatnonzero(~np.isnan(found))
    ends = np.append(known[1:], len(close) - 1)[: len(known)]
    past = []
    for at, end in zip(known, ends, strict=True):
        above = np.flatnonzero(close[at + 1 : end + 1] > found[at])
        if len(above):
            past.append(int(at) + 1 + int(above[0]))
    return np.array(past, dtype=np.int64)


def flows(bars: pd.DataFrame, minutes: int, beside: pd.DataFrame) -> dict[str, Floats]:
    """Change of open interest between closes, and the sums of the bar's minutes."""
    interest = beside["open_interest"].reindex(bars.index)
    out = {"oi_delta": (interest / interest.shift() - 1.0).to_numpy()}
    for name in ("liq_long_usd", "liq_short_usd"):
        out[name] = pd.Series(last_sums(beside[name].to_numpy(), minutes), beside.index)[
            bars.index
        ].to_numpy()
    return out


def last_sums(values: Floats, count: int) -> Floats:
    """Sum of the last `count` values at each; NaN where one is, and before there are as many."""
    out = np.full(len(values), np.nan)
    out[count - 1 :] = sliding_window_view(values, count).sum(axis=1)
    return out
