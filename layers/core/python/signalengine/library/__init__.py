"""Standard indicators for strategies, each folded one closed bar at a time.

| module | indicators |
|---|---|
| `windows` | the last values of a series; the others are made of it |
| `averages` | SMA, EMA, Wilder's average, WMA |
| `momentum` | RSI, ROC, CCI |
| `macd` | MACD |
| `stochastic` | stochastic oscillator |
| `trend` | ADX with +DI and −DI |
| `supertrend` | SuperTrend |
| `volatility` | ATR, standard deviation, realised volatility, z-score |
| `channels` | Bollinger, Keltner, Donchian, highest, lowest |
| `volume` | OBV, MFI, VWAP |
| `regression` | slope of the regression line |
| `crossings` | crossing of two values, bars since |

Each has two functions. `x_slots(slots, name, …)` takes its places and returns the first, `at`;
where it needs the last values, `most` is the longest period that a parameter may ask for.
`fold_x(s, at, values…, periods…)` folds one closed bar into them and returns the value, NaN until
it is defined. Further values are at the offsets that the module names (`s[at + MACD_SIGNAL]`).

The rules are the same for all:

* A new state has `Slot.fresh` in every place; a window's length is stored among them.
* A bar with a NaN in what an indicator reads is left out: the state stays and the value is NaN. So
  one indicator may be folded into another: its seed begins at the first value.
* Periods are whole numbers, as floats, from 1 on. Another period, or one longer than `most`, has no
  value.
* Windows are read whole at each bar, from the newest value back, so that no rounding builds up and
  a value depends on the window alone. The others are recursive, and depend on all bars.
* + − × ÷, sqrt and comparisons on float64, loops in a fixed order: plain Python and numba give the
  same bits.
"""

from typing import Final

LIBRARY_VERSION: Final = 1
"""Version of what the indicators mean. A change of any value needs the next number."""
