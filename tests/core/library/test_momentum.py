"""Momentum where nothing moves, moves one way, or begins at zero."""

import numpy as np
import pytest

from .samples import Bars, closes, value


def test_a_market_that_never_moved_is_neither_strong_nor_weak() -> None:
    assert value("rsi", closes(*[7.0] * 20), 14.0)[14:] == [50.0] * 6


@pytest.mark.parametrize(("step", "end"), [(0.37, 100.0), (-0.37, 0.0)])
def test_a_market_that_only_went_one_way_is_at_the_end_of_the_rsi(step: float, end: float) -> None:
    bars = closes(*(500.0 + step * n for n in range(40)))
    assert value("rsi", bars, 14.0)[14:] == [end] * 26


def test_a_rate_of_change_is_in_percent_and_of_zero_unknown() -> None:
    found = value("roc", closes(0.0, 4.0, 5.0, 3.0), 1.0)
    assert np.isnan(found[:2]).all()
    assert found[2:] == [25.0, -40.0]


def tied(*typical: tuple[float, float, float]) -> Bars:
    """Bars of given high, low and close."""
    high, low, close = np.array(typical).T
    return {**closes(*close), "high": high, "low": low}


def test_a_typical_price_that_stayed_has_no_distance() -> None:
    """The sums are equal; the last bit of their thirds is not."""
    bars = tied((49970.7, 49963.6, 49965.4), (49967.4, 49966.1, 49966.2))
    typical = (bars["high"] + bars["low"] + bars["close"]) / 3.0
    assert typical[0] != typical[1]
    assert value("cci", bars, 2.0)[-1] == 0.0
    assert value("cci", closes(5.0, 5.0, 5.0), 3.0)[-1] == 0.0
