"""The running indicators against TA-Lib and against plain computations from all the bars."""

from collections.abc import Sequence
from math import isnan, nan, sqrt

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
import talib
from hypothesis import given
from hypothesis import strategies as st
from signalengine.facts.stream import Bar
from signalengine.fold import fold_one
from signalengine.indicators import (
    ATR_14,
    BREAK,
    EMA_9,
    EMA_21,
    EMA_50,
    EMA_BEFORE,
    LOWER,
    MID,
    NEWEST_HIGH,
    NEWEST_LOW,
    RSI,
    UPPER,
    VWAP,
    Z,
)
from signalengine.intervals import DAY_MS, INTERVALS, MINUTE_MS
from signalengine.layout import (
    ATR_EMA,
    BAND_M2,
    BLOCKS,
    COUNT,
    LOW_OPEN,
    MINUTE_BLOCK,
    QUARTER_BLOCK,
    SWING_HIGH,
    SWING_LOW,
    SWINGS,
    fresh_buffer,
)
from signalengine.policy import default_policy
from signalengine.snapshot import WIDTH, interval_features

from tests.examples import examples

from .markets import T0, WalkRegime, column, longer, recorded, scaled, walk

Rows = npt.NDArray[np.float64]
LIMIT = 1e-9


def features_of(bars: Sequence[Bar]) -> Rows:
    """Features of one interval after each bar, one row a bar, by the core."""
    interval = bars[0].interval
    i = INTERVALS.index(interval)
    s, ev, f = fresh_buffer(), [0.0] * 200, [nan] * WIDTH
    rows = []
    for bar in bars:
        ev[0] = 0.0
        feed(s, bar, ev)
        interval_features(s, BLOCKS[i], f, 0)
        rows.append(list(f))
    return np.array(rows)


def feed(s: list[float], bar: Bar, ev: list[float]) -> None:
    fold_one(s, bar, default_policy().numbers, ev)


def by_talib(bars: Sequence[Bar]) -> dict[int, Rows]:
    high, low, close = (column(bars, name) for name in ("high", "low", "close"))
    upper, mid, lower = talib.BBANDS(close, 20, 2.0, 2.0)
    return {
        EMA_9: talib.EMA(close, 9), EMA_21: talib.EMA(close, 21), EMA_50: talib.EMA(close, 50),
        RSI: talib.RSI(close, 14), ATR_14: talib.ATR(high, low, close, 14),
        UPPER: upper, MID: mid, LOWER: lower,
    }  # fmt: skip


def largest_difference(bars: Sequence[Bar]) -> float:
    """Largest relative difference to TA-Lib; both must begin at the same bar."""
    ours, worst = features_of(bars), 0.0
    for name, theirs in by_talib(bars).items():
        mine = ours[:, name]
        assert (np.isnan(mine) == np.isnan(theirs)).all()
        known = ~np.isnan(mine)
        if not known.any():
            continue  # a month has too few days for the longest averages
        scale = np.maximum(np.abs(theirs[known]), 1e-300)
        worst = max(worst, float(np.max(np.abs(mine[known] - theirs[known]) / scale)))
    return worst


@given(
    seed=st.integers(0, 10**6),
    step=st.sampled_from([1e-4, 1e-3, 2e-2]),
    level=st.sampled_from([(1e6, 1), (100.0, 3), (2e-5, 9)]),
)
@examples(12)
def test_they_equal_ta_lib_on_any_walk(seed: int, step: float, level: tuple[float, int]) -> None:
    bars = walk(600, seed, WalkRegime(price=level[0], step=step, decimals=level[1]))
    assert largest_difference(bars) <= LIMIT


@pytest.mark.parametrize("symbol", ["BTC", "ADA"])
@pytest.mark.parametrize("interval", INTERVALS)
def test_they_equal_ta_lib_on_recorded_bars(symbol: str, interval: str) -> None:
    minutes = recorded(symbol)
    bars = longer(minutes, interval)
    worst = largest_difference(bars)
    words = f"{symbol} {interval}: {len(bars)} bars, largest relative difference {worst:.1e}"
    print(words)  # noqa: T201 - for pytest -s
    assert worst <= LIMIT
    assert interval != "1m" or len(bars) > 20_000


def test_the_slow_atr_is_the_96_bar_ema_of_the_15m_atr() -> None:
    minutes = walk(15 * 400, seed=3)
    bars = longer(minutes, "15m")
    s, ev, ours = fresh_buffer(), [0.0] * 200, []
    for bar in bars:
        ev[0] = 0.0
        feed(s, bar, ev)
        ours.append(s[QUARTER_BLOCK + ATR_EMA])
    high, low, close = (column(bars, name) for name in ("high", "low", "close"))
    atr = talib.ATR(high, low, close, 14)
    slow = talib.EMA(atr[14:], 96)
    assert np.allclose(ours[14 + 95 :], slow[95:], rtol=LIMIT, atol=0.0)


def test_the_slope_looks_three_bars_back() -> None:
    rows = features_of(walk(200))
    assert (rows[23:, EMA_BEFORE] == rows[20:-3, EMA_21]).all()
    assert np.isnan(rows[:23, EMA_BEFORE]).all()


# --- VWAP ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("quotes", [True, False])
@pytest.mark.parametrize("interval", INTERVALS)
def test_the_vwap_is_the_mean_price_of_the_utc_day(interval: str, quotes: bool) -> None:
    bars = longer(walk(4 * 1440, 2, WalkRegime(quotes=quotes), T0 - DAY_MS), interval)
    ours = features_of(bars)[:, VWAP]
    for n in range(0, len(bars), 37):
        day = [b for b in bars[: n + 1] if b.open_time // DAY_MS == bars[n].open_time // DAY_MS]
        value = sum(b.quote_volume or (b.high + b.low + b.close) / 3.0 * b.volume for b in day)
        assert ours[n] == pytest.approx(value / sum(b.volume for b in day), rel=1e-12)


def test_the_vwap_is_unknown_until_a_session_is_seen_from_its_start() -> None:
    bars = walk(2 * 1440, start=T0 - 600 * MINUTE_MS)
    ours = features_of(bars)[:, VWAP]
    assert np.isnan(ours[:600]).all()
    assert not np.isnan(ours[600:]).any()


def test_the_vwap_is_unknown_after_a_hole_until_the_next_session() -> None:
    bars = walk(2 * 1440)
    ours = features_of([*bars[:700], *bars[701:]])[:, VWAP]
    assert not np.isnan(ours[:700]).any()
    assert np.isnan(ours[700:1439]).all()
    assert not np.isnan(ours[1439:]).any()


def test_a_session_without_trades_has_no_vwap() -> None:
    bars = walk(30, regime=WalkRegime(dead=1.0))
    assert np.isnan(features_of(bars)[:, VWAP]).all()


def test_a_quote_volume_of_nothing_is_no_quote_volume() -> None:
    bars = [Bar("1m", T0 + n * MINUTE_MS, 9.0, 9.0, 9.0, 9.0, 2.0, 0.0) for n in range(3)]
    assert features_of(bars)[-1, VWAP] == 9.0


# --- volume z ------------------------------------------------------------------------------------


def test_the_volume_z_is_that_of_its_exponentially_weighted_past() -> None:
    bars = walk(900, seed=4)
    x = pd.Series(column(bars, "volume")) ** 0.25
    past = x.ewm(alpha=2.0 / 61.0, adjust=False)
    z = (x - past.mean().shift()) / np.sqrt(past.var(bias=True).shift())
    ours = features_of(bars)[:, Z]
    assert np.isnan(ours[:60]).all()
    assert np.allclose(ours[60:], z[60:], rtol=1e-8, atol=1e-10)


@pytest.mark.parametrize("dead", [0.0, 1.0])
def test_a_constant_volume_has_no_z(dead: float) -> None:
    bars = [
        Bar("1m", T0 + n * MINUTE_MS, 1.0, 1.0, 1.0, 1.0, 0.0 if dead else 7.0) for n in range(120)
    ]
    assert np.isnan(features_of(bars)[:, Z]).all()


# --- swings --------------------------------------------------------------------------------------


def swings(bars: Sequence[Bar], sign: float) -> list[tuple[int, float]]:
    """(bar at which it is known, level) of each swing, by its definition."""
    level = [sign * (bar.high if sign > 0 else bar.low) for bar in bars]
    found = []
    for i in range(3, len(bars) - 3):
        left, right = level[i - 3 : i], level[i + 1 : i + 4]
        if all(x < level[i] for x in left) and all(x <= level[i] for x in right):
            found.append((i + 3, sign * level[i]))
    return found


@given(seed=st.integers(0, 10**6), decimals=st.integers(0, 2))
@examples(12)
def test_a_swing_is_known_three_bars_after_its_pivot(seed: int, decimals: int) -> None:
    bars = walk(250, seed, WalkRegime(price=900.0, step=2e-3, decimals=decimals, calm=0.1))
    rows, s, ev = features_of(bars), fresh_buffer(), [0.0] * 200
    for bar in bars:
        ev[0] = 0.0
        feed(s, bar, ev)
    for sign, feature, slot in ((1.0, NEWEST_HIGH, SWING_HIGH), (-1.0, NEWEST_LOW, SWING_LOW)):
        found = swings(bars, sign)
        for n in range(len(bars)):
            seen = [level for known, level in found if known <= n]
            assert rows[n, feature] == seen[-1] if seen else isnan(rows[n, feature])
        stored = s[MINUTE_BLOCK + slot : MINUTE_BLOCK + slot + SWINGS]
        assert stored == [level for _, level in found[-SWINGS:]][::-1]


def test_of_equal_highs_the_first_is_the_swing() -> None:
    highs = [1.0, 2.0, 3.0, 5.0, 5.0, 5.0, 3.0, 2.0, 1.0]
    bars = [
        Bar("1m", T0 + n * MINUTE_MS, h, h, 0.5 + n / 100.0, h, 1.0) for n, h in enumerate(highs)
    ]
    rows = features_of(bars)
    assert isnan(rows[5, NEWEST_HIGH])
    assert (rows[6:, NEWEST_HIGH] == 5.0).all()
    assert np.isnan(rows[:, NEWEST_LOW]).all()


# --- quiet and extreme markets -------------------------------------------------------------------


def test_a_market_that_never_moved_is_neither_strong_nor_weak() -> None:
    rows = features_of(walk(100, regime=WalkRegime(calm=1.0, jumps=0.0)))
    assert (rows[14:, RSI] == 50.0).all()
    assert (rows[14:, ATR_14] == 0.0).all()
    assert (rows[19:, UPPER] == rows[19:, LOWER]).all()


@pytest.mark.parametrize(("move", "value"), [(1.0, 100.0), (-1.0, 0.0)])
def test_a_market_that_only_went_one_way_is_at_the_end_of_the_rsi(
    move: float, value: float
) -> None:
    closes = [500.0 + move * n * 0.37 for n in range(400)]
    bars = [Bar("1m", T0 + n * MINUTE_MS, c, c, c, c, 1.0) for n, c in enumerate(closes)]
    assert (features_of(bars)[14:, RSI] == value).all()


@given(seed=st.integers(0, 10**6))
@examples(10)
def test_the_rsi_stays_within_its_bounds(seed: int) -> None:
    rows = features_of(walk(300, seed, WalkRegime(step=0.02, calm=0.3, jumps=0.1)))
    assert ((rows[14:, RSI] >= 0.0) & (rows[14:, RSI] <= 100.0)).all()


def test_rounding_does_not_build_up_in_the_bands() -> None:
    """A jump out of the window leaves no more width behind than the bars in it have."""
    s, ev = fresh_buffer(), [0.0] * 200
    closes = [100_000.0] * 20 + [140_000.0, 60_000.0] + [101_000.0] * 60
    widest = 0.0
    for n, close in enumerate(closes):
        ev[0] = 0.0
        feed(s, Bar("1m", T0 + n * MINUTE_MS, close, close, close, close, 1.0), ev)
        if n >= 42:
            widest = max(widest, sqrt(s[MINUTE_BLOCK + BAND_M2] / 20.0))
    assert widest < 101_000.0 * 1e-8
    assert s[MINUTE_BLOCK + BAND_M2] == 0.0


@given(seed=st.integers(0, 10**6), power=st.integers(-20, 20), volume=st.integers(-4, 4))
@examples(12)
def test_all_scale_with_the_price_exactly(seed: int, power: int, volume: int) -> None:
    bars = walk(300, seed)
    price = 2.0**power
    ours = features_of(bars)
    theirs = features_of([scaled(bar, price, 16.0**volume) for bar in bars])
    free = [RSI, Z]
    prices = [
        EMA_9,
        EMA_21,
        EMA_50,
        EMA_BEFORE,
        VWAP,
        ATR_14,
        MID,
        UPPER,
        LOWER,
        NEWEST_HIGH,
        NEWEST_LOW,
    ]
    assert np.array_equal(theirs[:, free], ours[:, free], equal_nan=True)
    assert np.array_equal(theirs[:, prices], ours[:, prices] * price, equal_nan=True)


def test_nothing_is_known_before_the_first_bar() -> None:
    s, f = fresh_buffer(), [nan] * WIDTH
    for b in BLOCKS:
        assert s[b + COUNT] == 0.0
        assert s[b + LOW_OPEN] == 0.0
        interval_features(s, b, f, 0)
        assert [k for k, x in enumerate(f) if not isnan(x)] == [BREAK]
        assert f[BREAK] == 0.0
