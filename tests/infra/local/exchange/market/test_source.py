"""Values that change at known times, and sizes of liquidations."""

from infra.local.exchange.market.source import Liquidation, Steps


def test_a_value_holds_from_its_time_until_the_next() -> None:
    steps = Steps()
    for time, value in ((10, 1.0), (20, 2.0)):
        steps.append(time, value)
    assert [steps.as_of(time) for time in (9, 10, 19, 20, 99)] == [None, 1.0, 1.0, 2.0, 2.0]


def test_only_periods_with_a_change_are_stamped() -> None:
    steps = Steps()
    for time, value in ((10, 1.0), (14, 2.0), (31, 3.0)):
        steps.append(time, value)
    assert list(steps.stamped(0, 50, 10)) == [(10, 1.0), (20, 2.0), (40, 3.0)]
    assert list(Steps().stamped(0, 50, 10)) == []


def test_a_liquidation_has_a_size_in_usd() -> None:
    assert Liquidation(0, "BTCUSDT", "SELL", 50_000.0, 0.2).size_usd == 10_000.0
