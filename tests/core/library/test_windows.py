"""The last values of a series, wherever the seam of the ring is."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from signalengine.library.windows import (
    after,
    before,
    distances,
    highest,
    lowest,
    mean,
    push,
    size_of,
    squares,
    window_slots,
)
from signalengine.slots import Slots

from tests.examples import examples


def window(most: int, values: list[float]) -> list[float]:
    slots = Slots()
    assert window_slots(slots, "x", most) == 0
    s = [slot.fresh for slot in slots.defined for _ in range(slot.count)]
    assert after(s, 0) == len(s)
    for x in values:
        push(s, 0, x)
    return s


@given(
    most=st.integers(1, 9),
    values=st.lists(st.integers(-50, 50).map(float), min_size=1, max_size=30),
    size=st.integers(1, 9),
)
@examples(60)
def test_it_has_the_last_values(most: int, values: list[float], size: int) -> None:
    s = window(most, values)
    if size > min(most, len(values)):
        assert size_of(s, 0, float(size)) == 0
        return
    assert size_of(s, 0, float(size)) == size
    last = values[-size:]
    middle = float(np.mean(last))
    assert [before(s, 0, back) for back in range(size)] == last[::-1]
    assert (highest(s, 0, size), lowest(s, 0, size)) == (max(last), min(last))
    assert mean(s, 0, size) == pytest.approx(middle, abs=1e-12)
    assert squares(s, 0, size, middle) == pytest.approx(np.var(last) * size, abs=1e-9)
    expected = sum(abs(x - middle) for x in last)
    assert distances(s, 0, size, middle) == pytest.approx(expected, abs=1e-9)


def test_equal_values_have_their_own_mean_and_no_distance() -> None:
    s = window(60, [0.1] * 60)
    assert mean(s, 0, 60) == 0.1
    assert squares(s, 0, 60, 0.1) == 0.0
