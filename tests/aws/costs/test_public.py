"""What visitors can cost where everyone may read."""

import pytest
from signalengine_aws.api.responses import SHARED_S
from signalengine_aws.costs import public
from signalengine_aws.costs.front import ANSWERS, OVERVIEW_H
from signalengine_aws.costs.prices import PRICES, Unit

LIMIT_USD_A_DAY = 5.0


@pytest.mark.parametrize("symbols", [3, 20, 500])
def test_visitors_cannot_cost_more_than_the_limit(symbols: int) -> None:
    document = public.exposure(symbols)
    assert 0 < document["usd_a_day"] < LIMIT_USD_A_DAY
    assert sum(document["by_part"].values()) == pytest.approx(document["usd_a_day"], abs=0.06)


def test_the_budget_suffices_for_fifty_dashboards_that_watch_all_the_time() -> None:
    """CloudFront passes each of their answers on once in SHARED_S, however many watch."""
    watching = 50
    made = min(ANSWERS * 3_600 / SHARED_S, watching * OVERVIEW_H)
    second, size = 0.1, 20_000
    assert made * public.request_usd(second, size) <= public.ANSWERS_USD / 24
    assert made / 3_600 <= public.HTTP_RATES["$default"]
    pings, connections = watching / 240, watching / 6_000
    assert pings <= public.SOCKET_RATES["ping"]
    assert connections <= min(public.SOCKET_RATES["$connect"], public.SOCKET_RATES["resume"])
    assert watching < public.CONNECTIONS


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
