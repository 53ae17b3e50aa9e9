"""Averages whose seed begins at the first value, and their weights."""

import numpy as np
from signalengine.library.averages import ema_slots, fold_ema, fold_wilder, wilder_slots
from signalengine.slots import Slots

from .samples import closes, random_bars, value


def test_an_average_of_an_indicator_begins_with_its_first_value() -> None:
    slots = Slots()
    at = ema_slots(slots, "smooth")
    s = [slot.fresh for slot in slots.defined for _ in range(slot.count)]
    strengths = value("rsi", random_bars(60), 14.0)
    smooth = [fold_ema(s, at, x, 9.0) for x in strengths]
    known = [n for n, x in enumerate(smooth) if x == x]
    assert known[0] == 14 + 8
    assert smooth[22] == sum(strengths[14:23]) / 9.0


def test_weights_rise_to_the_newest() -> None:
    assert value("wma", closes(1.0, 2.0, 6.0), 3.0)[-1] == (1.0 + 4.0 + 18.0) / 6.0


def test_an_average_of_one_value_is_the_value() -> None:
    bars = random_bars(30)
    for name in ("sma", "ema", "wilder", "wma"):
        assert value(name, bars, 1.0) == bars["close"].tolist()


def test_a_period_that_is_not_whole_has_a_seed_too() -> None:
    """As many values as reach it; the seed is their mean."""
    for slots_of, fold in ((ema_slots, fold_ema), (wilder_slots, fold_wilder)):
        slots = Slots()
        at = slots_of(slots, "x")
        s = [0.0, 0.0]
        found = [fold(s, at, x, 2.5) for x in (1.0, 2.0, 6.0, 3.0)]
        assert np.isnan(found[:2]).all()
        assert found[2] == 3.0 == found[3]
