"""What a strategy costs is counted from bars and closes."""

import pytest

from research.strategies.cost import Cost, cost_of

from .texts import bars, subject


def test_a_day_has_its_folds_and_decisions() -> None:
    cost = Cost({"1m": 2.0, "1h": 10.0}, 5.0, 100, "1h")

    assert cost.us_a_day == 1440 * 2.0 + 24 * 10.0 + 24 * 5.0
    assert cost.us_a_bar == cost.us_a_day / 1464
    assert cost.ms_a_month == pytest.approx(cost.us_a_day * 730 / 24 / 1000)
    assert Cost({}, 5.0, 100, "1h").us_a_bar == 5.0


def test_a_measured_cost_has_every_part() -> None:
    cost = cost_of(subject(), bars())

    assert list(cost.fold_us) == ["1h"]
    assert cost.fold_us["1h"] > 0.0
    assert cost.decision_us > 0.0
    assert cost.numbers == subject().strategy.size
