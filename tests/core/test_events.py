"""Each kind of bar event: fires where it should, only on the edge, with its side and strength."""

from collections.abc import Sequence
from math import inf, nan, nextafter
from typing import NamedTuple

import pytest
import talib
from hypothesis import given
from hypothesis import strategies as st
from signalengine.events import MAX_EVENTS, ROW, squeezed
from signalengine.facts.stream import Bar
from signalengine.fold import fold_one
from signalengine.indicators import EMA20, half_band
from signalengine.intervals import DAY_MS, INTERVAL_MS, INTERVALS
from signalengine.kinds import KINDS, event_of
from signalengine.layout import BLOCKS, LAST_BREAK, fresh_buffer
from signalengine.policy import Policy, default_policy

from tests.examples import examples

from .markets import T0, WalkRegime, column, everywhere, longer, policy_with, walk


class Fired(NamedTuple):
    """An event row, and the bar it belongs to."""

    bar: int
    kind: str
    side: float
    strength: float
    details: tuple[float, float]


def events(bars: Sequence[Bar], policy: Policy | None = None) -> list[Fired]:
    """All events of the bars of one interval."""
    i = INTERVALS.index(bars[0].interval)
    numbers = (policy or everywhere()).numbers
    s, out = fresh_buffer(), []
    for n, bar in enumerate(bars):
        ev = [0.0] * (1 + ROW * MAX_EVENTS)
        fold_one(s, bar, numbers, ev)
        for k in range(int(ev[0])):
            kind, interval, side, strength, d1, d2 = ev[1 + k * ROW : 1 + (k + 1) * ROW]
            assert interval == i
            row = [kind, i, side, strength, d1, d2]
            out.append(Fired(n, event_of(row).kind, side, strength, (d1, d2)))
    return out


def of_kind(kind: str, bars: Sequence[Bar], policy: Policy | None = None) -> list[Fired]:
    return [event for event in events(bars, policy) if event.kind == kind]


def series(
    closes: Sequence[float], interval: str = "5m", volume: Sequence[float] = (), wick: float = 0.0
) -> list[Bar]:
    """Bars that open where the last one closed, with wicks of a given size."""
    bars, before = [], closes[0]
    for n, close in enumerate(closes):
        high, low = max(before, close) + wick, min(before, close) - wick
        size = volume[n] if volume else 10.0
        at = T0 + n * INTERVAL_MS[interval]
        bars.append(Bar(interval, at, before, high, low, close, size))
        before = close
    return bars


def mirror(bars: Sequence[Bar]) -> list[Bar]:
    """The same market upside down: what was p is −p, exactly."""
    return [
        Bar(b.interval, b.open_time, -b.open, -b.low, -b.high, -b.close, b.volume) for b in bars
    ]


# --- laws -----------------------------------------------------------------------------------------


@given(
    seed=st.integers(0, 10**6),
    interval=st.sampled_from(INTERVALS),
    regime=st.sampled_from(
        [
            WalkRegime(),
            WalkRegime(step=3e-3),
            WalkRegime(calm=0.5),
            WalkRegime(dead=0.5),
            WalkRegime(jumps=0.2),
        ]
    ),
)
@examples(25)
def test_every_event_is_a_known_kind_with_a_side_and_a_strength(
    seed: int, interval: str, regime: WalkRegime
) -> None:
    for event in events(
        longer(walk(300 * (1 + INTERVALS.index(interval)), seed, regime), interval)
    ):
        assert event.side in (1.0, -1.0)
        assert 0.0 <= event.strength <= 1.0
        assert all(abs(x) < 1e15 for x in event.details)


@given(seed=st.integers(0, 10**6), step=st.sampled_from([2e-4, 3e-3]))
@examples(25)
def test_a_market_upside_down_fires_the_same_events_the_other_way(seed: int, step: float) -> None:
    bars = walk(900, seed, WalkRegime(price=5000.0, step=step, quotes=False))
    ours, theirs = events(bars), events(mirror(bars))
    assert [(e.bar, e.kind, e.side) for e in ours] == [(e.bar, e.kind, -e.side) for e in theirs]
    for a, b in zip(ours, theirs, strict=True):
        assert a.strength == pytest.approx(b.strength, abs=1e-9)


@given(seed=st.integers(0, 10**6), power=st.integers(-20, 20))
@examples(15)
def test_prices_in_another_unit_fire_the_same_events(seed: int, power: int) -> None:
    bars = walk(600, seed, WalkRegime(step=1e-3))
    factor = 2.0**power
    other = [
        Bar(b.interval, b.open_time, b.open * factor, b.high * factor, b.low * factor,
            b.close * factor, b.volume * 16.0, (b.quote_volume or 0.0) * factor * 16.0)
        for b in bars
    ]  # fmt: skip
    ours, theirs = events(bars), events(other)
    assert [e[:4] for e in ours] == [e[:4] for e in theirs]


def test_an_interval_the_policy_leaves_out_stays_silent() -> None:
    quiet = policy_with(**{f"events__{kind}": {"intervals": []} for kind in KINDS})
    bars = walk(1500, regime=WalkRegime(step=2e-3))
    assert events(bars) != []
    assert events(bars, quiet) == []
    assert {e.kind for e in events(bars, default_policy())} <= {
        "volume_spike", "volatility_breakout", "vwap_reclaim",
    }  # fmt: skip


def test_a_dead_market_fires_nothing() -> None:
    assert events(walk(1500, regime=WalkRegime(dead=1.0))) == []


# --- ema_cross ------------------------------------------------------------------------------------


@given(seed=st.integers(0, 10**6))
@examples(10)
def test_an_ema_cross_is_where_the_spread_changes_its_sign(seed: int) -> None:
    bars = longer(walk(5 * 300, seed, WalkRegime(step=1e-3)), "5m")
    spread = talib.EMA(column(bars, "close"), 9) - talib.EMA(column(bars, "close"), 21)
    expected = [
        (n, 1.0 if spread[n] > 0.0 else -1.0)
        for n in range(21, len(bars))
        if spread[n - 1] * spread[n] < 0.0
    ]
    assert [(e.bar, e.side) for e in of_kind("ema_cross", bars)] == expected


def test_the_strength_of_an_ema_cross_is_the_move_of_the_spread() -> None:
    bars = longer(walk(5 * 400, 8, WalkRegime(step=1e-3)), "5m")
    close, high, low = (column(bars, name) for name in ("close", "high", "low"))
    spread = talib.EMA(close, 9) - talib.EMA(close, 21)
    atr = talib.ATR(high, low, close, 14)
    crosses = of_kind("ema_cross", bars)
    assert len(crosses) > 3
    for e in crosses:
        full = min(1.0, abs(spread[e.bar] - spread[e.bar - 1]) / (0.3 * atr[e.bar]))
        assert e.strength == pytest.approx(full, rel=1e-6)
        assert e.details == pytest.approx((spread[e.bar], atr[e.bar]), rel=1e-6)


# --- rsi_extreme ----------------------------------------------------------------------------------


@given(seed=st.integers(0, 10**6))
@examples(10)
def test_an_rsi_extreme_is_the_bar_that_enters_the_zone(seed: int) -> None:
    bars = longer(walk(5 * 300, seed, WalkRegime(step=1e-3)), "5m")
    value = talib.RSI(column(bars, "close"), 14)
    expected = [(n, 1.0) for n in range(21, len(bars)) if value[n] <= 30.0 < value[n - 1]]
    expected += [(n, -1.0) for n in range(21, len(bars)) if value[n] >= 70.0 > value[n - 1]]
    found = of_kind("rsi_extreme", bars)
    assert [(e.bar, e.side) for e in found] == sorted(expected)
    for e in found:
        depth = (abs(value[e.bar] - 50.0) - 20.0) / 15.0
        assert e.strength == pytest.approx(min(1.0, depth), abs=1e-9)
        assert e.details == pytest.approx((value[e.bar], value[e.bar - 1]))


def test_a_long_slide_is_oversold_once() -> None:
    closes = [100.0 + (n % 2) for n in range(40)] + [100.0 - n for n in range(40)]
    assert [e.side for e in of_kind("rsi_extreme", series(closes))] == [1.0]


# --- volume_spike ---------------------------------------------------------------------------------


def spiky(volumes: dict[int, float], body: float) -> list[Bar]:
    """Two hours of 1m bars with ordinary volumes but for some."""
    closes = [100.0 + body * (n in volumes) for n in range(140)]
    sizes = [volumes.get(n, 10.0 + n % 3) for n in range(140)]
    return series(closes, "1m", sizes)


@pytest.mark.parametrize(("body", "side"), [(1.0, 1.0), (-1.0, -1.0)])
def test_a_volume_spike_goes_the_way_of_its_bar(body: float, side: float) -> None:
    found = of_kind("volume_spike", spiky({100: 200.0}, body))
    assert [(e.bar, e.side, e.strength) for e in found] == [(100, side, 1.0)]
    assert found[0].details[1] == 200.0


def test_a_volume_spike_without_a_body_is_no_event() -> None:
    assert of_kind("volume_spike", spiky({100: 200.0}, 0.0)) == []


def test_a_spike_that_lasts_fires_once() -> None:
    lasting = {n: 500.0 * 4.0 ** (n - 100) for n in range(100, 104)}
    assert [e.bar for e in of_kind("volume_spike", spiky(lasting, 1.0))] == [100]


def test_there_is_no_spike_before_an_hour_is_known() -> None:
    assert of_kind("volume_spike", spiky({30: 500.0}, 1.0)) == []


# --- volatility_breakout --------------------------------------------------------------------------


def breakouts(
    bars: Sequence[Bar], keltner: float, need: int = 5, within: int = 5
) -> list[tuple[int, float]]:
    """(bar, side) of each breakout, from the bands and channels of the whole series."""
    close, high, low = (column(bars, name) for name in ("close", "high", "low"))
    upper, mid, lower = talib.BBANDS(close, 20, 2.0, 2.0)
    ema, atr = talib.EMA(close, 20), talib.ATR(high, low, close, 14)
    found, armed, run = [], -1, 0
    for n in range(21, len(bars)):
        inside = upper[n] < ema[n] + keltner * atr[n] and lower[n] > ema[n] - keltner * atr[n]
        run = run + 1 if inside else 0
        armed = n if run >= need else armed
        if armed >= 0 and n - armed <= within and not lower[n] <= close[n] <= upper[n]:
            found.append((n, 1.0 if close[n] > mid[n] else -1.0))
            armed, run = -1, 0
    return found


def test_a_breakout_is_a_close_outside_the_bands_after_a_squeeze() -> None:
    total, policy = 0, policy_with(events__volatility_breakout={"keltner_atr": 2.0})
    for seed in range(4):
        bars = walk(1200, seed, WalkRegime(step=3e-4, jumps=0.02))
        expected = breakouts(bars, 2.0)
        found = of_kind("volatility_breakout", bars, policy)
        assert [(e.bar, e.side) for e in found] == expected
        total += len(expected)
    assert total > 10


@examples(300)
@given(
    mid=st.floats(1e-9, 1e9),
    middle=st.floats(0.8, 1.25),
    channel=st.floats(0.0, 0.5) | st.sampled_from([1e-16, 1e-12, 1e-9]),
    half=st.floats(0.0, 4.0) | st.just(1.0),
    ulps=st.integers(-4, 4),
)
def test_a_squeeze_is_one_to_the_last_bit(
    mid: float, middle: float, channel: float, half: float, ulps: int
) -> None:
    """Also where half of the band is the room that the channel leaves, give or take a rounding."""
    r = [nan] * BLOCKS[1]
    r[EMA20] = mid if channel < 1e-8 else mid * middle
    channel *= mid
    squares = 5.0 * (half * (channel - abs(mid - r[EMA20]))) ** 2
    for _ in range(abs(ulps)):
        squares = max(0.0, nextafter(squares, inf if ulps > 0 else 0.0))
    width, center = half_band(squares), r[EMA20]
    expected = mid + width < center + channel and mid - width > center - channel
    assert squeezed(r, mid, squares, channel) is expected
    assert not squeezed(r, nan, squares, channel)


def test_a_breakout_needs_a_squeeze() -> None:
    quiet = [100.0 + 0.01 * (n % 2) for n in range(60)]  # wicks make the channel wide
    squeezed = series([*quiet, 103.0], wick=0.5)
    found = of_kind("volatility_breakout", squeezed)
    assert [(e.bar, e.side) for e in found] == [(60, 1.0)]
    assert 0.5 < found[0].strength < 1.0
    wild = series([*(100.0 + abs(n % 40 - 20) for n in range(60)), 160.0])
    assert of_kind("volatility_breakout", wild) == []


def test_a_breakout_fires_once() -> None:
    quiet = [100.0 + 0.01 * (n % 2) for n in range(60)]
    found = of_kind("volatility_breakout", series([*quiet, 101.0, 103.0, 106.0], wick=0.5))
    assert [e.bar for e in found] == [60]


# --- vwap_reclaim ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("side", "run", "fires"), [(1.0, 40, True), (-1.0, 40, True), (1.0, 20, False)]
)
def test_a_vwap_reclaim_is_a_cross_after_half_an_hour_on_the_other_side(
    side: float, run: int, fires: bool
) -> None:
    closes = [100.0, *(100.0 - side * 0.1 * (n + 1) for n in range(run)), 100.0 + side * 20.0]
    found = of_kind("vwap_reclaim", series(closes, "1m"))
    assert [(e.bar, e.side) for e in found] == ([(run + 1, side)] if fires else [])
    if fires:
        assert found[0].strength == pytest.approx(run / 120.0)
        assert found[0].details == (run, 100.0 + side * 20.0)


@pytest.mark.parametrize(("interval", "need"), [("1m", 30), ("5m", 6), ("15m", 2), ("1h", 2)])
def test_half_an_hour_is_at_least_two_bars(interval: str, need: int) -> None:
    for run in (need - 1, need):
        closes = [100.0, *(99.0 - n * 0.01 for n in range(run)), 120.0]
        fired = [e.bar for e in of_kind("vwap_reclaim", series(closes, interval))]
        assert fired == ([run + 1] if run == need else [])


def test_a_new_session_forgets_the_side() -> None:
    closes = [100.0, *(99.0 - n * 0.01 for n in range(50)), 120.0]
    late = [
        Bar(b.interval, b.open_time - T0 + T0 + DAY_MS - 45 * 60_000, *_rest(b))
        for b in series(closes, "1m")
    ]
    assert of_kind("vwap_reclaim", late) == []


def _rest(bar: Bar) -> tuple[float, float, float, float, float]:
    return bar.open, bar.high, bar.low, bar.close, bar.volume


# --- structure_break ------------------------------------------------------------------------------


def breaks(bars: Sequence[Bar]) -> list[tuple[int, float, float]]:
    """(bar, side, level) of each first close past the newest swing known before that bar."""
    found = []
    for side in (1.0, -1.0):
        level: list[float] = [side * (b.high if side > 0.0 else b.low) for b in bars]
        known, fresh = nan, False
        for n, bar in enumerate(bars):
            if fresh and side * bar.close > known:
                found.append((n, side, side * known))
                fresh = False
            i = n - 3
            if i < 3:
                continue
            before, after = level[i - 3 : i], level[i + 1 : n + 1]
            if all(x < level[i] for x in before) and all(x <= level[i] for x in after):
                known, fresh = level[i], True
    return sorted(found)


@given(seed=st.integers(0, 10**6))
@examples(15)
def test_a_structure_break_is_the_first_close_past_the_newest_swing(seed: int) -> None:
    bars = walk(400, seed, WalkRegime(step=1e-3))
    found = of_kind("structure_break", bars)
    assert [(e.bar, e.side, e.details[0]) for e in found] == breaks(bars)
    assert all(e.details[1] == bars[e.bar].close for e in found)


def test_the_last_break_is_remembered_on_intervals_that_fire_none() -> None:
    s, bars = fresh_buffer(), walk(400, 3, WalkRegime(step=1e-3))
    last = 0.0
    for bar in bars:
        ev = [0.0] * (1 + ROW * MAX_EVENTS)
        fold_one(s, bar, default_policy().numbers, ev)
    last = breaks(bars)[-1][1]
    assert s[BLOCKS[0] + LAST_BREAK] == last


# --- arithmetic -----------------------------------------------------------------------------------
