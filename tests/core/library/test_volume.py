"""Volumes that weigh: at rises, at falls, and none at all."""

import numpy as np
import pytest

from .samples import closes, value
from .test_momentum import tied


def test_the_volume_goes_with_the_close() -> None:
    assert value("obv", closes(5.0, 6.0, 6.0, 4.0, volume=2.0)) == [2.0, 4.0, 4.0, 2.0]


def test_a_flow_one_way_is_at_the_end_of_the_mfi() -> None:
    assert value("mfi", closes(1.0, 2.0, 3.0), 2.0)[-1] == 100.0
    assert value("mfi", closes(3.0, 2.0, 1.0), 2.0)[-1] == 0.0


def test_no_flow_is_in_the_middle() -> None:
    assert value("mfi", closes(1.0, 2.0, 3.0, volume=0.0), 2.0)[-1] == 50.0
    assert value("mfi", closes(3.0, 3.0, 3.0), 2.0)[-1] == 50.0


def test_small_flows_count_too() -> None:
    assert value("mfi", closes(1.0, 2.0, 1.0, volume=1e-6), 2.0)[-1] == pytest.approx(200.0 / 3.0)


def test_a_typical_price_that_stayed_has_no_flow() -> None:
    """The sums are equal; the last bit of their thirds is not."""
    bars = tied((49970.7, 49963.6, 49965.4), (49967.4, 49966.1, 49966.2), (49980.0,) * 3)
    assert value("mfi", bars, 2.0)[-1] == 100.0
    assert value("mfi", bars, 1.0)[1] == 50.0


def test_nothing_traded_has_no_vwap() -> None:
    assert np.isnan(value("vwap", closes(1.0, 2.0, 3.0, volume=0.0), 2.0)).all()


def test_the_vwap_is_weighted() -> None:
    bars = {**closes(1.0, 2.0, 5.0), "volume": np.array([9.0, 3.0, 1.0])}
    assert value("vwap", bars, 2.0)[-1] == (2.0 * 3.0 + 5.0) / 4.0
