"""What CloudFront costs: apart, and with watching below the limit of both."""

import re
from math import isclose
from pathlib import Path

from signalengine_aws.costs.front import ANSWERS, OVERVIEW_H, front_usd
from signalengine_aws.costs.prices import HOURS_A_MONTH, PRICES, Unit
from signalengine_aws.costs.report import planned
from signalengine_aws.costs.watching import watching_usd

ROOT = Path(__file__).parents[3]
FREE_REQUESTS = 10_000_000
FREE_RUNS = 2_000_000
"""Of CloudFront and of its functions, a month, for every account."""


def test_it_agrees_with_a_calculation_by_hand_and_grows_with_time() -> None:
    requests = 480 * 730
    assert isclose(OVERVIEW_H * HOURS_A_MONTH, requests)
    assert isclose(front_usd(), requests * (0.012 / 10_000 + 0.10 / 1e6))
    assert isclose(front_usd(2), 2 * front_usd(1))


def test_an_overview_asks_as_often_as_the_page_does() -> None:
    page = (ROOT / "web" / "src" / "pages" / "overview" / "page.tsx").read_text()
    every = {
        name: int(ms.replace("_", "")) / 1000
        for name, ms in re.findall(r"^const (\w*EVERY_MS) = ([\d_]+);$", page, re.MULTILINE)
    }
    used = re.findall(r"\b(\w*EVERY_MS)\b(?! =)", page)
    assert page.count("useResource(") == len(used)
    assert page.count("fetchDrawnEquity(") == 1
    used.append("EQUITY_EVERY_MS")  # of a young equity: its days, then its signals
    assert len(used) == ANSWERS
    assert isclose(sum(3600 / every[name] for name in used), OVERVIEW_H)


def test_what_the_stack_does_not_need_to_run_costs_at_most_two_dollars() -> None:
    """With a dashboard open night and day, at list prices."""
    assert front_usd() + watching_usd() <= 2.0


def test_five_such_dashboards_stay_without_a_charge() -> None:
    assert min(FREE_REQUESTS, FREE_RUNS) >= 5 * OVERVIEW_H * HOURS_A_MONTH


def test_a_plan_has_it_beside_the_sum() -> None:
    (row,) = planned(20)["months"]
    assert row["front_usd"] == round(front_usd(), 2)
    assert {PRICES[unit].service for unit in (Unit.FRONT_REQUEST, Unit.FRONT_FUNCTION)} == {
        "CloudFront"
    }
