"""One more set in shadow: what it costs by the model, which a played market confirms elsewhere."""

import re
from dataclasses import replace

import pytest
from signalengine_aws.costs.bill import month, usd
from signalengine_aws.costs.prices import Unit
from signalengine_aws.costs.sets import (
    DAILY,
    QUARTERLY,
    SetRates,
    checkpoints_a_minute,
    registry_usd,
    shadow_units,
    shadow_usd,
)
from signalengine_aws.costs.usage import RECORDED

from tests.paths import ROOT

PAGE = (ROOT / "docs" / "strategy-sets.md").read_text(encoding="utf-8")
ROW = re.compile(r"^\| (20|500) symbols \| \$([\d.]+) \| \$([\d.]+) \|", re.MULTILINE)


def test_the_page_has_what_a_set_costs_a_month() -> None:
    rows = {int(n): (float(daily), float(often)) for n, daily, often in ROW.findall(PAGE)}
    assert rows == {
        n: (round(shadow_usd(DAILY, n), 2), round(shadow_usd(QUARTERLY, n), 2)) for n in (20, 500)
    }


def test_a_set_of_days_costs_little_of_what_the_stack_costs() -> None:
    for symbols in (20, 500):
        stack = usd(month(symbols, RECORDED))
        assert 0 < shadow_usd(DAILY, symbols) < 0.05 * stack
        assert shadow_usd(DAILY, symbols) < shadow_usd(QUARTERLY, symbols) < 0.25 * stack


@pytest.mark.parametrize("rates", [DAILY, QUARTERLY])
def test_a_set_that_does_more_costs_more(rates: SetRates) -> None:
    base = shadow_usd(rates, 100)
    for name, more in (
        ("entries_a_day", rates.entries_a_day * 2),
        ("opened_a_day", rates.opened_a_day * 2),
        ("folds_minutes", 1),
        ("state_bytes", 5_000),
    ):
        assert shadow_usd(replace(rates, **{name: more}), 100) > base, name
    assert shadow_usd(rates, 200) > base


def test_checkpoints_are_once_in_fifteen_minutes_or_less_often() -> None:
    assert checkpoints_a_minute(replace(DAILY, folds_minutes=1), 15) == 1
    assert checkpoints_a_minute(QUARTERLY, 15) == 1
    assert checkpoints_a_minute(DAILY, 1_440) == 1
    quiet = replace(QUARTERLY, entries_a_day=0.0, opened_a_day=0.0)
    assert shadow_units(quiet, 15, hours=1)[Unit.WRITE] == 60


def test_without_sets_the_registry_costs_some_cents() -> None:
    assert 0.01 < registry_usd() < 0.03
