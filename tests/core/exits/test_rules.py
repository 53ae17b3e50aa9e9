"""One bar at a time: what fills, which stop applies next, and what ends a position."""

from math import nan

import pytest
from hypothesis import given
from hypothesis import strategies as st
from signalengine.exits import levels, rules
from signalengine.exits.forms import row_of
from signalengine.exits.rules import (
    AMBIGUOUS,
    AT_STOP,
    AT_TARGET,
    BEST,
    EXIT,
    EXPIRED,
    FILLED,
    LEFT,
    OPEN,
    POSITION_SIZE,
    REACHED,
    REST,
    STOP_NOW,
)

from tests.core.samples import several
from tests.examples import examples

Row = list[float]


def position(side: float = 1.0) -> tuple[Row, Row]:
    """Targets at 102 (0.4) and 104 (0.3), the stop at 98, break-even, trailing by 2 after one."""
    x, w = [0.0] * levels.EXITS_SIZE, [nan] * POSITION_SIZE
    levels.clear(x)
    levels.stop(x, 100.0 - 2.0 * side)
    levels.target(x, 0, 100.0 + 2.0 * side, 0.4)
    levels.target(x, 1, 100.0 + 4.0 * side, 0.3)
    levels.break_even(x)
    levels.trail(x, 2.0, 1.0)
    levels.expire(x, 60.0)
    rules.enter(x, 100.0, w)
    return x, w


def fold(
    x: Row,
    w: Row,
    prices: tuple[float, float, float, float],
    side: float = 1.0,
    last: bool = False,
    leave: bool = False,
) -> int:
    """Fold a bar of a long's prices; for a short they are mirrored around 100."""
    o, h, lo, c = (100.0 + side * (price - 100.0) for price in prices)
    high, low = max(h, lo), min(h, lo)
    return rules.fold_bar(x, side, 100.0, 7.0, o, high, low, c, last, leave, w)


@pytest.mark.parametrize("side", [1.0, -1.0])
def test_a_position_from_its_opening_to_its_end(side: float) -> None:
    x, w = position(side)
    assert (w[STOP_NOW], w[REST], w[FILLED]) == (100.0 - 2.0 * side, 10_000.0, 0.0)
    assert fold(x, w, (100.0, 101.9, 98.1, 101.0), side) == OPEN
    assert w[STOP_NOW] == 100.0 - 2.0 * side
    assert fold(x, w, (101.0, 102.6, 100.5, 102.0), side) == OPEN
    assert (w[FILLED], w[REST], w[REACHED]) == (1.0, 6_000.0, 7.0)
    assert w[STOP_NOW] == 100.0 + 0.5 * side
    assert fold(x, w, (102.0, 104.0, 101.0, 103.0), side) == OPEN
    assert (w[FILLED], w[REST], w[STOP_NOW]) == (2.0, 3_000.0, 100.0 + 2.0 * side)
    assert fold(x, w, (103.0, 109.0, 102.5, 103.0), side) == OPEN
    assert w[STOP_NOW] == 100.0 + 7.0 * side
    assert fold(x, w, (103.0, 103.5, 102.0, 103.0), side) == AT_STOP
    assert w[EXIT] == 100.0 + 3.0 * side
    assert w[AMBIGUOUS] == 0.0


def test_the_stop_moves_to_the_entry_from_the_bar_after_the_target_on() -> None:
    x, w = position()
    x[levels.TRAIL] = nan
    assert fold(x, w, (100.0, 102.0, 99.0, 101.0)) == OPEN  # below the entry, above the stop
    assert w[STOP_NOW] == 100.0
    assert fold(x, w, (101.0, 101.0, 100.0, 101.0)) == AT_STOP
    assert w[EXIT] == 100.0


def test_a_bar_that_reaches_a_target_and_the_stop_is_a_stop() -> None:
    x, w = position()
    assert fold(x, w, (100.0, 105.0, 97.0, 101.0)) == AT_STOP
    assert (w[EXIT], w[AMBIGUOUS], w[FILLED], w[REST]) == (98.0, 1.0, 0.0, 10_000.0)


def test_targets_of_one_bar_fill_in_order_and_the_last_one_ends_it() -> None:
    x, w = position()
    levels.last_target(x, 1, 104.0)
    assert fold(x, w, (100.0, 105.0, 99.0, 101.0)) == AT_TARGET
    assert (w[EXIT], w[FILLED], w[REST]) == (104.0, 2.0, 0.0)


def test_four_targets_leave_a_rest_that_only_the_stop_or_the_clock_ends() -> None:
    x, w = position()
    for k in range(4):
        levels.target(x, k, 102.0 + k, 0.2)
    assert fold(x, w, (100.0, 200.0, 99.0, 150.0)) == OPEN
    assert (w[FILLED], w[REST]) == (4.0, 2_000.0)
    assert fold(x, w, (199.0, 300.0, 199.0, 250.0), last=True) == EXPIRED
    assert w[EXIT] == 250.0


def test_levels_come_before_the_close_and_expiry_before_leaving() -> None:
    for last, leave, code in ((True, False, EXPIRED), (False, True, LEFT), (True, True, EXPIRED)):
        x, w = position()
        assert fold(x, w, (100.0, 101.0, 97.5, 99.0), last=last, leave=leave) == AT_STOP
        x, w = position()
        assert fold(x, w, (100.0, 102.5, 99.0, 101.5), last=last, leave=leave) == code
        assert (w[EXIT], w[FILLED], w[REST]) == (101.5, 1.0, 6_000.0)


def test_the_trailing_stop_follows_whole_steps() -> None:
    x, _ = position()
    bests = (100.0, 100.49, 100.5, 100.99, 101.0, 110.3)
    found = [rules.trailing_stop(x, 1.0, 100.0, best) for best in bests]
    assert found == [98.0, 98.0, 98.5, 98.5, 99.0, 108.0]


@pytest.mark.parametrize(("side", "level"), [(1.0, 101.1), (-1.0, 98.9)])
def test_a_moved_stop_is_on_the_tick_towards_the_market(side: float, level: float) -> None:
    x, _ = position(side)
    levels.trail_in_steps(x, 2.0, 0.77, 0.0)
    levels.put_on_tick(x, side, 0.1)
    best = 100.0 + side * 3.3  # four steps: 3.08, and 2 behind: 1.08
    assert rules.trailing_stop(x, side, 100.0, best) == level


def test_a_step_of_decimal_prices_counts_when_it_is_reached() -> None:
    """0.3 / 0.1 is below 3 in binary."""
    x, _ = position()
    levels.trail_in_steps(x, 0.2, 0.1, 0.0)
    assert (100.3 - 100.0) / 0.1 < 3.0
    assert rules.trailing_stop(x, 1.0, 100.0, 100.3) == pytest.approx(100.1)


@given(st.integers(0, 10**6), st.sampled_from([1, -1]), st.lists(st.integers(-24, 24), min_size=1))
@examples(60)
def test_a_stop_never_moves_away_from_the_market(seed: int, side: int, walk: list[int]) -> None:
    x, w = row_of(several(seed, side)), [0.0] * POSITION_SIZE
    rules.enter(x, 100.0, w)
    at = 100.0
    for move in walk:
        before, at = (w[STOP_NOW], w[BEST], w[REST]), at + move / 8
        if rules.fold_bar(x, side, 100.0, 0.0, at, at + 0.5, at - 0.5, at, False, False, w):
            break
        assert side * (w[STOP_NOW] - before[0]) >= 0.0
        assert side * (w[BEST] - before[1]) >= 0.0
        assert w[REST] <= before[2]
