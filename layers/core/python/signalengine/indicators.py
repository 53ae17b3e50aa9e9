"""The running indicators: each function folds one closed bar into a block of the state.

All obey the rules that keep plain Python and numba bit-identical: + − × ÷, sqrt and comparisons on
float64, loops in a fixed order, nothing else. Those that fold see one interval, `r`: its block of
the buffer by itself. Those that read a state get it whole: `s` is the buffer of `layout`, `b` the
offset of the interval's block. A value that is not yet defined is NaN. Definitions and seeds equal
TA-Lib's where TA-Lib has the indicator.

Functions that read the window must run before `remember`, which stores the bar; `COUNT` is the
number of bars folded before this one until then (`n`), and `at` the bar's place in the windows.

They run for every bar of every symbol, in plain Python too, so: whole numbers that meet floats are
written as floats, what is needed twice is read once, and floats are neither `//` nor `%` where that
can be helped (a compiled float remainder takes as long as ten divisions).
"""

from collections.abc import MutableSequence, Sequence
from math import nan, sqrt
from typing import Final, TypeAlias

from .slots import Features, Slots

Buffer: TypeAlias = MutableSequence[float]
"""A list of floats in Lambda, a float64 array under numba: the same source for both."""
Numbers: TypeAlias = Sequence[float]

PERIOD = 14.0  # RSI and ATR
BAND_PERIOD = 20
BAND_BARS = 20.0  # BAND_PERIOD among floats
ATR_EMA_PERIOD = 96.0
VOLUME_PERIOD = 60.0
DAY = 86_400_000.0
WINDOW: Final = 24
"""Bars each interval remembers: Bollinger needs 20, swings 7, the volume profile uses them all."""
SWING_K: Final = 3
SWINGS: Final = 4
"""Confirmed swing levels stored on each side."""
_ALPHA = 2.0 / (VOLUME_PERIOD + 1.0)
_BAND_START = BAND_PERIOD - 1.0
_SWING_BARS = 2.0 * SWING_K + 1.0
_WHOLE = 6_755_399_441_055_744.0
"""1.5 × 2**52: adding and taking it away rounds to a whole number, what is below 2**51."""

# --- slots of an interval's block ----------------------------------------------------------------

SLOTS: Final = Slots()
"""Offsets in the block of one interval; `events` and `blocks` add theirs."""
LAST_OPEN: Final = SLOTS.one("last_open", "whole", fresh=-1.0, vital=True)  # ms; −1: no bar yet
COUNT: Final = SLOTS.one("count", "whole", vital=True)
CLEAN: Final = SLOTS.one("clean", "whole", vital=True)  # bars since the last hole
HIGH: Final = SLOTS.many("high", WINDOW, "candles", vital=True)  # rings by (bar count % WINDOW)
LOW: Final = SLOTS.many("low", WINDOW, "candles", vital=True)
CLOSE: Final = SLOTS.many("close", WINDOW, "candles", vital=True)
VOLUME: Final = SLOTS.many("volume", WINDOW, "volume", vital=True)

EMA_BEGAN: Final = SLOTS.began("ema")
EMA9: Final = SLOTS.one("ema9", "averages", since=EMA_BEGAN)
EMA21: Final = SLOTS.one("ema21", "averages", since=EMA_BEGAN)
EMA50: Final = SLOTS.one("ema50", "averages", since=EMA_BEGAN)
EMA20: Final = SLOTS.one("ema20", "averages", since=EMA_BEGAN)
EMA21_LATE: Final = SLOTS.one("ema21_late", "averages", since=EMA_BEGAN)  # of three bars ago
WILDER_BEGAN: Final = SLOTS.began("wilder")
GAIN: Final = SLOTS.one("gain", since=WILDER_BEGAN)
LOSS: Final = SLOTS.one("loss", since=WILDER_BEGAN)
ATR: Final = SLOTS.one("atr", since=WILDER_BEGAN)
ATR_EMA: Final = SLOTS.one("atr_ema", since=WILDER_BEGAN)
VWAP_PV: Final = SLOTS.one("vwap_pv", lost=nan)  # NaN until the next session
VWAP_V: Final = SLOTS.one("vwap_v", lost=nan)
SESSION: Final = SLOTS.one("session", "whole", fresh=-1.0)  # UTC day number; −1: no bar yet
SESSION_BARS: Final = SLOTS.one("session_bars", "whole", fresh=-1.0)  # −1: its start was not seen
VWAP_RUN: Final = SLOTS.one("vwap_run", "whole")  # closes in a row above (+) or below (−) the VWAP
BAND_MEAN: Final = SLOTS.one("band_mean", "averages", lost=nan)  # NaN until summed afresh
BAND_M2: Final = SLOTS.one("band_m2", lost=nan)
VOLUME_BEGAN: Final = SLOTS.began("volume")
VOLUME_MEAN: Final = SLOTS.one("volume_mean", since=VOLUME_BEGAN)
VOLUME_VAR: Final = SLOTS.one("volume_var", since=VOLUME_BEGAN)
VOLUME_Z: Final = SLOTS.one("volume_z", fresh=nan, since=VOLUME_BEGAN)
SWING_HIGH: Final = SLOTS.many("swing_high", SWINGS, "candles", fresh=nan)  # newest first
SWING_LOW: Final = SLOTS.many("swing_low", SWINGS, "candles", fresh=nan)
HIGH_OPEN: Final = SLOTS.one("high_open", "whole")  # 1 while no close went past the newest swing
LOW_OPEN: Final = SLOTS.one("low_open", "whole")

# --- features of an interval ---------------------------------------------------------------------

FEATURES: Final = Features()
"""Offsets in the snapshot of one interval, in the order of `snapshot.NAMES`."""
PRICE: Final = FEATURES.one("close")
RSI: Final = FEATURES.one("rsi")
EMA_9: Final = FEATURES.price("ema_9")
EMA_21: Final = FEATURES.price("ema_21")
EMA_50: Final = FEATURES.price("ema_50")
EMA_BEFORE: Final = FEATURES.price("ema_21_before")  # EMA 21 three bars ago
VWAP: Final = FEATURES.price("vwap")
ATR_14: Final = FEATURES.one("atr")
MID: Final = FEATURES.price("bb_mid")
UPPER: Final = FEATURES.price("bb_upper")
LOWER: Final = FEATURES.price("bb_lower")
POC: Final = FEATURES.price("poc")  # the three of `volume_profile`, in a row
VAH: Final = FEATURES.price("vah")
VAL: Final = FEATURES.price("val")
Z: Final = FEATURES.one("volume_z")
NEWEST_HIGH: Final = FEATURES.price("swing_high")  # newest confirmed swing
NEWEST_LOW: Final = FEATURES.price("swing_low")
BREAK: Final = FEATURES.one("last_break")  # +1, −1 or 0
OI_MOVE: Final = FEATURES.one("oi_delta")
LONG_USD: Final = FEATURES.one("liq_long_usd")  # lower bounds: liquidations are sampled
SHORT_USD: Final = FEATURES.one("liq_short_usd")


def bar_features(s: Buffer, b: int, f: Buffer, o: int) -> None:
    """Write the features that the functions of this module fold to f[o + …]; NaN until warm."""
    n = s[b + COUNT]
    half = band_width(s, b)
    mid = s[b + BAND_MEAN] if n >= BAND_BARS else nan
    emas = n - s[b + EMA_BEGAN]
    f[o + PRICE] = last_close(s, b)
    f[o + RSI] = rsi(s, b)
    f[o + EMA_9] = s[b + EMA9] if emas >= 9.0 else nan
    f[o + EMA_21] = s[b + EMA21] if emas >= 21.0 else nan
    f[o + EMA_50] = s[b + EMA50] if emas >= 50.0 else nan
    f[o + EMA_BEFORE] = s[b + EMA21_LATE] if emas >= 24.0 else nan
    f[o + VWAP] = vwap(s, b)
    f[o + ATR_14] = s[b + ATR] if n - s[b + WILDER_BEGAN] > PERIOD else nan
    f[o + MID] = mid
    f[o + UPPER] = mid + half
    f[o + LOWER] = mid - half
    f[o + Z] = s[b + VOLUME_Z]
    f[o + NEWEST_HIGH] = s[b + SWING_HIGH]
    f[o + NEWEST_LOW] = s[b + SWING_LOW]


def fold_indicators(
    r: Buffer,
    n: float,
    at: int,  # noqa: ARG001 - here and below: all of a bar, for whichever indicator needs it
    open_time: float,  # noqa: ARG001
    high: float,  # noqa: ARG001
    low: float,  # noqa: ARG001
    close: float,  # noqa: ARG001
    volume: float,
) -> None:
    """Fold a bar into the indicators whose values only the snapshot and later bars read.

    `fold_bar` folds those whose step an event needs. Runs before `remember`.
    """
    fold_volume_z(r, n - r[VOLUME_BEGAN], volume)


def fold_emas(r: Buffer, n: float, x: float) -> None:
    """EMA 9, 21, 50 of the close; α = 2/(period+1), seeded with the SMA of the first `period`.

    Before the seed the slot holds the running sum.
    """
    if n >= 50.0:
        e = r[EMA9]
        r[EMA9] = e + 0.2 * (x - e)
        e = r[EMA21]
        r[EMA21] = e + (2.0 / 22.0) * (x - e)
        e = r[EMA50]
        r[EMA50] = e + (2.0 / 51.0) * (x - e)
    else:
        seed_ema(r, EMA9, n, 9.0, x)
        seed_ema(r, EMA21, n, 21.0, x)
        seed_ema(r, EMA50, n, 50.0, x)


def fold_inner_emas(r: Buffer, n: float, at: int, x: float) -> None:
    """EMA 20 and the late EMA 21, which events and scores need; seeded as the others.

    EMA 20 is the middle of Keltner's channel; `EMA21_LATE` is EMA 21, fed with the close of three
    bars ago.
    """
    late = r[CLOSE + (at - 3 if at >= 3 else at - 3 + WINDOW)]
    if n >= 24.0:
        e = r[EMA20]
        r[EMA20] = e + (2.0 / 21.0) * (x - e)
        e = r[EMA21_LATE]
        r[EMA21_LATE] = e + (2.0 / 22.0) * (late - e)
    else:
        seed_ema(r, EMA20, n, 20.0, x)
        if n >= 3.0:
            seed_ema(r, EMA21_LATE, n - 3.0, 21.0, late)


def seed_ema(r: Buffer, i: int, n: float, period: float, x: float) -> None:
    """One EMA step that also sums and seeds; `n` values came before `x`."""
    if n >= period:
        r[i] = r[i] + (2.0 / (period + 1.0)) * (x - r[i])
    elif n == period - 1.0:
        r[i] = (r[i] + x) / period
    else:
        r[i] = r[i] + x


def fold_wilder(r: Buffer, n: float, high: float, low: float, close: float, before: float) -> float:
    """RSI 14 and ATR 14: Wilder's averages of gains, losses and true ranges; `before` is the close
    before this bar's. Seeded with the mean of the first 14 of each.

    Returns the RSI; NaN before 15 bars.
    """
    change = close - before
    gain = change if change > 0.0 else 0.0
    loss = -change if change < 0.0 else 0.0
    top = high if high > before else before
    bottom = low if low < before else before
    true_range = top - bottom
    if n > PERIOD:
        gain = (r[GAIN] * 13.0 + gain) / 14.0
        loss = (r[LOSS] * 13.0 + loss) / 14.0
        true_range = (r[ATR] * 13.0 + true_range) / 14.0
    elif n == PERIOD:
        gain = (r[GAIN] + gain) / 14.0
        loss = (r[LOSS] + loss) / 14.0
        true_range = (r[ATR] + true_range) / 14.0
    elif n >= 1.0:
        r[GAIN] = r[GAIN] + gain
        r[LOSS] = r[LOSS] + loss
        r[ATR] = r[ATR] + true_range
        return nan
    else:
        return nan
    r[GAIN] = gain
    r[LOSS] = loss
    r[ATR] = true_range
    total = gain + loss
    return 100.0 * (gain / total) if total > 0.0 else 50.0


def fold_slow_atr(r: Buffer, n: float) -> None:
    """EMA 96 of the ATR, which was folded before; seeded with the mean of its first 96 values."""
    if n >= PERIOD:
        seed_ema(r, ATR_EMA, n - PERIOD, ATR_EMA_PERIOD, r[ATR])


def rsi(s: Buffer, b: int) -> float:
    """RSI 14, 0..100; NaN before 15 bars. No movement at all is 50 (TA-Lib: 0)."""
    if s[b + COUNT] - s[b + WILDER_BEGAN] <= PERIOD:
        return nan
    return strength(s[b + GAIN], s[b + LOSS])


def strength(gain: float, loss: float) -> float:
    """RSI of an average gain and an average loss."""
    total = gain + loss
    return 100.0 * (gain / total) if total > 0.0 else 50.0


def fold_bands(r: Buffer, n: float, at: int, twenties: float, x: float) -> float:
    """Mean and sum of squared deviations of the last 20 closes (Bollinger, population).

    Slides by one close a bar; every 20th bar of the calendar, when `twenties` (its open time in
    units of 20 bars) is whole, both are computed afresh from the window, so that rounding cannot
    build up. Returns the squares; NaN before 20 bars.
    """
    if n > _BAND_START and twenties + _WHOLE - _WHOLE != twenties:
        oldest = at - BAND_PERIOD
        gone = r[CLOSE + (oldest if oldest >= 0 else oldest + WINDOW)]
        mean = r[BAND_MEAN]
        moved = x - gone
        after = mean + moved / BAND_BARS
        m2 = r[BAND_M2] + moved * (x - after + gone - mean)
        if m2 <= 0.0:
            m2 = 0.0
        r[BAND_MEAN] = after
        r[BAND_M2] = m2
    elif n >= _BAND_START:
        m2 = sum_bands(r, at, x)
    else:
        return nan
    return m2


def half_band(m2: float) -> float:
    """Two population standard deviations, from Bollinger's sum of squares."""
    return 2.0 * sqrt(m2 / BAND_BARS)


def sum_bands(r: Buffer, at: int, x: float) -> float:
    """Bollinger's mean and squares from the 19 remembered closes and `x`, newest first.

    Returns the squares.
    """
    end = CLOSE + at - BAND_PERIOD  # just before the oldest, as if the ring had no seam
    seam = end if end >= CLOSE else CLOSE - 1
    newer = r[CLOSE + at - 1 : seam : -1]
    older = r[CLOSE + WINDOW - 1 : end + WINDOW : -1]
    total = x
    for close in newer:
        total += close
    for close in older:
        total += close
    mean = total / BAND_BARS
    m2 = (x - mean) * (x - mean)
    for close in newer:
        d = close - mean
        m2 += d * d
    for close in older:
        d = close - mean
        m2 += d * d
    r[BAND_MEAN] = mean
    r[BAND_M2] = m2
    return m2


def band_width(s: Buffer, b: int) -> float:
    """Two population standard deviations of the last 20 closes; NaN before 20 bars."""
    if s[b + COUNT] < BAND_BARS:
        return nan
    return half_band(s[b + BAND_M2])


def fold_vwap(r: Buffer, open_time: float, hole: bool, value: float, volume: float) -> float:
    """Session VWAP from 00:00 UTC; NaN without volume or when a part of the session was not seen.

    `value` is the bar's quote volume (exact) or typical price × volume. `hole`: bars
    before it are missing: what traded in them is not known, so neither is the VWAP until the next
    session.
    """
    if open_time >= (r[SESSION] + 1.0) * DAY:
        begin_session(r, open_time)
    elif hole:
        r[SESSION_BARS] = -1.0
    paid = r[VWAP_PV] + value
    traded = r[VWAP_V] + volume
    r[VWAP_PV] = paid
    r[VWAP_V] = traded
    bars = r[SESSION_BARS]
    if bars < 0.0:
        return nan
    r[SESSION_BARS] = bars + 1.0
    return paid / traded if traded > 0.0 else nan


def fold_run(r: Buffer, close: float, level: float) -> float:
    """Closes in a row on one side of the VWAP; returns the run that this close has just ended.

    The result is that run's length in bars, signed by the new side; 0 when the close is on the side
    of the one before. Nothing changes where the VWAP is not known, or is the close.
    """
    run = r[VWAP_RUN]
    if close > level:
        r[VWAP_RUN] = run + 1.0 if run > 0.0 else 1.0
        return -run if run < 0.0 else 0.0
    if close < level:
        r[VWAP_RUN] = run - 1.0 if run < 0.0 else -1.0
        return -run if run > 0.0 else 0.0
    return 0.0


def begin_session(r: Buffer, open_time: float) -> None:
    """Start the sums of the UTC day; what of it came before this bar is not known."""
    day = open_time // DAY
    r[SESSION] = day
    r[SESSION_BARS] = 0.0 if open_time == day * DAY else -1.0
    r[VWAP_PV] = 0.0
    r[VWAP_V] = 0.0
    r[VWAP_RUN] = 0.0


def vwap(s: Buffer, b: int) -> float:
    """Session VWAP; NaN without volume or when a part of the session was not seen."""
    traded = s[b + VWAP_V]
    if traded <= 0.0 or s[b + SESSION_BARS] <= 0.0:
        return nan
    return s[b + VWAP_PV] / traded


def fold_volume_z(r: Buffer, n: float, volume: float) -> None:
    """z of the volume against its exponentially weighted past (60 bars), this bar not included.

    Volumes are about log-normal; the fourth root brings them near normal without a logarithm.
    """
    x = sqrt(sqrt(volume))
    d = x - r[VOLUME_MEAN]
    var = r[VOLUME_VAR]
    r[VOLUME_Z] = d / sqrt(var) if n >= VOLUME_PERIOD and var > 0.0 else nan
    if n == 0.0:
        r[VOLUME_MEAN] = x
        return
    r[VOLUME_MEAN] = r[VOLUME_MEAN] + _ALPHA * d
    r[VOLUME_VAR] = (1.0 - _ALPHA) * (var + _ALPHA * d * d)


def remember(
    r: Buffer,
    at: int,
    open_time: float,
    high: float,
    low: float,
    close: float,
    volume: float,
) -> None:
    """Store the bar in the windows and count it."""
    r[HIGH + at] = high
    r[LOW + at] = low
    r[CLOSE + at] = close
    r[VOLUME + at] = volume
    r[LAST_OPEN] = open_time
    r[COUNT] += 1.0
    r[CLEAN] += 1.0


def fold_swings(r: Buffer, at: int) -> None:
    """Confirm a swing: the bar 3 bars back is above (below) the 3 bars on either side of it.

    On equal extremes the earliest bar is the swing. Runs after `remember`.
    """
    after = at - 1 if at >= 1 else at - 1 + WINDOW
    next_ = at - 2 if at >= 2 else at - 2 + WINDOW
    middle = at - 3 if at >= 3 else at - 3 + WINDOW
    before = at - 4 if at >= 4 else at - 4 + WINDOW
    second = at - 5 if at >= 5 else at - 5 + WINDOW
    third = at - 6 if at >= 6 else at - 6 + WINDOW
    high = r[HIGH + middle]
    low = r[LOW + middle]
    is_high = (
        r[HIGH + before] < high >= r[HIGH + next_]
        and r[HIGH + second] < high >= r[HIGH + after]
        and r[HIGH + third] < high >= r[HIGH + at]
    )
    is_low = (
        r[LOW + before] > low <= r[LOW + next_]
        and r[LOW + second] > low <= r[LOW + after]
        and r[LOW + third] > low <= r[LOW + at]
    )
    if not (is_high or is_low) or r[COUNT] < _SWING_BARS:
        return
    if is_high:
        push_swing(r, SWING_HIGH, high)
        r[HIGH_OPEN] = 1.0
    if is_low:
        push_swing(r, SWING_LOW, low)
        r[LOW_OPEN] = 1.0


def push_swing(r: Buffer, i: int, level: float) -> None:
    """Put the newest level in front, forget the oldest."""
    for k in range(SWINGS - 1, 0, -1):
        r[i + k] = r[i + k - 1]
    r[i] = level


def room(s: Buffer, b: int, price: float, side: float) -> float:
    """Distance from `price` to the nearest stored swing ahead of it; NaN when there is none.

    `side` +1 looks up at swing highs, −1 down at swing lows.
    """
    base = b + SWING_HIGH if side > 0.0 else b + SWING_LOW
    best = nan
    for k in range(SWINGS):
        distance = side * (s[base + k] - price)
        if distance > 0.0 and not best <= distance:
            best = distance
    return best


def last_close(s: Buffer, b: int) -> float:
    """Close of the newest bar; NaN before the first."""
    n = s[b + COUNT]
    if n < 1.0:
        return nan
    return s[b + CLOSE + int(n - 1.0) % WINDOW]
