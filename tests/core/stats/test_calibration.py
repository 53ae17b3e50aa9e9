"""Win rates by score are counted rightly, and a trend is the one of Cochran and Armitage."""

from math import sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st
from signalengine.stats.calibration import BUCKETS, calibration, rising
from signalengine.stats.ratios import wilson

from tests.core.stats.closed import closed

SCORES = st.integers(0, 1_000_000).map(lambda n: n / 1_000_000)
ROWS = st.lists(st.tuples(SCORES, st.booleans()), max_size=60)


def test_a_score_on_an_edge_is_in_the_bucket_above() -> None:
    scores = [0.5, 0.549999, 0.55, 0.6, 0.15, 0.3, 0.7, 1.0]
    found = calibration([closed(score=score) for score in scores])["buckets"]
    assert [(row["from"], row["n"]) for row in found] == [
        (0.15, 1), (0.3, 1), (0.5, 2), (0.55, 1), (0.6, 1), (0.7, 1), (0.95, 1),
    ]  # fmt: skip
    assert all(row["to"] == pytest.approx(row["from"] + 1 / BUCKETS) for row in found)


def test_a_trend_by_hand() -> None:
    """40 signals: of those of score 0.5, 5 of 20 won; of those of 0.6, 15 of 20.

    z = 20·0.1·(0.75 − 0.25)/2 / √(¼ · 40·0.05²) = √10, and its two-sided p is 0.001565.
    """
    scores = [0.5] * 20 + [0.6] * 20
    won = [n < 5 for n in range(20)] + [n < 15 for n in range(20)]
    found = rising(scores, won)
    assert found is not None
    assert found[0] == pytest.approx(sqrt(10))
    assert found[1] == pytest.approx(0.001565, abs=1e-6)
    assert rising(scores[:29], won[:29]) is None
    assert rising([0.5] * 40, won) is None
    assert rising(scores, [True] * 40) is None


@given(ROWS)
def test_the_buckets_hold_every_signal_whose_score_is_known(rows: list[tuple[float, bool]]) -> None:
    signals = [closed(score=score, net_return=1 if won else -1) for score, won in rows]
    found = calibration([*signals, closed(score=None)])
    assert (found["n"], found["without"]) == (len(rows), 1)
    assert sum(row["n"] for row in found["buckets"]) == len(rows)
    assert sum(row["wins"] for row in found["buckets"]) == sum(won for _, won in rows)
    for row in found["buckets"]:
        assert row["from"] - 1e-9 <= row["avg_score"] <= row["to"] + 1e-9
        assert (row["win_rate_low"], row["win_rate_high"]) == wilson(row["wins"], row["n"])
    assert found["win_rate"] == (sum(won for _, won in rows) / len(rows) if rows else None)


def test_the_interval_is_of_the_signals_whose_score_is_known() -> None:
    rows = [closed(score=0.62), closed(score=0.63, net_return=-1), *[closed(score=None)] * 8]
    found = calibration(rows)
    assert (found["n"], found["without"], found["win_rate"]) == (2, 8, 0.5)
    assert (found["win_rate_low"], found["win_rate_high"]) == wilson(1, 2)
