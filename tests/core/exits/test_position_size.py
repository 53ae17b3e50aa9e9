"""Laws of position sizes, and the vectors that the dashboard's form shares."""

import json
from dataclasses import asdict, replace
from math import inf, nan
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from signalengine.exits.position_size import (
    MAINTENANCE_RATE,
    MOST_LEVERAGE,
    SAFETY,
    Plan,
    PositionSizeError,
    leverage_cap,
    liquidation_price,
    loss_a_unit,
    position_size,
)

from tests.core.exits.test_ticks import TICKS, decimal
from tests.examples import examples

VECTORS: Final = Path(__file__).parent / "position_size_vectors.json"
CASES: Final[list[dict[str, Any]]] = json.loads(VECTORS.read_text(encoding="utf-8"))


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    entry = draw(st.floats(1e-6, 1e6))
    far = draw(st.floats(0.0005, 0.6))
    direction = draw(st.sampled_from(["long", "short"]))
    stop = entry * (1.0 - far if direction == "long" else 1.0 + far)
    account, risk = draw(st.floats(1.0, 1e7)), draw(st.floats(0.01, 100.0))
    lot = draw(st.none() | TICKS.filter(lambda lot: lot * entry * 1e12 > account))
    costs = draw(st.floats(0, 20)), draw(st.floats(0, 20))
    return Plan(account, risk, direction, entry, stop, *costs, lot)


@given(plans())
@examples(150)
def test_the_stop_never_loses_more_than_is_risked(plan: Plan) -> None:
    found = position_size(plan)
    risk = plan.account * plan.risk_pct / 100
    assert found.loss <= risk * (1 + 1e-12)
    assert found.loss == pytest.approx(found.quantity * loss_a_unit(plan))
    fee = found.notional * plan.fee_bps / 10_000
    assert found.margin + fee <= plan.account * (1 + 1e-12)
    if found.leverage > 1:
        less = found.notional / (found.leverage - 1)
        assert less + fee > plan.account * (1 - 1e-12)
    if not found.limited and plan.lot_size is None:
        assert found.loss == pytest.approx(risk)


@given(plans())
@examples(150)
def test_a_quantity_is_in_whole_lots_and_one_more_would_be_too_much(plan: Plan) -> None:
    assume(plan.lot_size is not None)
    assert plan.lot_size is not None
    found, exact = position_size(plan), position_size(replace(plan, lot_size=None))
    count = round(found.quantity / plan.lot_size)
    assert found.quantity == float(count * decimal(plan.lot_size))
    assert found.quantity <= exact.quantity
    assert (count + 1) * plan.lot_size > exact.quantity * (1 - 1e-9)


@given(plans())
@examples(150)
def test_liquidation_lies_beyond_the_stop_for_every_leverage_up_to_the_cap(plan: Plan) -> None:
    cap = leverage_cap(plan.direction, plan.entry, plan.stop)
    side = 1 if plan.direction == "long" else -1
    beyond = plan.stop - side * SAFETY * abs(plan.entry - plan.stop)
    for leverage in range(1, MOST_LEVERAGE + 1):
        price = liquidation_price(plan.direction, plan.entry, leverage)
        safe = price is None or side * (beyond - price) >= 0
        assert safe == (leverage <= cap)
    assert cap >= 1 or plan.direction == "short"
    assert position_size(plan).leverage <= max(1, cap)


@given(st.floats(1e-3, 1e5), st.integers(1, MOST_LEVERAGE), st.sampled_from(["long", "short"]))
def test_at_liquidation_what_is_left_is_the_maintenance_margin(
    entry: float, leverage: int, direction: str
) -> None:
    price = liquidation_price(direction, entry, leverage)
    if price is None:
        assert (direction, leverage) == ("long", 1)
        return
    side = 1 if direction == "long" else -1
    left = entry / leverage + side * (price - entry)
    assert left == pytest.approx(MAINTENANCE_RATE * price, rel=1e-9, abs=1e-9 * entry)


@given(plans(), st.floats(1.0, 3.0))
def test_more_account_more_risk_and_a_nearer_stop_never_mean_less(plan: Plan, more: float) -> None:
    base = position_size(plan).quantity
    slack = base * (1 - 1e-12)
    assert position_size(replace(plan, account=plan.account * more)).quantity >= slack
    riskier = replace(plan, risk_pct=min(100.0, plan.risk_pct * more))
    assert position_size(riskier).quantity >= slack
    nearer = plan.entry + (plan.stop - plan.entry) / more
    assume(nearer != plan.entry)
    assert position_size(replace(plan, stop=nearer)).quantity >= slack
    assert leverage_cap(plan.direction, plan.entry, nearer) >= leverage_cap(
        plan.direction, plan.entry, plan.stop
    )


@given(plans())
def test_a_mirrored_plan_has_the_same_size_where_the_margin_is_enough(plan: Plan) -> None:
    other = "short" if plan.direction == "long" else "long"
    mirrored = replace(plan, direction=other, stop=2 * plan.entry - plan.stop, lot_size=None)
    assume(mirrored.stop > 0)
    one, two = position_size(replace(plan, lot_size=None)), position_size(mirrored)
    assume(not (one.limited or two.limited))
    assert one.quantity == pytest.approx(two.quantity, rel=1e-9)
    assert one.loss == pytest.approx(two.loss, rel=1e-9)


def test_a_given_leverage_is_used_and_refused_beyond_the_cap() -> None:
    plan = Plan(1_000, 1, "long", 100.0, 99.0, 5, 2)
    cap = leverage_cap("long", 100.0, 99.0)
    assert position_size(replace(plan, leverage=cap)).leverage == cap
    with pytest.raises(PositionSizeError, match=f"{cap} at most"):
        position_size(replace(plan, leverage=cap + 1))


@pytest.mark.parametrize(
    "change",
    [
        {"account": 0.0}, {"account": nan}, {"account": inf}, {"risk_pct": 0.0},
        {"risk_pct": 100.1}, {"entry": 0.0}, {"stop": 100.0}, {"stop": 101.0}, {"stop": -1.0},
        {"direction": "up"}, {"fee_bps": -1.0}, {"lot_size": 0.0}, {"lot_size": nan},
        {"leverage": 0}, {"leverage": 126}, {"lot_size": 1e-14, "account": 1e15},
    ],
)  # fmt: skip
def test_what_is_no_plan_is_refused_with_the_reason(change: dict[str, Any]) -> None:
    with pytest.raises(PositionSizeError):
        position_size(replace(Plan(1_000, 1, "long", 100.0, 99.0, 5, 2), **change))


@pytest.mark.parametrize("change", [{"account": 2e15}, {"entry": 2e15}])
def test_a_number_above_the_bound_is_told_the_bound(change: dict[str, Any]) -> None:
    with pytest.raises(PositionSizeError, match="at most 1e15"):
        position_size(replace(Plan(1_000, 1, "short", 100.0, 101.0, 5, 2), **change))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_the_shared_vectors_are_these_numbers(case: dict[str, Any]) -> None:
    """The same file is read by `web/tests/values/position_size.test.ts`."""
    assert asdict(position_size(Plan(**case["plan"]))) == case["size"]
