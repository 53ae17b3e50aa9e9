"""The random markets: reproducible, aligned, and changed exactly."""

import pytest
from signalengine.intervals import INTERVAL_MS

from research.strategies.markets import (
    BEGIN,
    CENTRE,
    REFLECTED,
    REGIMES,
    Reflected,
    Scaled,
    changed,
    joined,
    market,
)

EVERYWHERE = (*REGIMES, REFLECTED)


@pytest.mark.parametrize("regime", EVERYWHERE, ids=lambda one: one.name)
def test_a_market_is_the_same_each_time_and_has_bars_that_can_be(regime: object) -> None:
    made = market(regime, ("5m", "1h"), {"5m": 40, "1h": 30}, 3, "1h")  # type: ignore[arg-type]
    again = market(regime, ("5m", "1h"), {"5m": 40, "1h": 30}, 3, "1h")  # type: ignore[arg-type]

    assert repr(made) == repr(again)
    assert [len(made.past[name]) for name in ("5m", "1h")] == [40, 30]
    for step in made.steps:
        for row in step.rows:
            at, o, h, lo, c, volume, _ = row.numbers
            assert h >= max(o, c)
            assert 0.0 < lo <= min(o, c)
            assert volume >= 0.0
            assert at + INTERVAL_MS[row.interval] == step.close_time


def test_the_past_ends_where_live_bars_begin() -> None:
    made = market(REGIMES[0], ("5m", "1h"), {"5m": 40, "1h": 30}, 3, "1h")

    assert {steps[-1].close_time for steps in made.past.values()} == {BEGIN}
    assert made.live[0].close_time == BEGIN + INTERVAL_MS["5m"]
    assert made.steps[0].rows[0].interval == "1h"  # the longest first
    assert len(made.warmed({"5m": 3}).past["5m"]) == 3
    assert made.warmed({"5m": 3}).past["1h"] == ()


def test_longer_bars_are_whole() -> None:
    made = market(REGIMES[4], ("5m", "1h"), {}, 3, "1h")
    five = {step.close_time: step.rows[0] for step in made.live}
    hours = [row for step in made.live for row in step.rows[1:]]

    assert 0 < len(hours) < len(five) // 12  # some have a hole
    for hour in hours:
        begin = int(hour.numbers[0])
        parts = [five[begin + (k + 1) * INTERVAL_MS["5m"]] for k in range(12)]
        assert repr(hour) == repr(joined("1h", parts))


def test_a_reflection_is_exact() -> None:
    made = market(REFLECTED, ("1h",), {"1h": 50}, 3, "1h")
    turned = changed(made, Reflected())

    for step, other in zip(made.steps, turned.steps, strict=True):
        for price, mirrored in zip(
            step.rows[0].numbers[1:5], other.rows[0].numbers[1:5], strict=True
        ):
            assert price * 4096 == int(price * 4096)
            assert 0.0 < mirrored < 2 * CENTRE
        assert other.rows[0].numbers[2] == 2 * CENTRE - step.rows[0].numbers[3]
    assert [s.rows[0].numbers[1:5] for s in changed(turned, Reflected()).steps] == [
        s.rows[0].numbers[1:5] for s in made.steps
    ]


def test_a_power_of_two_changes_no_digit() -> None:
    made = market(REGIMES[2], ("1h",), {"1h": 50}, 3, "1h")

    there_and_back = changed(changed(made, Scaled(8.0)), Scaled(0.125))

    assert repr(there_and_back) == repr(made)
