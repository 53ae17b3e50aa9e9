"""The level that follows the price, and turns."""

import numpy as np

from .samples import closes, joined, values

UP_AND_DOWN = (*(100.0 + n for n in range(20)), *(119.0 - 4.0 * n for n in range(12)))


def test_the_line_is_below_a_trend_up_and_only_rises() -> None:
    line, side = values("supertrend", closes(*UP_AND_DOWN), 3.0, 2.0).T
    up = side == 1.0
    assert up.any()
    assert (line[up] < np.array(UP_AND_DOWN)[up]).all()
    assert (np.diff(line[up]) >= 0.0).all()


def test_a_trend_begins_on_the_side_of_a_close_in_its_bar() -> None:
    """A close in the middle of its bar says nothing: there is no trend yet."""
    flat = closes(*[10.0] * 5)
    assert np.isnan(values("supertrend", flat, 3.0, 2.0)).all()
    for close, expected in ((10.5, 1.0), (9.5, -1.0)):
        last = closes(close)
        begun = {**last, "high": np.array([11.0]), "low": np.array([9.0])}
        line, side = values("supertrend", joined(flat, begun), 3.0, 2.0)[-1]
        assert (side, line < close) == (expected, expected > 0.0)


def test_a_close_past_the_line_turns_the_trend() -> None:
    line, side = values("supertrend", closes(*UP_AND_DOWN), 3.0, 2.0).T
    turned = 1 + int(np.flatnonzero((side[:-1] == 1.0) & (side[1:] == -1.0))[0])
    assert UP_AND_DOWN[turned] < line[turned - 1] <= UP_AND_DOWN[turned - 1]
    assert (side[turned:] == -1.0).all()
    assert (line[turned:] > np.array(UP_AND_DOWN)[turned:]).all()
