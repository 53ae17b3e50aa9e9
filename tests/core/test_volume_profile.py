"""The volume profile against a plain computation of overlaps."""

import random
from math import isnan, nan

import pytest
from hypothesis import given
from hypothesis import strategies as st
from signalengine.facts.stream import Bar
from signalengine.indicators import remember
from signalengine.layout import BLOCK, MINUTE_BLOCK, WINDOW, fresh_buffer
from signalengine.volume_profile import BINS, value_area, volume_profile

from tests.examples import examples

from .markets import WalkRegime, walk


def fresh_block() -> list[float]:
    return fresh_buffer()[MINUTE_BLOCK : MINUTE_BLOCK + BLOCK]


def profile(bars: list[Bar]) -> tuple[float, float, float]:
    """(POC, VAH, VAL) of bars, by the core."""
    r, out = fresh_block(), [0.0] * 3
    for n, bar in enumerate(bars):
        remember(r, n % WINDOW, float(bar.open_time), bar.high, bar.low, bar.close, bar.volume)
    volume_profile(r, 0, [0.0] * BINS, out, 0)
    return out[0], out[1], out[2]


def histogram(bars: list[Bar]) -> tuple[list[float], float, float]:
    """(volume by bin, bottom, bin width): each bar's volume in proportion to the overlap."""
    bottom, top = min(b.low for b in bars), max(b.high for b in bars)
    width = (top - bottom) / 24
    volumes = []
    for k in range(24):
        low, high = bottom + k * width, bottom + (k + 1) * width
        total = 0.0
        for bar in bars:
            if bar.high == bar.low:
                at = min(23, int((bar.low - bottom) / width))
                total += bar.volume if at == k else 0.0
            else:
                overlap = max(0.0, min(high, bar.high) - max(low, bar.low))
                total += bar.volume * overlap / (bar.high - bar.low)
        volumes.append(total)
    return volumes, bottom, width


def area(volumes: list[float]) -> tuple[int, int, int]:
    """(point of control, highest, lowest bin of the value area), by the rules."""
    poc = max(range(24), key=lambda k: (volumes[k], -abs(2 * k - 23), -k))
    inside = {poc}
    while sum(volumes[k] for k in inside) < 0.7 * sum(volumes) and len(inside) < 24:
        up = [k for k in (max(inside) + 1, max(inside) + 2) if k < 24]
        down = [k for k in (min(inside) - 1, min(inside) - 2) if k >= 0]
        above, below = sum(volumes[k] for k in up), sum(volumes[k] for k in down)
        inside |= set(up if up and (above >= below or not down) else down)
    return poc, max(inside), min(inside)


@given(seed=st.integers(0, 10**6), step=st.sampled_from([1e-4, 3e-3]), calm=st.booleans())
@examples(40)
def test_it_is_the_overlap_of_bars_and_bins(seed: int, step: float, calm: bool) -> None:
    bars = walk(WINDOW, seed, WalkRegime(step=step, calm=0.3 * calm))
    volumes, bottom, width = histogram(bars)
    poc, highest, lowest = area(volumes)
    expected = (
        bottom + (poc + 0.5) * width,
        bottom + (highest + 1) * width,
        bottom + lowest * width,
    )
    assert profile(bars) == pytest.approx(expected, rel=1e-12)


@given(seed=st.integers(0, 10**6))
@examples(20)
def test_it_does_not_depend_on_the_order_of_the_bars_but_in_the_last_bits(seed: int) -> None:
    bars = walk(WINDOW, seed)
    mixed = random.Random(seed).sample(bars, len(bars))
    assert profile(mixed) == pytest.approx(profile(bars), rel=1e-9)


@given(seed=st.integers(0, 10**6))
@examples(20)
def test_its_levels_are_in_order_and_inside_the_range(seed: int) -> None:
    bars = walk(WINDOW, seed, WalkRegime(calm=0.2, dead=0.2))
    poc, high, low = profile(bars)
    bottom, top = min(b.low for b in bars), max(b.high for b in bars)
    assert bottom <= low < poc < high <= top * (1.0 + 1e-12)


def test_it_needs_a_full_window() -> None:
    assert all(isnan(x) for x in profile(walk(WINDOW - 1)))
    assert not any(isnan(x) for x in profile(walk(WINDOW)))


def test_only_the_last_bars_count() -> None:
    bars = walk(3 * WINDOW)
    assert profile(bars) == pytest.approx(profile(bars[-WINDOW:]), rel=1e-9)


def test_a_market_of_one_price_has_one_level() -> None:
    bars = walk(WINDOW, regime=WalkRegime(calm=1.0, jumps=0.0))
    assert profile(bars) == (bars[0].close,) * 3


@pytest.mark.parametrize("jumps", [0.0, 1.0])
def test_a_market_without_trades_has_none(jumps: float) -> None:
    bars = walk(WINDOW, regime=WalkRegime(dead=1.0, jumps=jumps))
    assert all(isnan(x) for x in profile(bars))


def test_of_equal_bins_the_nearest_to_the_middle_is_the_point_of_control() -> None:
    """One bar over the whole range: every bin holds the same."""
    r, out = fresh_block(), [nan] * 3
    for n in range(WINDOW):
        remember(r, n, float(n), 24.0, 0.0, 12.0, 24.0 if n == 0 else 0.0)
    volume_profile(r, 0, [0.0] * BINS, out, 0)
    # bins 11 and 12 are as near: the lower; then up to the top, and two pairs below: 17 of 24
    assert out == [11.5, 24.0, 7.0]


def test_two_bins_above_join_before_two_below_that_hold_the_same() -> None:
    bins = [0.0] * BINS
    bins[10] = 6.0
    bins[11] = bins[12] = bins[9] = bins[8] = 1.0
    assert value_area(bins, 10, 10.0) == (10, 12)
    bins[9] = 1.5
    assert value_area(bins, 10, 10.5) == (8, 10)
