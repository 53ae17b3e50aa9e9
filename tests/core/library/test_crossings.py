"""Crossings of two values, and the bars since something."""

from math import isnan, nan

from signalengine.library.crossings import (
    bars_since_slots,
    crossed_slots,
    fold_bars_since,
    fold_crossed,
)
from signalengine.slots import Slots


def crossings(*pairs: tuple[float, float]) -> list[float]:
    slots = Slots()
    at = crossed_slots(slots, "cross")
    s = [slot.fresh for slot in slots.defined]
    return [fold_crossed(s, at, a, b) for a, b in pairs]


def test_a_crossing_is_at_one_bar() -> None:
    assert crossings((1.0, 2.0), (3.0, 2.0), (4.0, 2.0), (1.0, 2.0)) == [0.0, 1.0, 0.0, -1.0]


def test_a_touch_is_no_crossing() -> None:
    touched = crossings((1.0, 2.0), (2.0, 2.0), (1.0, 2.0), (2.0, 2.0), (3.0, 2.0))
    assert touched == [0.0, 0.0, 0.0, 0.0, 1.0]


def test_what_is_not_known_crosses_nothing() -> None:
    found = crossings((1.0, 2.0), (nan, 2.0), (3.0, nan), (3.0, 2.0))
    assert isnan(found[1])
    assert isnan(found[2])
    assert found[3] == 1.0


def test_bars_are_counted_from_the_last_time() -> None:
    slots = Slots()
    at = bars_since_slots(slots, "since")
    s = [slot.fresh for slot in slots.defined]
    found = [fold_bars_since(s, at, x) for x in (False, True, False, False, True)]
    assert isnan(found[0])
    assert found[1:] == [0.0, 1.0, 2.0, 0.0]
