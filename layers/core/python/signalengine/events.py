"""Events: what happened at the close of one bar. Edge-triggered, each with a strength 0..1.

Every function looks at the block `r` of one interval (number `i`) just after its bar was folded and
appends rows to `ev`: [count, row, row, …], a row being kind, interval, direction, strength and two
details (its `EventKind` names them). Plain + − × ÷ and comparisons, as in `indicators`.
"""

from typing import Final

from .indicators import (
    ATR,
    BAND_BARS,
    BAND_MEAN,
    CLEAN,
    CLOSE,
    COUNT,
    EMA9,
    EMA20,
    EMA21,
    EMA_BEGAN,
    GAIN,
    HIGH_OPEN,
    LAST_OPEN,
    LOSS,
    LOW_OPEN,
    SLOTS,
    SWING_HIGH,
    SWING_LOW,
    VOLUME_Z,
    WILDER_BEGAN,
    WINDOW,
    Buffer,
    Numbers,
    fold_bands,
    fold_emas,
    fold_indicators,
    fold_inner_emas,
    fold_run,
    fold_slow_atr,
    fold_swings,
    fold_vwap,
    fold_wilder,
    half_band,
    remember,
    strength,
)
from .params import EventKind
from .strategy.numbers import ratio, unit

ROW = 6
MAX_EVENTS = 32
QUARTER: Final = 2
"""Number of the 15m interval."""

# --- kinds: each with its details, its fields in the policy file and its slots --------------------

_CROSS: Final = EventKind("ema_cross", ("spread", "atr"))
EMA_CROSS: Final = _CROSS.number
CROSS_FULL: Final = _CROSS.field("full_atr")

_RSI: Final = EventKind("rsi_extreme", ("rsi", "before"))
RSI_EXTREME: Final = _RSI.number
RSI_LOW: Final = _RSI.field("low")
RSI_HIGH: Final = _RSI.field("high")

_SPIKE: Final = EventKind("volume_spike", ("z", "volume"), ("1m",))
VOLUME_SPIKE: Final = _SPIKE.number
SPIKE_Z: Final = _SPIKE.field("z")
SPIKE_ON: Final = SLOTS.one("spike_on", "whole")  # 1 while the condition holds

_BREAKOUT: Final = EventKind("volatility_breakout", ("close", "band"))
VOLATILITY_BREAKOUT: Final = _BREAKOUT.number
_HALF_SQUARE: Final = 4.0 / BAND_BARS  # of half of Bollinger's band, of its sum of squares
_ROUNDING: Final = 1e-12  # of levels: thousands of times what their sums are rounded by
SQUEEZE_ATR: Final = _BREAKOUT.field("keltner_atr")
SQUEEZE_BARS: Final = _BREAKOUT.field("bars")
BREAKOUT_BARS: Final = _BREAKOUT.field("within")
SQUEEZE: Final = SLOTS.one("squeeze", "whole")  # bars in a row inside the Keltner channel
SQUEEZE_AGO: Final = SLOTS.one("squeeze_ago", "whole", fresh=-1.0)
"""Bars since a long enough squeeze held; −1 when none is armed."""

_RECLAIM: Final = EventKind("vwap_reclaim", ("run_bars", "close"))
VWAP_RECLAIM: Final = _RECLAIM.number
VWAP_RUN_BARS: Final = _RECLAIM.bars("minutes")

_BREAK: Final = EventKind("structure_break", ("level", "close"))
STRUCTURE_BREAK: Final = _BREAK.number
LAST_BREAK: Final = SLOTS.one("last_break", "whole")  # +1, −1, 0


def fire(
    ev: Buffer, p: Numbers, kind: int, i: int, side: float, strength: float, d1: float, d2: float
) -> None:
    """Append an event row if the policy looks for this kind on this interval."""
    if side == 0.0 or p[kind + i] == 0.0:
        return
    at = 1 + int(ev[0]) * ROW
    ev[at] = kind
    ev[at + 1] = i
    ev[at + 2] = side
    ev[at + 3] = strength
    ev[at + 4] = d1
    ev[at + 5] = d2
    ev[0] += 1.0


def fold_bar(
    r: Buffer, i: int, interval_ms: float, open_time: float, o: float, high: float,
    low: float, close: float, volume: float, quote_volume: float, p: Numbers, ev: Buffer,
) -> None:  # fmt: skip
    """Fold one closed bar into its interval's block `r` and append the events of its close.

    `quote_volume` is NaN when unknown. The bar must be newer than the block's last bar.
    """
    n = r[COUNT]
    at = int(n) % WINDOW
    hole = n > 0.0 and open_time != r[LAST_OPEN] + interval_ms
    if hole:
        r[CLEAN] = 0.0
    before = r[CLOSE + (at - 1 if at > 0 else WINDOW - 1)]
    spread = r[EMA9] - r[EMA21]
    gain = r[GAIN]
    loss = r[LOSS]
    emas = n - r[EMA_BEGAN]
    ranges = n - r[WILDER_BEGAN]
    fold_emas(r, emas, close)
    fold_inner_emas(r, emas, at, close)
    now = fold_wilder(r, ranges, high, low, close, before)
    if i == QUARTER:
        fold_slow_atr(r, ranges)
    squares = fold_bands(r, n, at, open_time / (BAND_BARS * interval_ms), close)
    value = quote_volume if quote_volume > 0.0 else (high + low + close) / 3.0 * volume
    run = fold_run(r, close, fold_vwap(r, open_time, hole, value, volume))
    fold_indicators(r, n, at, open_time, high, low, close, volume)
    remember(r, at, open_time, high, low, close, volume)
    if emas >= 21.0 and ranges >= 21.0:
        detect_cross(r, i, spread, p, ev)
        detect_rsi(i, now, gain, loss, p, ev)
        detect_breakout(r, i, close, squares, p, ev)
    if i == 0:
        detect_spike(r, close - o, volume, p, ev)
    if run != 0.0:
        detect_reclaim(i, run, close, p, ev)
    detect_break(r, i, close, p, ev)
    fold_swings(r, at)


def detect_cross(r: Buffer, i: int, before: float, p: Numbers, ev: Buffer) -> None:
    """`ema_cross`: EMA 9 changes side of EMA 21; strength by how fast the spread moved."""
    spread = r[EMA9] - r[EMA21]
    if before <= 0.0 < spread:
        side = 1.0
    elif before >= 0.0 > spread:
        side = -1.0
    else:
        return
    atr = r[ATR]
    strength = unit(ratio(abs(spread - before), p[CROSS_FULL] * atr))
    fire(ev, p, EMA_CROSS, i, side, strength, spread, atr)


def detect_rsi(i: int, now: float, gain: float, loss: float, p: Numbers, ev: Buffer) -> None:
    """`rsi_extreme`: RSI enters the oversold zone (long) or the overbought zone (short).

    `gain` and `loss` are its averages before this bar.
    """
    if p[RSI_LOW] < now < p[RSI_HIGH]:
        return
    before = strength(gain, loss)
    if now <= p[RSI_LOW] < before:
        side = 1.0
    elif now >= p[RSI_HIGH] > before:
        side = -1.0
    else:
        return
    fire(ev, p, RSI_EXTREME, i, side, unit((abs(now - 50.0) - 20.0) / 15.0), now, before)


def detect_spike(r: Buffer, body: float, volume: float, p: Numbers, ev: Buffer) -> None:
    """`volume_spike` (1m): the volume's z rises over the threshold; direction of the body."""
    z = r[VOLUME_Z]
    on = z >= p[SPIKE_Z]
    if on and r[SPIKE_ON] == 0.0:
        side = 1.0 if body > 0.0 else (-1.0 if body < 0.0 else 0.0)
        fire(ev, p, VOLUME_SPIKE, 0, side, unit((z - p[SPIKE_Z]) / 3.0), z, volume)
    r[SPIKE_ON] = 1.0 if on else 0.0


def detect_breakout(
    r: Buffer, i: int, close: float, squares: float, p: Numbers, ev: Buffer
) -> None:
    """`volatility_breakout`: after enough bars of Bollinger inside Keltner, a close outside it.

    `squares` is Bollinger's sum of squares.
    """
    mid = r[BAND_MEAN]
    bars = r[SQUEEZE] + 1.0 if squeezed(r, mid, squares, p[SQUEEZE_ATR] * r[ATR]) else 0.0
    before = r[SQUEEZE_AGO]
    ago = before + 1.0 if before >= 0.0 else before
    ago = 0.0 if bars >= p[SQUEEZE_BARS] else ago
    ago = -1.0 if ago > p[BREAKOUT_BARS] else ago
    r[SQUEEZE] = bars
    r[SQUEEZE_AGO] = ago
    if ago < 0.0:
        return
    half = half_band(squares)
    if abs(close - mid) <= half:
        return
    side = 1.0 if close > mid else -1.0
    strength = unit((ratio(abs(close - mid), r[ATR]) - 1.0) / 2.0)
    fire(ev, p, VOLATILITY_BREAKOUT, i, side, strength, close, mid + side * half)
    r[SQUEEZE] = 0.0
    r[SQUEEZE_AGO] = -1.0


def squeezed(r: Buffer, mid: float, squares: float, channel: float) -> bool:
    """Return whether Bollinger's band around `mid` lies inside Keltner's, `channel` to each side.

    The root is taken only where rounding could decide: half the band is compared by its square
    with the room that the channel leaves, give or take far more than the levels' rounding.
    """
    middle = r[EMA20]
    room = channel - (mid - middle if mid > middle else middle - mid)
    rounding = _ROUNDING * (mid + channel)
    least = room - rounding
    most = room + rounding
    square = _HALF_SQUARE * squares
    inside = least > 0.0 and square < least * least
    if not inside and most > 0.0 and square <= most * most:
        half = half_band(squares)
        inside = mid + half < middle + channel and mid - half > middle - channel
    return inside


def detect_reclaim(i: int, run: float, close: float, p: Numbers, ev: Buffer) -> None:
    """`vwap_reclaim`: the close crosses the session VWAP after a long run on the other side."""
    need = p[VWAP_RUN_BARS + i]
    length = abs(run)
    if length >= need:
        side = 1.0 if run > 0.0 else -1.0
        fire(ev, p, VWAP_RECLAIM, i, side, unit(length / (4.0 * need)), length, close)


def detect_break(r: Buffer, i: int, close: float, p: Numbers, ev: Buffer) -> None:
    """`structure_break`: the first close past the newest confirmed swing."""
    if r[HIGH_OPEN] == 1.0 and close > r[SWING_HIGH]:
        side = 1.0
        level = r[SWING_HIGH]
        r[HIGH_OPEN] = 0.0
    elif r[LOW_OPEN] == 1.0 and close < r[SWING_LOW]:
        side = -1.0
        level = r[SWING_LOW]
        r[LOW_OPEN] = 0.0
    else:
        return
    r[LAST_BREAK] = side
    strength = unit(ratio(abs(close - level), r[ATR]))
    fire(ev, p, STRUCTURE_BREAK, i, side, strength, level, close)
