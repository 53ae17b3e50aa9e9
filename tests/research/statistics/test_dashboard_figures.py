"""The figures of the performance page against SciPy and NumPy, which compute them otherwise."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from signalengine.stats.calibration import rising
from signalengine.stats.excursions import SHARES
from signalengine.stats.ratios import MIN_SIGNALS, quantile, wilson

SCORED = st.lists(
    st.tuples(st.integers(50, 100), st.booleans()), min_size=MIN_SIGNALS, max_size=200
)


@given(st.integers(1, 5_000), st.data())
def test_intervals_of_win_rates(n, data):
    wins = data.draw(st.integers(0, n))
    known = stats.binomtest(wins, n).proportion_ci(method="wilson")
    assert wilson(wins, n) == pytest.approx((known.low, known.high), abs=1e-9)


@given(SCORED)
def test_the_trend_of_win_rates_is_a_correlation(rows):
    """The statistic of Cochran and Armitage is √N times the correlation of score and result."""
    scores, won = [score / 100 for score, _ in rows], [one for _, one in rows]
    found = rising(scores, won)
    if len(set(scores)) == 1 or len(set(won)) == 1:
        assert found is None
        return
    z = stats.pearsonr(scores, np.array(won, float)).statistic * np.sqrt(len(rows))
    assert found == pytest.approx((z, 2 * stats.norm.sf(abs(z))), rel=1e-6, abs=1e-9)


@given(st.lists(st.integers(-(10**7), 10**7), min_size=1, max_size=80))
def test_quantiles_of_excursions(values):
    floats = [value / 1e6 for value in values]
    known = [np.quantile(floats, share, method="inverted_cdf") for share in SHARES]
    assert [quantile(floats, share) for share in SHARES] == known
