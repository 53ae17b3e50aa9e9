"""The rows that strategies write: their helpers, and which rows are refused and why."""

from collections.abc import Callable
from math import inf, nan

import pytest
from hypothesis import given
from hypothesis import strategies as st
from signalengine.exits import levels
from signalengine.exits.levels import (
    BAD_AFTER,
    BAD_FRACTION,
    BAD_ORDER,
    BAD_STEP,
    BAD_STOP,
    BAD_TARGET,
    BAD_TRAIL,
    BAD_TTL,
    EXITS_SIZE,
    FAULTS,
    FINE,
    FRACTION,
    STOP,
    TARGET,
    TRAIL,
    TRAIL_STEP,
    TTL_MINUTES,
)
from signalengine.verdicts import COST_TOO_HIGH, EMITTED, OUT_OF_RANGE

from tests.examples import examples

Row = list[float]
NEED = 0.0036


def row(side: float = 1.0) -> Row:
    """Two targets of a half at 102 and 104, the stop at 98, a trailing stop of 2 (mirrored)."""
    x = [0.0] * EXITS_SIZE
    levels.clear(x)
    levels.stop(x, 100.0 - side * 2.0)
    levels.target(x, 0, 100.0 + side * 2.0, 0.5)
    levels.last_target(x, 1, 100.0 + side * 4.0)
    levels.trail(x, 2.0, 1.0)
    levels.expire(x, 1440.0)
    return x


def changed(change: Callable[[Row], None], side: float = 1.0) -> Row:
    x = row(side)
    change(x)
    return x


@pytest.mark.parametrize("side", [1.0, -1.0])
def test_brackets_lie_on_both_sides_of_the_entry(side: float) -> None:
    x = [0.0] * EXITS_SIZE
    levels.clear(x)
    levels.bracket_atr(x, 100.0, side, 1.5, 4.0, 2.0)
    assert (x[TARGET], x[STOP]) == (100.0 + side * 6.0, 100.0 - side * 3.0)
    levels.bracket_pct(x, 200.0, side, 4.0, 2.0)
    assert (x[TARGET], x[STOP]) == (200.0 + side * 8.0, 200.0 - side * 4.0)
    levels.expire(x, 60.0)
    assert levels.fault(x, 200.0, side) == FINE
    assert levels.is_bracket(x)
    levels.break_even(x)
    assert not levels.is_bracket(x)


def test_a_stop_and_a_target_alone_are_a_bracket() -> None:
    x = [0.0] * EXITS_SIZE
    levels.clear(x)
    levels.expire(x, 60.0)
    x[STOP], x[TARGET] = 98.0, 104.0
    assert levels.fault(x, 100.0, 1.0) == FINE
    assert levels.is_bracket(x)


@given(st.lists(st.floats(0.001, 0.3), min_size=1, max_size=3))
@examples(40)
def test_a_last_target_takes_the_rest_to_the_part(fractions: list[float]) -> None:
    x = row()
    for k, fraction in enumerate(fractions):
        levels.target(x, k, 102.0 + k, fraction)
    levels.last_target(x, len(fractions), 110.0)
    assert sum(levels.parts(x, k) for k in range(len(fractions) + 1)) == levels.PARTS
    assert levels.fault(x, 100.0, 1.0) == FINE


def test_a_trailing_stop_moves_in_quarters_of_its_distance() -> None:
    x = row()
    assert levels.trail_step(x) == 0.5
    levels.trail_in_steps(x, 2.0, 1.0, 0.0)
    assert (levels.trail_step(x), levels.fault(x, 100.0, 1.0)) == (1.0, FINE)


WRONG: list[tuple[Callable[[Row], None], int]] = [
    (lambda x: levels.stop(x, nan), BAD_STOP),
    (lambda x: levels.stop(x, 100.0), BAD_STOP),
    (lambda x: levels.stop(x, 0.0), BAD_STOP),
    (lambda x: levels.stop(x, inf), BAD_STOP),
    (lambda x: levels.target(x, 0, inf, 0.5), BAD_TARGET),
    (lambda x: levels.target(x, 0, -1.0, 0.5), BAD_TARGET),
    (lambda x: levels.target(x, 0, nan, 0.5), BAD_TARGET),
    (lambda x: levels.target(x, 1, x[TARGET], 0.5), BAD_ORDER),
    (lambda x: levels.target(x, 1, 100.0, 0.5), BAD_ORDER),
    (lambda x: levels.target(x, 1, inf, 0.5), BAD_ORDER),
    (lambda x: levels.target(x, 3, x[TARGET + 1], 0.0), BAD_ORDER),
    (lambda x: levels.target(x, 0, x[TARGET], 0.0), BAD_FRACTION),
    (lambda x: levels.target(x, 0, x[TARGET], 1e-5), BAD_FRACTION),
    (lambda x: levels.target(x, 0, x[TARGET], 0.5001), BAD_FRACTION),
    (lambda x: levels.target(x, 0, x[TARGET], nan), BAD_FRACTION),
    (lambda x: levels.target(x, 0, x[TARGET], inf), BAD_FRACTION),
    (lambda x: levels.expire(x, nan), BAD_TTL),
    (lambda x: levels.expire(x, 0.0), BAD_TTL),
    (lambda x: levels.expire(x, 1.5), BAD_TTL),
    (lambda x: levels.expire(x, 43_201.0), BAD_TTL),
    (lambda x: levels.trail(x, 0.0, 0.0), BAD_TRAIL),
    (lambda x: levels.trail(x, 100.0, 0.0), BAD_TRAIL),
    (lambda x: levels.trail_in_steps(x, 2.0, 2.5, 0.0), BAD_STEP),
    (lambda x: levels.trail_in_steps(x, 2.0, 0.09, 0.0), BAD_STEP),
    (lambda x: levels.trail_in_steps(x, 2.0, -1.0, 0.0), BAD_STEP),
    (lambda x: levels.trail(x, 2.0, 3.0), BAD_AFTER),
    (lambda x: levels.trail(x, 2.0, 0.5), BAD_AFTER),
    (lambda x: levels.trail(x, 2.0, nan), BAD_AFTER),
]


@pytest.mark.parametrize("side", [1.0, -1.0])
@pytest.mark.parametrize(("change", "fault"), WRONG)
def test_a_row_with_a_fault_opens_nothing(
    change: Callable[[Row], None], fault: int, side: float
) -> None:
    assert levels.fault(row(side), 100.0, side) == FINE
    x = changed(change, side)
    assert levels.fault(x, 100.0, side) == fault
    assert FAULTS[fault]
    assert levels.verdict(x, 100.0, side, NEED) in (OUT_OF_RANGE, COST_TOO_HIGH)


def test_levels_of_the_other_direction_are_out_of_range() -> None:
    assert levels.verdict(row(-1.0), 100.0, 1.0, NEED) == OUT_OF_RANGE
    assert levels.verdict(row(1.0), 100.0, -1.0, NEED) == OUT_OF_RANGE


@pytest.mark.parametrize("side", [1.0, -1.0])
@pytest.mark.parametrize(
    ("first", "code"),
    [(2.0, EMITTED), (0.36, EMITTED), (0.359, COST_TOO_HIGH), (0.0, COST_TOO_HIGH),
     (nan, COST_TOO_HIGH), (-1.0, OUT_OF_RANGE)],
)  # fmt: skip
def test_the_first_target_must_pay_for_the_costs(first: float, code: int, side: float) -> None:
    x = changed(lambda x: levels.target(x, 0, 100.0 + side * first, 0.5), side)
    assert levels.verdict(x, 100.0, side, NEED - 1e-12) == code


def test_the_slots_do_not_overlap() -> None:
    marks = [float(k) for k in range(EXITS_SIZE)]
    x = list(marks)
    assert (x[STOP], x[TARGET + 3], x[FRACTION], x[FRACTION + 3]) == (0.0, 4.0, 5.0, 8.0)
    assert (x[TRAIL], x[TRAIL_STEP], x[TTL_MINUTES]) == (10.0, 11.0, 13.0)
