"""Channels of three lines, and what a breakout compares with."""

import numpy as np
import pytest
from signalengine.library.channels import (
    CHANNEL_LOWER,
    CHANNEL_UPPER,
    donchian_slots,
    fold_donchian,
)
from signalengine.slots import Slots

from .samples import closes, random_bars, values


@pytest.mark.parametrize(
    ("name", "periods"),
    [("bollinger", (20.0, 2.0)), ("keltner", (20.0, 10.0, 2.0)), ("donchian", (20.0,))],
)
def test_the_lines_are_in_order_around_the_middle(name: str, periods: tuple[float, ...]) -> None:
    upper, middle, lower = values(name, random_bars(80), *periods)[20:].T
    assert (upper > middle).all()
    assert np.allclose(upper - middle, middle - lower, rtol=1e-9)


def test_a_flat_market_has_no_width() -> None:
    for name in ("bollinger", "keltner"):
        assert values(name, closes(*[0.5] * 40))[-1].tolist() == [0.5] * 3


def test_a_channel_of_no_width_is_known_where_its_middle_is() -> None:
    upper, middle, lower = values("bollinger", random_bars(40), 20.0, 0.0)[19:].T
    assert upper.tolist() == middle.tolist() == lower.tolist()


def test_a_breakout_is_past_the_channel_before_it() -> None:
    """The channel has the newest bar in it: no high is above it, one was above the last."""
    slots = Slots()
    at = donchian_slots(slots, "channel", 3)
    s = [slot.fresh for slot in slots.defined for _ in range(slot.count)]
    for high in (10.0, 11.0, 10.5):
        fold_donchian(s, at, high, high - 1.0, 3.0)
    assert 12.0 > s[at + CHANNEL_UPPER] == 11.0
    assert fold_donchian(s, at, 12.0, 9.8, 3.0) == (12.0 + 9.5) / 2.0
    assert (s[at + CHANNEL_UPPER], s[at + CHANNEL_LOWER]) == (12.0, 9.5)
