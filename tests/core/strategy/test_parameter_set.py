"""What every parameter set has."""

from signalengine.policy import default_policy
from signalengine.strategy.sets import set_of

from .texts import channel


def test_a_set_is_named_by_its_strategy_and_itself() -> None:
    assert default_policy().key == "classic"
    assert set_of(channel()).key == "channel"
    assert set_of(channel(), {"name": "fast"}).key == "channel@fast"


def test_a_round_trip_costs_fees_and_slippage_of_both_sides() -> None:
    assert set_of(channel()).round_trip == default_policy().round_trip == 0.0012
