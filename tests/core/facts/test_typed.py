"""Reading JSON into dataclasses: a value of another type is refused where it is read."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from signalengine.decisions import decide
from signalengine.facts.typed import typed
from signalengine.policy import default_policy
from signalengine.signals import (
    Evaluation,
    Outcome,
    Settlement,
    Signal,
    decision_from_json,
    evaluation_from_dict,
    evaluation_from_json,
    signal_from_json,
    to_json,
)

from tests.core.samples import evaluation, signal

END: dict[str, Any] = {
    "closed_at": 1, "exit_price": 1.5, "gross_return": 1, "cost": 2, "funding": 3, "net_return": 4,
    "resolution": "bar", "ambiguous": False, "bars_held": 5, "mfe": 6, "mae": 7, "next_open": None,
}  # fmt: skip


def test_what_was_stored_is_read_as_it_was() -> None:
    one, close = signal(), evaluation()
    decision = decide(close, None, default_policy(), "test").decision
    assert signal_from_json(to_json(one)) == one
    assert evaluation_from_json(to_json(close)) == close
    assert decision_from_json(to_json(decision)) == decision


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("closed_at", True), ("closed_at", 1.0), ("exit_price", "1"), ("exit_price", None),
        ("exit_price", float("inf")), ("resolution", "guess"), ("resolution", []),
        ("ambiguous", 1), ("next_open", "x"), ("mae", {}),
    ],
)  # fmt: skip
def test_a_value_of_another_type_is_named(name: str, value: Any) -> None:
    with pytest.raises(TypeError, match=f"Settlement.{name}"):
        typed(Settlement, END | {name: value}, outcome=Outcome.EXPIRED)


def test_unknown_fields_are_passed_over_and_needed_ones_named() -> None:
    found = typed(Settlement, END | {"unheard": 1}, outcome=Outcome.EXPIRED)
    assert (found.mae, found.touched_at) == (7, None)
    with pytest.raises(TypeError, match="mfe"):
        typed(Settlement, {k: v for k, v in END.items() if k != "mfe"}, outcome=Outcome.EXPIRED)
    with pytest.raises(TypeError, match=r"Signal\.components"):
        signal_from_json(json.dumps(json.loads(to_json(signal())) | {"components": {"oi": "x"}}))
    assert isinstance(signal_from_json(to_json(signal())), Signal)


@given(st.data())
def test_a_missing_feature_is_unknown_and_the_close_is_decided(data: st.DataObject) -> None:
    raw = json.loads(to_json(evaluation()))
    features = raw["features"]
    removed = data.draw(st.sampled_from(["15m", "1h", *features["1m"], "context"]))
    if removed in features:
        del features[removed]
    elif removed == "context":
        raw["context"] = {}
    else:
        del features["1m"][removed]
    if removed == "close":
        with pytest.raises(KeyError):
            evaluation_from_dict(raw)
        return
    close: Evaluation = evaluation_from_dict(raw)
    known = decide(evaluation(), None, default_policy(), "test").decision
    assert decide(close, None, default_policy(), "test").decision.price == known.price
