"""What visitors can cost where everyone may read."""

import pytest
from signalengine_aws.costs import public
from signalengine_aws.costs.prices import PRICES, Unit

LIMIT_USD_A_DAY = 5.0


@pytest.mark.parametrize("symbols", [3, 20, 500])
def test_visitors_cannot_cost_more_than_the_limit(symbols: int) -> None:
    document = public.exposure(symbols)
    assert 0 < document["usd_a_day"] < LIMIT_USD_A_DAY
    assert sum(document["by_part"].values()) == pytest.approx(document["usd_a_day"], abs=0.06)


def test_pings_agree_with_a_calculation_by_hand() -> None:
    messages = 2 * 1.25e-6
    function = 0.20e-6 + 11 * 1.769 / 1000 * 13.3334e-6 + 550 / 2**30 * 0.793
    assert public.public_day(20)["WebSocket, ping"] == pytest.approx(86_400 * (messages + function))


def test_every_route_of_both_apis_has_a_price() -> None:
    assert set(public.SOCKET_RATES) == set(public.PER_CALL)
    assert set(public.HTTP_RATES) == set(public.PER_REQUEST)


def test_an_answer_costs_its_time_and_its_size() -> None:
    second = 1_000 * PRICES[Unit.READ].each + 0.5 * PRICES[Unit.GB_S].each
    assert public.request_usd(2, 0) == pytest.approx(2 * second)
    assert public.request_usd(0, 2**30) == PRICES[Unit.EGRESS_GB].each
