"""Latencies: quantiles, and their sum by simulation."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.local.capacity.hops import (
    OBJECTIVES_MS,
    Hop,
    Spread,
    between,
    hops,
    of,
    whole,
)

SHARES = st.floats(0.0, 1.0)


@given(SHARES, SHARES)
def test_a_higher_quantile_is_no_earlier(one: float, other: float) -> None:
    for hop in hops(500, "wild"):
        low, high = sorted((one, other))
        assert 0.0 <= hop.spread.at(low) <= hop.spread.at(high)


def test_a_spread_has_the_quantiles_it_was_given() -> None:
    found = of(10, 20, 40, 90)
    assert [found.at(share) for share in (0.1, 0.5, 0.9, 0.99)] == [10, 20, 40, 90]
    assert found.plus(5).at(0.5) == 25
    assert between(10, 30).at(0.25) == 15


def test_the_sum_of_one_even_hop_is_that_hop() -> None:
    half, most = whole([Hop("a", between(0, 1_000), "made up")], "websocket")
    assert (half, most) == (pytest.approx(500, abs=15), pytest.approx(950, abs=15))


def test_a_way_leaves_out_the_hops_of_the_other() -> None:
    constant = Spread(((0.0, 100.0), (1.0, 100.0)))
    parts = [Hop("a", constant, ""), Hop("b", constant, "", "websocket"),
             Hop("c", constant.plus(200), "", "telegram")]  # fmt: skip
    assert whole(parts, "websocket") == (200, 200)
    assert whole(parts, "telegram") == (400, 400)


def test_more_symbols_and_wilder_minutes_take_longer_and_the_objectives_hold() -> None:
    few, many = whole(hops(20), "websocket"), whole(hops(500), "websocket")
    wild = whole(hops(500, "wild"), "websocket")
    assert few < many < wild
    assert few[1] <= OBJECTIVES_MS[20]
    assert wild[1] <= OBJECTIVES_MS[500]
