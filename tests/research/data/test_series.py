"""Steps: the newest value at each time, never one from later."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from research.data.errors import DataError
from research.data.series import Liquidations, Steps, hours_apart
from tests.research.data.recordings import MINUTE, START, market


@given(
    st.dictionaries(st.integers(0, 50), st.floats(0.1, 9.0), max_size=8),
    st.lists(st.integers(-5, 60), min_size=1, max_size=20),
    st.one_of(st.none(), st.integers(0, 20)),
)
def test_as_of_is_the_newest_value_not_younger_and_not_too_old(known, times, age):
    found = Steps.of(known.items()).as_of(np.array(times, dtype=np.int64), age)
    for time, value in zip(times, found, strict=True):
        before = [t for t in known if t <= time and (age is None or time - t <= age)]
        expected = known[max(before)] if before else np.nan
        assert value == expected or (np.isnan(value) and np.isnan(expected))


def test_hours_between_payments_are_those_since_the_one_before():
    paid = Steps.of([(START + hours * 60 * MINUTE, 0.0001) for hours in (0, 8, 12, 16, 40, 41)])
    apart = hours_apart(paid)  # a day without payments is a hole in the record
    assert [(t - START) // (60 * MINUTE) for t in apart.time.tolist()] == [8, 12, 16, 41]
    assert apart.value.tolist() == [8.0, 4.0, 4.0, 1.0]
    soon = Steps.of([(START, 0.1), (START + MINUTE, 0.1)])
    known = replace(market(2), funding=soon).beside()
    assert np.isnan(known["funding_hours"]).all()


def test_steps_refuse_what_no_series_is():
    with pytest.raises(DataError, match="must ascend"):
        Steps(np.array([2, 1]), np.array([1.0, 2.0]))
    with pytest.raises(DataError, match="not finite"):
        Steps(np.array([1, 2]), np.array([1.0, np.nan]))
    with pytest.raises(DataError, match="different lengths"):
        Liquidations(np.array([1]), np.array([1.0, 2.0]), np.array([1.0]))
