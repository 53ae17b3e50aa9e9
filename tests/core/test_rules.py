"""The rules of a verdict, one by one."""

from collections.abc import Callable
from math import inf, isnan, nan
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from signalengine import rules
from signalengine.exits import levels
from signalengine.policy import default_policy
from signalengine.rules import (
    BOTH,
    CODE,
    COOL_SIZE,
    LAST_SCORED,
    LONG_COVERAGE,
    LONG_SCORE,
    LONG_UNTIL,
    NEITHER,
    OUT_SIZE,
    SHORT_COVERAGE,
    SHORT_SCORE,
    SHORT_UNTIL,
    SIDE,
    SL,
    TP,
    UNTIL,
    blend,
    choose,
    cool_down,
    coverage,
    gate,
    protect,
    score,
    stop_fill,
    touched,
)
from signalengine.verdicts import BELOW_TICK, EMITTED, MODEL_VETO, PROTECTED, TIE

from .markets import policy_with

P = default_policy().numbers


def emitted(side: float = 1.0) -> list[float]:
    row = [0.0] * OUT_SIZE
    row[CODE], row[SIDE] = EMITTED, side
    return row


@pytest.mark.parametrize(
    ("low", "high", "which"),
    [(99.0, 101.0, NEITHER), (99.0, 110.0, TP), (90.0, 101.0, SL), (90.0, 110.0, BOTH)],
)
def test_touching_a_level_counts(low: float, high: float, which: int) -> None:
    assert touched(1.0, 110.0, 90.0, low, high) == which
    assert touched(-1.0, 200.0 - 110.0, 200.0 - 90.0, 200.0 - high, 200.0 - low) == which


def test_a_gap_past_the_stop_fills_at_the_open() -> None:
    assert (stop_fill(1.0, 90.0, 95.0), stop_fill(1.0, 90.0, 85.0)) == (90.0, 85.0)
    assert (stop_fill(-1.0, 110.0, 105.0), stop_fill(-1.0, 110.0, 115.0)) == (110.0, 115.0)


@pytest.mark.parametrize(("side", "veto"), [(1.0, EMITTED), (-1.0, MODEL_VETO)])
def test_a_gate_looks_at_the_side_that_would_be_emitted(side: float, veto: int) -> None:
    row = emitted(side)
    gate(row, 0.7, 0.3, 0.5)
    assert row[CODE] == veto


@pytest.mark.parametrize("refuse", [lambda row: gate(row, 0.0, 0.0, 0.5), protect])
def test_only_what_would_be_emitted_is_refused(refuse: Callable[[list[float]], None]) -> None:
    row = [0.0] * OUT_SIZE
    row[CODE] = TIE
    refuse(row)
    assert row[CODE] == TIE


def test_a_protection_refuses() -> None:
    row = emitted()
    protect(row)
    assert row[CODE] == PROTECTED


@pytest.mark.parametrize(
    ("side", "last", "tick", "code"),
    [
        (1.0, 1.4, 0.01, EMITTED),
        (1.0, 1.31, 0.1, BELOW_TICK),  # both targets at 1.4
        (1.0, 1.41, 0.1, EMITTED),
        (-1.0, 0.05, 0.1, BELOW_TICK),  # the last at 0
        (-1.0, 0.15, 0.1, EMITTED),
    ],
)
def test_each_target_is_a_price_of_its_own_on_the_tick(
    side: float, last: float, tick: float, code: int
) -> None:
    exits, out = [0.0] * levels.EXITS_SIZE, emitted(side)
    levels.clear(exits)
    levels.stop(exits, 1.0 - side * 0.5)
    levels.target(exits, 0, 1.0 + side * 0.305, 0.5)
    levels.last_target(exits, 1, last)
    levels.expire(exits, 60.0)
    out[LONG_COVERAGE] = out[SHORT_COVERAGE] = out[LONG_SCORE] = out[SHORT_SCORE] = 1.0
    assert choose(1e12, side, False, 1.0, tick, exits, [0.0] * COOL_SIZE, P, out) == code


def test_a_blend_is_a_weighted_mean_to_six_decimals() -> None:
    row = emitted()
    row[LONG_SCORE], row[SHORT_SCORE] = 0.4, 0.2
    blend(row, 1.0, 1.0 / 3.0, 0.5)
    assert (row[LONG_SCORE], row[SHORT_SCORE]) == (0.7, 0.266667)


@pytest.mark.parametrize("side", [1.0, -1.0, 0.0])
def test_a_signal_starts_the_cooldown_of_its_own_side(side: float) -> None:
    policy, cool = default_policy(), [0.0] * COOL_SIZE
    cool_down(cool, 1e6, side, policy.numbers)
    assert cool[LAST_SCORED] == 1e6
    assert cool[UNTIL] == (1e6 + policy.cooldown_ms if side else 0.0)
    assert cool[LONG_UNTIL] == (1e6 + policy.rearm_ms if side > 0.0 else 0.0)
    assert cool[SHORT_UNTIL] == (1e6 + policy.rearm_ms if side < 0.0 else 0.0)


def test_an_older_close_never_moves_the_cooldown_back() -> None:
    cool = [2e6, 0.0, 0.0, 0.0]
    cool_down(cool, 1e6, 0.0, default_policy().numbers)
    assert cool[LAST_SCORED] == 2e6


# --- the score ------------------------------------------------------------------------------------

PARTS = st.lists(st.none() | st.floats(0.0, 1.0), min_size=7, max_size=7)
WEIGHTS = (0.2, 0.15, 0.15, 0.1, 0.15, 0.15, 0.1)


def parts_of(values: list[float | None]) -> list[float]:
    return [nan if value is None else value for value in values]


@given(PARTS)
def test_the_score_is_the_mean_over_what_is_known(values: list[float | None]) -> None:
    known = [(w, x) for w, x in zip(WEIGHTS, values, strict=True) if x is not None]
    weight = sum(w for w, _ in known)
    expected = sum(w * x for w, x in known) / weight if known else 0.0
    result = score(parts_of(values), P)
    assert result == pytest.approx(expected, abs=5.1e-7)
    assert 0.0 <= result <= 1.0
    assert coverage(parts_of(values), P) == pytest.approx(weight, abs=1e-9)


@given(PARTS, st.integers(0, 6))
def test_a_missing_component_is_not_a_zero(values: list[float | None], k: int) -> None:
    """Leaving a component out raises the score of a direction that the others back."""
    missing, zero = list(values), list(values)
    missing[k], zero[k] = None, 0.0
    with_zero, without = score(parts_of(zero), P), score(parts_of(missing), P)
    assert without >= with_zero
    known = [x for n, x in enumerate(values) if n != k and x is not None]
    assert without > with_zero or sum(known) < 1e-4


@given(PARTS, st.integers(0, 6), st.floats(0.0, 1.0))
def test_a_higher_component_never_lowers_the_score(
    values: list[float | None], k: int, more: float
) -> None:
    louder = list(values)
    if values[k] is None:
        return
    louder[k] = max(more, values[k] or 0.0)
    assert score(parts_of(louder), P) >= score(parts_of(values), P)


@pytest.mark.parametrize("value", [0.0, 0.25, 0.5, 1.0])
def test_equal_components_give_their_own_value(value: float) -> None:
    assert score([value] * 7, P) == value
    assert score([value, nan, value, nan, nan, value, nan], P) == value


def test_without_data_the_score_is_zero() -> None:
    assert score([nan] * 7, P) == 0.0
    assert coverage([nan] * 7, P) == 0.0


def test_klines_alone_cover_enough() -> None:
    """Without OI and liquidations 0.70 of the weights remain, in a young session 0.60."""
    assert coverage([1.0, nan, 1.0, 1.0, nan, 1.0, 1.0], P) == 0.7
    assert coverage([1.0, nan, 1.0, nan, nan, 1.0, 1.0], P) == 0.6 == default_policy().coverage


def test_weights_are_the_policys() -> None:
    only: dict[str, Any] = dict.fromkeys(
        ("trend", "liquidation", "volatility", "vwap", "oi", "structure"), 0.0
    )
    numbers = policy_with(weights={**only, "event": 1.0}).numbers
    assert score([0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.8], numbers) == 0.8
    assert coverage([nan] * 6 + [0.1], numbers) == 1.0


def test_components_are_clipped_and_what_is_missing_stays_missing() -> None:
    out = [0.0] * OUT_SIZE

    rules.score_side([5.0, -1.0, inf, nan, nan, nan, nan], 1.0, P, out)

    assert out[rules.LONG_PARTS : rules.LONG_PARTS + 3] == [1.0, 0.0, 1.0]
    assert out[LONG_SCORE] <= 1.0
    assert isnan(out[rules.LONG_PARTS + 3])
