"""The document of a check: recordings, and the cost of a month by the prices of the cost model."""

import pytest
from signalengine.strategy.finding import Finding

from infra.cli.strategies.checking import document
from research.strategies.check import Checked, Recorded
from research.strategies.cost import Cost
from research.strategies.failure import Failure


def test_what_was_found_is_in_the_document() -> None:
    cost = Cost({"1h": 20.0}, 5.0, 83, "1h")
    found = Checked(
        (Failure("enters", Finding(3, "no entry", "try more"), True),),
        ("allow-list", "enters"), None, (Recorded("BTCUSDT", 10.0, 240, 12),), cost,
    )  # fmt: skip

    made = document(found, "mine.py", {"BTCUSDT": (30, 12.0)})

    assert made["strategy"] == "mine"
    assert made["holds"]
    assert made["failures"] == [
        {"law": "enters", "line": 3, "text": "no entry", "fix": "try more", "warning": True}
    ]
    assert made["recorded"] == [
        {"symbol": "BTCUSDT", "days": 10.0, "closes": 240, "entries": 12, "signals_a_day": 2.5}
    ]
    # 25 µs an hour, 730 hours, 20 symbols, 1.769 GB, $13.3334 for a million GB seconds
    expected = 25e-6 * 730 * 20 * 1.769 * 13.3334e-6
    assert made["cost"]["lambda_usd_a_month"] == pytest.approx(expected, abs=1e-6)
    assert made["cost"]["us_a_bar"] == 25.0


def test_a_file_that_does_not_load_has_no_cost() -> None:
    made = document(
        Checked((Failure("allow-list", Finding(1, "x", "y")),), ("allow-list",)), "a.py"
    )

    assert (made["holds"], made["digest"], made["cost"]) == (False, "", None)
