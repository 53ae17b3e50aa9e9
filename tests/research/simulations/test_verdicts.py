"""A planted edge is shown, and none is shown where there is none."""

from collections import Counter

import pytest

from research.simulations.verdicts import COST_BPS, Rate, examined, lines, market


@pytest.mark.parametrize("seed", [0, 1])
def test_a_planted_edge_is_shown(seed: int) -> None:
    found = examined(48.0, seed)
    assert found.found.verdict == "shown"
    assert found.statement.startswith("Shown: ")
    assert all(one.holds for one in found.found.shown)


@pytest.mark.parametrize("edge", [0.0, COST_BPS])
def test_no_edge_is_not_shown(edge: float) -> None:
    assert examined(edge, 0).found.verdict == "no edge shown"


def test_the_market_is_the_same_for_the_same_seed() -> None:
    one, two = market(0.0, 3), market(0.0, 3)
    assert [table.close.tolist()[-5:] for table in one] == [t.close.tolist()[-5:] for t in two]
    assert {table.market for table in one} == {"simulated"}


def test_a_rate_is_given_with_its_interval() -> None:
    counted: Counter[str] = Counter({"shown": 3, "no edge shown": 1})
    share, low, high = Rate(36.0, counted, 40.0).share("shown")
    assert share == 0.75
    assert 0.0 < low < share < high < 1.0
    table = lines([Rate(36.0, counted, 40.0)])
    assert "| 36 | +24 | 40 | 75.0 % (" in table[-1]
    assert all(table[0].count("|") == line.count("|") for line in table)
