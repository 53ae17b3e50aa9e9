"""The slope of a line is the line's."""

import numpy as np

from .samples import closes, value


def test_a_line_has_its_slope() -> None:
    bars = closes(*(7.0 + 0.25 * n for n in range(40)))
    for period in (2.0, 5.0, 20.0):
        assert value("slope", bars, period)[int(period) - 1 :] == [0.25] * (41 - int(period))


def test_one_value_has_no_slope() -> None:
    assert np.isnan(value("slope", closes(1.0, 2.0, 3.0), 1.0)).all()
