"""The rules of a verdict, one by one."""

from collections.abc import Callable
from math import nan

import pytest
from signalengine.indicators import ATR_14, PRICE
from signalengine.params import ATR_FEATURE, NUMBERS, SL_ATR, TP_ATR
from signalengine.policy import default_policy
from signalengine.rules import (
    BOTH,
    CODE,
    COOL_SIZE,
    EMITTED,
    LAST_SCORED,
    LONG_SCORE,
    LONG_UNTIL,
    MODEL_VETO,
    NEITHER,
    OUT_SIZE,
    PROTECTED,
    SHORT_SCORE,
    SHORT_UNTIL,
    SIDE,
    SL,
    TIE,
    TP,
    UNTIL,
    blend,
    cool_down,
    gate,
    in_range,
    levels,
    protect,
    reach,
    stop_fill,
    stop_loss,
    take_profit,
    touched,
    tradable,
)
from signalengine.snapshot import SIZE


def market(price: float, atr: float) -> tuple[list[float], list[float]]:
    """A snapshot and numbers with TP at two ATRs and SL at one."""
    f, p = [nan] * SIZE, [0.0] * NUMBERS.end
    f[PRICE], f[ATR_14] = price, atr
    p[ATR_FEATURE], p[TP_ATR], p[SL_ATR] = float(ATR_14), 2.0, 1.0
    return f, p


def emitted(side: float = 1.0) -> list[float]:
    row = [0.0] * OUT_SIZE
    row[CODE], row[SIDE] = EMITTED, side
    return row


@pytest.mark.parametrize(("side", "levels"), [(1.0, (104.0, 98.0)), (-1.0, (96.0, 102.0))])
def test_levels_lie_on_their_sides_of_the_entry(side: float, levels: tuple[float, float]) -> None:
    f, p = market(100.0, 2.0)
    assert (take_profit(f, side, p), stop_loss(f, side, p)) == levels
    assert in_range(f, side, p)
    assert reach(f, p) == pytest.approx(0.04)


@pytest.mark.parametrize(
    ("side", "tick", "on_ticks"),
    [
        (1.0, 0.5, (103.5, 98.5)),
        (-1.0, 0.5, (96.5, 101.5)),
        (1.0, 5.0, (105.0, 100.0)),
        (-1.0, 5.0, (95.0, 100.0)),
        (1.0, nan, (103.2, 98.4)),
        (-1.0, nan, (96.8, 101.6)),
    ],
)
def test_tp_goes_away_from_the_entry_and_sl_towards_it(
    side: float, tick: float, on_ticks: tuple[float, float]
) -> None:
    f, p = market(100.0, 1.6)
    assert levels(f, side, tick, p) == pytest.approx(on_ticks)
    assert tradable(f, side, tick, p) == (on_ticks[1] != 100.0)
    assert in_range(f, side, p)


@pytest.mark.parametrize(
    ("side", "price", "atr", "tick"),
    [
        (1.0, 100.0, 0.3, 0.5),  # SL would be the entry
        (-1.0, 100.0, 0.3, 0.5),
        (1.0, 100.3, 0.2, 0.5),  # the entry is not on the tick: SL would be on its other side
        (-1.0, 100.2, 0.1, 0.5),
        (1.0, 100.0, 2e-8, 0.5),  # TP would be the entry
        (-1.0, 100.0, 2e-8, 0.5),
        (-1.0, 8.0, 3.5, 5.0),  # TP would be zero
    ],
)
def test_a_level_that_the_tick_takes_to_the_entry_is_not_tradable(
    side: float, price: float, atr: float, tick: float
) -> None:
    f, p = market(price, atr)
    assert in_range(f, side, p)
    assert not tradable(f, side, tick, p)
    assert tradable(f, side, nan, p)


@pytest.mark.parametrize("atr", [60.0, 0.0, 1e-20])
def test_a_short_needs_levels_that_are_prices(atr: float) -> None:
    f, p = market(100.0, atr)
    assert not in_range(f, -1.0, p)


def test_without_an_atr_nothing_is_in_reach() -> None:
    f, p = market(100.0, nan)
    assert reach(f, p) == 0.0


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
