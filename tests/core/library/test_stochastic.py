"""The place of the close in its range."""

import numpy as np

from .samples import closes, random_bars, values


def test_the_ends_of_the_range_are_0_and_100() -> None:
    rising = values("stochastic", closes(1.0, 2.0, 3.0), 2.0, 1.0, 1.0)
    falling = values("stochastic", closes(3.0, 2.0, 1.0), 2.0, 1.0, 1.0)
    assert rising[1:].tolist() == [[100.0, 100.0]] * 2
    assert falling[1:].tolist() == [[0.0, 0.0]] * 2


def test_a_range_of_zero_is_its_middle() -> None:
    assert values("stochastic", closes(*[9.0] * 20), 14.0, 3.0, 3.0)[-1].tolist() == [50.0, 50.0]


def test_an_average_longer_than_its_window_has_no_value() -> None:
    bars = random_bars(200)
    assert np.isnan(values("stochastic", bars, 14.0, 11.0, 3.0)).all()
    assert np.isnan(values("stochastic", bars, 14.0, 3.0, 11.0)).all()
