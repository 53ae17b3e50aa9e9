"""What watching costs: apart, and below its limit."""

from math import isclose

from signalengine_aws.costs.bill import month, usd
from signalengine_aws.costs.prices import HOURS_A_MONTH, PRICES, Unit
from signalengine_aws.costs.report import planned
from signalengine_aws.costs.usage import RECORDED
from signalengine_aws.costs.watching import PER_HOUR, watching_usd


def test_watching_stays_below_its_limit() -> None:
    """Two dollars a month, for everything that the stack does not need to run."""
    assert 0.5 < watching_usd() <= 2.0


def test_it_grows_with_time_and_agrees_with_a_calculation_by_hand() -> None:
    assert isclose(watching_usd(2), 2 * watching_usd(1))
    probes = 12 * HOURS_A_MONTH
    assert isclose(PER_HOUR[Unit.SCHEDULE] * HOURS_A_MONTH, probes)
    lambda_usd = probes * (7 * 0.20e-6 + (7 * 0.25 + 0.1475) * PRICES[Unit.GB_S].each)
    others = probes * (0.625e-6 + 1.25e-6 + 4 * 1.25e-6 + 0.3125e-6 + 1.29e-6 + 3e-6)
    tables_and_logs = probes * (5 * 0.7135e-6 + 16 * 0.1425e-6 + 7 * 550 / 1024**3 * 0.793)
    by_hand = 0.30 + lambda_usd + others + tables_and_logs
    assert isclose(watching_usd(), by_hand, rel_tol=1e-6)


def test_a_plan_has_it_beside_the_sum() -> None:
    (row,) = planned(20)["months"]
    assert row["watching_usd"] == round(watching_usd(), 2)
    assert row["usd"] == round(usd(month(20, RECORDED)), 2)
