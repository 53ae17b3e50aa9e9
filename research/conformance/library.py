"""The indicators of the library: how each is folded, and what its values are compared with.

TA-Lib where it has the indicator; elsewhere its definition over all the bars with numpy and pandas.
Where the library says that it differs from TA-Lib (where nothing moves), so does the reference.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from types import ModuleType
from typing import Any, Final, Literal

import numpy as np
import pandas as pd
import talib
from signalengine.library import channels, macd, stochastic, supertrend, trend
from signalengine.slots import Slots

from . import library_references as by
from .library_references import Bars, Floats
from .measure import Row, compare

Unit = Literal["price", "volume", "free"]
Library = Callable[[str], ModuleType]
"""A module of the library by its name, plain or compiled."""


@dataclass(frozen=True, slots=True)
class Case:
    """One indicator: `x_slots` and `fold_x` of a module of the library."""

    name: str
    module: str
    columns: tuple[str, ...]
    """What is folded of each bar."""
    periods: tuple[float, ...]
    """The usual arguments."""
    others: tuple[tuple[float, ...], ...]
    """Other arguments, to be compared too."""
    most: tuple[int, ...]
    """Lengths of its windows, long enough for all of them."""
    values: Mapping[str, int | None]
    """Names of its values with their offsets; None is what the function returns."""
    source: str
    reference: Callable[..., tuple[Floats, ...]]
    """Its values over all the bars, from the bars and the arguments."""
    unit: Unit = "price"
    floor: float | str = 0.0
    """A difference is relative to the value, or to this (a column, or a number) if it is larger."""


def plain(name: str) -> ModuleType:
    """Return a module of the library."""
    return import_module(f"signalengine.library.{name}")


def fresh(case: Case) -> tuple[list[float], int]:
    """Return a new state of an indicator, with places of others on both sides, and its place."""
    slots = Slots()
    slots.many("others", 3, fresh=-7.0)
    at = getattr(plain(case.module), f"{case.name}_slots")(slots, case.name, *case.most)
    slots.many("more", 3, fresh=-7.0)
    return [slot.fresh for slot in slots.defined for _ in range(slot.count)], at


def folded(
    case: Case, s: Any, at: int, bars: Bars, periods: Sequence[float], library: Library = plain
) -> Floats:
    """Fold bars into a state; returns the values after each, one row a bar."""
    fold = getattr(library(case.module), f"fold_{case.name}")
    offsets = list(case.values.values())
    rows = []
    for values in zip(*(bars[name].tolist() for name in case.columns), strict=True):
        returned = fold(s, at, *values, *periods)
        rows.append([returned if k is None else s[at + k] for k in offsets])
    return np.array(rows, dtype=np.float64).reshape(-1, len(offsets))


def columns(frame: pd.DataFrame) -> Bars:
    """Return the columns of bars that cases name."""
    bars = {name: frame[name].to_numpy() for name in ("open", "high", "low", "close", "volume")}
    return {**bars, "rose": bars["close"] > bars["open"]}


def compared(case: Case, bars: Bars, periods: Sequence[float], place: str) -> Iterator[Row]:
    """Compare every value of an indicator with its reference."""
    s, at = fresh(case)
    ours, theirs = folded(case, s, at, bars, periods), case.reference(bars, *periods)
    floor = bars[case.floor] if isinstance(case.floor, str) else np.full(len(ours), case.floor)
    for k, name in enumerate(case.values):
        yield compare(name, place, case.source, ours[:, k], theirs[k], floor=floor)


def library_rows(frames: Mapping[str, pd.DataFrame]) -> Iterator[Row]:
    """Compare every indicator, with its usual periods, on the bars of each interval."""
    for interval, frame in frames.items():
        bars = columns(frame)
        for case in CASES:
            yield from compared(case, bars, case.periods, f"library {interval}")


def _close(
    name: str, module: str, source: str, reference: Callable[..., tuple[Floats, ...]], **more: Any
) -> Case:
    """Return the row of an indicator of the last values of the close."""
    given = {
        "columns": ("close",), "periods": (20.0,), "others": ((5.0,), (60.0,)), "most": (60,),
        "values": {name: None}, **more,
    }  # fmt: skip
    return Case(name=name, module=module, source=source, reference=reference, **given)


_BAR: Final = ("high", "low", "close")
_SHORT_LONG: Final = ((3.0,), (50.0,))

CASES: Final[tuple[Case, ...]] = (
    _close("sma", "averages", "TA-Lib `SMA` 20", by.one(talib.SMA)),
    _close("ema", "averages", "TA-Lib `EMA` 20", by.one(talib.EMA), most=()),
    _close("wilder", "averages", "pandas `ewm` after the seed, 20", by.wilder, most=()),
    _close("wma", "averages", "TA-Lib `WMA` 20", by.one(talib.WMA)),
    _close("rsi", "momentum", "TA-Lib `RSI` 14", by.one(talib.RSI), periods=(14.0,),
           others=((2.0,), (30.0,)), most=(), unit="free", floor=1.0),
    _close("roc", "momentum", "TA-Lib `ROC` 10", by.one(talib.ROC), periods=(10.0,),
           others=((1.0,), (60.0,)), unit="free", floor=1.0),
    _close("cci", "momentum", "TA-Lib `CCI` 20", by.cci, columns=_BAR, unit="free", floor=100.0),
    _close("macd", "macd", "TA-Lib `MACD` 12, 26, 9", by.macd, periods=(12.0, 26.0, 9.0),
           others=((5.0, 35.0, 5.0), (26.0, 12.0, 1.0)), most=(), floor="close",
           values={"macd": macd.MACD_LINE, "macd_signal": macd.MACD_SIGNAL,
                   "macd_histogram": macd.MACD_HISTOGRAM}),
    _close("stochastic", "stochastic", "TA-Lib `STOCHF` and `SMA`: 14, 3, 3", by.stochastic,
           columns=_BAR, periods=(14.0, 3.0, 3.0), others=((5.0, 1.0, 1.0), (60.0, 10.0, 4.0)),
           most=(60, 10), unit="free", floor=1.0,
           values={"stochastic_k": stochastic.STOCHASTIC_K,
                   "stochastic_d": stochastic.STOCHASTIC_D}),
    _close("adx", "trend", "TA-Lib `ADX`, `PLUS_DI`, `MINUS_DI` 14", by.adx, columns=_BAR,
           periods=(14.0,), others=_SHORT_LONG, most=(), unit="free", floor=1.0,
           values={"adx": trend.ADX, "plus_di": trend.PLUS_DI, "minus_di": trend.MINUS_DI}),
    _close("supertrend", "supertrend", "its two bands in turn (Python), ATR 10, width 3",
           by.supertrend, columns=_BAR, periods=(10.0, 3.0), others=((3.0, 1.0), (30.0, 2.5)),
           most=(), values={"supertrend": supertrend.SUPERTREND_LINE,
                            "supertrend_side": supertrend.SUPERTREND_SIDE}),
    _close("atr", "volatility", "TA-Lib `ATR` 20", by.atr, columns=_BAR, others=_SHORT_LONG,
           most=()),
    _close("deviation", "volatility", "TA-Lib `STDDEV` 20", by.one(talib.STDDEV), floor="close"),
    _close("realised_volatility", "volatility", "pandas `pct_change` and `rolling` 20",
           by.realised_volatility, unit="free"),
    _close("zscore", "volatility", "all windows of 20 (numpy)", by.zscore, unit="free", floor=1.0),
    _close("bollinger", "channels", "TA-Lib `BBANDS` 20, 2", by.bollinger, periods=(20.0, 2.0),
           others=((5.0, 1.5), (60.0, 3.0)),
           values={"bollinger_upper": channels.CHANNEL_UPPER, "bollinger": channels.CHANNEL_MIDDLE,
                   "bollinger_lower": channels.CHANNEL_LOWER}),
    _close("keltner", "channels", "pandas `ewm` after the seeds: 20, 10, 2", by.keltner,
           columns=_BAR, periods=(20.0, 10.0, 2.0), others=((5.0, 20.0, 1.0), (60.0, 3.0, 3.0)),
           most=(),
           values={"keltner_upper": channels.CHANNEL_UPPER, "keltner": channels.CHANNEL_MIDDLE,
                   "keltner_lower": channels.CHANNEL_LOWER}),
    _close("donchian", "channels", "TA-Lib `MAX` and `MIN` 20", by.donchian,
           columns=("high", "low"),
           values={"donchian_upper": channels.CHANNEL_UPPER, "donchian": channels.CHANNEL_MIDDLE,
                   "donchian_lower": channels.CHANNEL_LOWER}),
    _close("highest", "channels", "TA-Lib `MAX` 20", by.one(talib.MAX)),
    _close("lowest", "channels", "TA-Lib `MIN` 20", by.one(talib.MIN)),
    _close("obv", "volume", "TA-Lib `OBV`", by.obv, columns=("close", "volume"), periods=(),
           others=(), most=(), unit="volume", floor="volume"),
    _close("mfi", "volume", "TA-Lib `MFI` 14", by.mfi, columns=(*_BAR, "volume"), periods=(14.0,),
           others=_SHORT_LONG, unit="free", floor=1.0),
    _close("vwap", "volume", "rolling sums of 20 (pandas)", by.vwap, columns=(*_BAR, "volume")),
    _close("slope", "regression", "TA-Lib `LINEARREG_SLOPE` 20", by.one(talib.LINEARREG_SLOPE),
           floor="close"),
    _close("crossed", "crossings", "changes of side (pandas)", by.crossed,
           columns=("close", "open"), periods=(), others=(), most=(), unit="free"),
    _close("bars_since", "crossings", "distance to the last bar (numpy)", by.bars_since,
           columns=("rose",), periods=(), others=(), most=(), unit="free"),
)  # fmt: skip
"""Every indicator of the library."""
