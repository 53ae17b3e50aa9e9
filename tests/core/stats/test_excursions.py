"""Excursions are in R and in percent, of winners and losers apart."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from signalengine.signals import RETURN_SCALE
from signalengine.stats.excursions import MOST_POINTS, SHARES, excursions

from tests.core.stats.closed import closed


def test_excursions_by_hand() -> None:
    """A risk of 1 %: +2 % is 2 R. The quantiles are the smallest values that a share is up to."""
    won = [closed(mfe=n * 1_000_000, mae=-100_000 * n, net_return=1) for n in range(1, 5)]
    lost = closed(mfe=500_000, mae=-1_000_000, net_return=-1)
    found = excursions([*won, lost, closed(mfe=None), closed(risk=0.0)])
    assert (found["n"], found["without"]) == (5, 2)
    assert (found["won"]["n"], found["lost"]["n"]) == (4, 1)
    assert found["won"]["mfe_r"] == pytest.approx([1.0, 1.0, 2.0, 3.0, 4.0])
    assert found["won"]["mae_r"] == pytest.approx([-0.4, -0.4, -0.3, -0.2, -0.1])
    assert found["won"]["mfe_pct"] == pytest.approx([1.0, 1.0, 2.0, 3.0, 4.0])
    assert found["lost"]["mae_pct"] == [-1.0] * len(SHARES)
    assert found["target_r"] == pytest.approx(2.0)
    assert found["targets_r"] == pytest.approx([2.0, 2.0])
    assert found["points"][-1]["mae_r"] == pytest.approx(-1.0)
    assert found["points"][-1]["net_pct"] == pytest.approx(-1 / RETURN_SCALE * 100)


def test_without_signals_there_are_no_quantiles() -> None:
    found = excursions([])
    assert (found["won"]["mfe_r"], found["target_r"], found["targets_r"]) == ([], None, [])


def test_only_the_newest_are_listed() -> None:
    found = excursions([closed(closed_at=n, mfe=n) for n in range(MOST_POINTS + 3)])
    assert len(found["points"]) == MOST_POINTS
    assert found["points"][0]["mfe_pct"] == pytest.approx(3 * 100 / RETURN_SCALE)


@given(st.lists(st.tuples(st.integers(0, 10**7), st.integers(-(10**7), 0)), min_size=1))
def test_quantiles_rise_and_are_within_what_was_seen(rows: list[tuple[int, int]]) -> None:
    found = excursions([closed(mfe=best, mae=worst, net_return=1) for best, worst in rows])
    for name, values in (("mfe_pct", [a for a, _ in rows]), ("mae_pct", [b for _, b in rows])):
        strip = found["won"][name]
        assert strip == sorted(strip)
        assert min(values) / 1e6 <= strip[0] + 1e-9
        assert strip[-1] - 1e-9 <= max(values) / 1e6
