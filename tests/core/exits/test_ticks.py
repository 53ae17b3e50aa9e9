"""Prices on ticks, against decimal arithmetic."""

import json
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from fractions import Fraction
from math import inf, isnan, nan
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st
from signalengine.exchanges.binance.contracts import parse_universe
from signalengine.exits.ticks import MOST_TICKS, on_tick, scale_of

from tests.core.exchanges.binance.test_messages import REST_0708, needs
from tests.examples import examples

POWERS: Final = [f"1e{k}" for k in range(-10, 5)]
FIVES: Final = [f"5e{k}" for k in range(-10, 5)]
OTHERS: Final = ["0.25", "2.5", "0.0002", "0.03", "1.25", "40"]
TICKS = st.sampled_from([float(text) for text in (*POWERS, *FIVES, *OTHERS)])
SIDES = st.sampled_from([1.0, -1.0])
NEAR: Final = Fraction(2, 1_000_000)
"""Ticks from a multiple within which a level may go to it: the rule's own, and what floats add."""


def decimal(tick: float) -> Decimal:
    return Decimal(repr(tick))


def multiple(count: int, tick: float) -> float:
    """The float nearest to that many ticks."""
    return float(count * decimal(tick))


def exactly(level: float, side: float, tick: float) -> float:
    """The next multiple of the tick in exact arithmetic."""
    counted = Fraction(level) / Fraction(decimal(tick))
    whole = -(-counted.numerator // counted.denominator) if side > 0.0 else counted // 1
    return multiple(int(whole), tick)


@given(tick=TICKS, count=st.integers(1, 2**31 - 1), side=SIDES)
@examples(300)
def test_a_price_on_the_tick_is_left_as_it_is(tick: float, count: int, side: float) -> None:
    price = multiple(count, tick)
    assert on_tick(price, side, tick) == price
    assert on_tick(on_tick(price * 1.0000001, side, tick), side, tick) == on_tick(
        price * 1.0000001, side, tick
    )


@given(tick=TICKS, count=st.floats(0.01, 2e9), side=SIDES)
@examples(300)
def test_a_level_goes_to_the_next_tick_on_its_side(tick: float, count: float, side: float) -> None:
    level = count * tick
    found, units = on_tick(level, side, tick), Fraction(decimal(tick))
    assert Fraction(Decimal(repr(found))) % units == 0, "it is printed as a multiple of the tick"
    counted = Fraction(level) / units
    if abs(counted - round(counted)) > NEAR:
        assert found == exactly(level, side, tick)
    else:
        assert found in (multiple(round(counted), tick), exactly(level, side, tick))


@given(tick=TICKS, count=st.integers(1, 10**6), side=SIDES, ulps=st.integers(-8, 8))
@examples(100)
def test_noise_of_the_arithmetic_costs_no_tick(
    tick: float, count: int, side: float, ulps: int
) -> None:
    price = multiple(count, tick)
    assert on_tick(price * (1.0 + ulps * 2.0**-52), side, tick) == price


@given(tick=TICKS, level=st.floats(-1e6, 1e6), side=SIDES)
def test_upside_down_it_is_the_same(tick: float, level: float, side: float) -> None:
    assert on_tick(-level, -side, tick) == -on_tick(level, side, tick)


@given(tick=TICKS, one=st.floats(0.0, 1e5), other=st.floats(0.0, 1e5), side=SIDES)
def test_of_two_levels_the_higher_stays_the_higher(
    tick: float, one: float, other: float, side: float
) -> None:
    low, high = sorted((one, other))
    assert on_tick(low, side, tick) <= on_tick(high, side, tick)


@pytest.mark.parametrize(
    ("level", "side", "tick", "price"),
    [
        (64186.32906486727, 1.0, 0.1, 64186.4),
        (64186.32906486727, -1.0, 0.1, 64186.3),
        (0.1 + 0.2, 1.0, 0.1, 0.3),
        (0.011234567, 1.0, 1e-7, 0.0112346),
        (101.0, -1.0, 0.5, 101.0),
        (1234.0, 1.0, 5.0, 1235.0),
        (1234.0, -1.0, 10.0, 1230.0),
        (0.05, -1.0, 0.1, 0.0),
    ],
)
def test_ticks_of_real_contracts(level: float, side: float, tick: float, price: float) -> None:
    assert on_tick(level, side, tick) == price


@pytest.mark.parametrize("tick", [nan, 0.0, -0.1, inf, 1.0 / 3.0, 1e-300])
def test_without_a_tick_a_level_is_left_as_it_is(tick: float) -> None:
    assert on_tick(64186.32906486727, 1.0, tick) == 64186.32906486727


@pytest.mark.parametrize("level", [inf, -inf, 0.1 * MOST_TICKS * 1.01])
def test_a_level_of_too_many_ticks_is_left_as_it_is(level: float) -> None:
    assert on_tick(level, 1.0, 0.1) == level
    assert isnan(on_tick(nan, 1.0, 0.1))


@pytest.mark.parametrize(
    ("tick", "scale"), [(0.1, 10.0), (1e-7, 1e7), (0.25, 100.0), (5.0, 1.0), (10.0, 1.0)]
)
def test_the_scale_makes_a_tick_whole(tick: float, scale: float) -> None:
    assert scale_of(tick) == scale


@needs(REST_0708 / "fapi-v1-exchangeInfo.json")
def test_every_tick_that_the_exchange_lists_is_exact() -> None:
    listed = json.loads((REST_0708 / "fapi-v1-exchangeInfo.json").read_text())
    sizes = parse_universe(listed).tick_sizes
    assert len(sizes) == len(listed["symbols"])
    for tick in set(sizes.values()):
        for count in (1, 7, 333, 98_765, 1_234_567):
            between = (count + 0.37) * tick
            up, down = (
                float((Decimal(between) / decimal(tick)).quantize(Decimal(1), way) * decimal(tick))
                for way in (ROUND_CEILING, ROUND_FLOOR)
            )
            assert (on_tick(between, 1.0, tick), on_tick(between, -1.0, tick)) == (up, down)
            assert on_tick(multiple(count, tick), 1.0, tick) == multiple(count, tick)
