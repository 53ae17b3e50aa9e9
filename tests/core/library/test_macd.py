"""The three values of a MACD."""

import numpy as np

from .samples import random_bars, same, values


def test_all_begin_together_and_the_histogram_is_their_distance() -> None:
    found = values("macd", random_bars(80), 12.0, 26.0, 9.0)
    assert np.isnan(found[:33]).all()
    line, signal, histogram = found[33:].T
    assert same(histogram, line - signal)


def test_the_longer_average_is_the_slow_one() -> None:
    bars = random_bars(80)
    assert same(values("macd", bars, 26.0, 12.0, 9.0), values("macd", bars, 12.0, 26.0, 9.0))
