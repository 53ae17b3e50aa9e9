"""A model file: what is refused, how it is evaluated, and how a decision uses its probability."""

import json
import math
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from signalengine import rules
from signalengine.decisions import Decided, decide
from signalengine.errors import ModelError, PolicyError
from signalengine.models.model import Model, Tree, calibrated, load_model, probability, raw_score
from signalengine.policy import Policy, default_policy
from signalengine.signals import Verdict, decision_from_json, to_json
from signalengine.snapshot import SIZE

from ..markets import policy_with
from ..samples import evaluation

STUMP: dict[str, Any] = {
    "input": [0], "threshold": [0.5], "left": [-1], "right": [-2], "missing": [2],
    "leaf": [-1.0, 1.0],
}  # fmt: skip
FILE: dict[str, Any] = {
    "format": "signalengine-model", "version": 1, "name": "test", "predicts": "win",
    "inputs": ["side"], "trees": [STUMP], "calibration": [[-1.0, 0.2], [1.0, 0.7]], "about": {},
}  # fmt: skip
"""Gives longs 0.7 and shorts 0.2."""


def model(**changes: Any) -> Model:
    return load_model(json.dumps({**FILE, **changes}))


def policy(**ai: Any) -> Policy:
    return policy_with(ai={"model": model().digest, **ai})


def ruled(side: float, policy: Policy, model: Model | None) -> Decided:
    return decide(evaluation(side), None, policy, "test", model)


# --- trees and calibration ------------------------------------------------------------------------


def test_a_value_at_the_threshold_goes_left_and_nan_by_the_node() -> None:
    for missing, expected in ((0, -1.0), (1, -1.0), (2, 1.0)):
        tree = Tree((0,), (0.5,), (-1,), (-2,), (missing,), (-1.0, 1.0))
        assert raw_score([tree], [0.5]) == -1.0
        assert raw_score([tree], [0.6]) == 1.0
        assert raw_score([tree], [math.nan]) == expected
    below_zero = Tree((0,), (-0.5,), (-1,), (-2,), (0,), (-1.0, 1.0))
    assert raw_score([below_zero], [math.nan]) == 1.0


points = st.lists(
    st.tuples(st.floats(-5.0, 5.0), st.floats(0.0, 1.0)), min_size=2, max_size=9,
    unique_by=lambda pair: pair[0],
)  # fmt: skip


@given(points, st.lists(st.floats(-9.0, 9.0), min_size=2, max_size=9))
def test_a_calibration_never_falls_and_never_leaves_its_ends(
    pairs: list[tuple[float, float]], raws: list[float]
) -> None:
    ys = sorted(y for _, y in pairs)
    table = tuple(zip(sorted(x for x, _ in pairs), ys, strict=True))
    found = [calibrated(table, raw) for raw in sorted(raws)]
    assert all(ys[0] <= p <= ys[-1] + 1e-12 for p in found)
    assert all(b >= a - 1e-12 for a, b in pairwise(found))
    assert all(abs(calibrated(table, x) - y) < 1e-9 for x, y in table)


def test_one_that_predicts_the_direction_gives_the_short_what_is_left() -> None:
    m = model(predicts="direction", inputs=["rsi"])
    f, out = [80.0] * SIZE, [0.0] * rules.OUT_SIZE
    assert probability(m, f, 1.0, out) == 0.7
    assert probability(m, f, -1.0, out) == 0.3


# --- files ----------------------------------------------------------------------------------------


def broken(**changes: Any) -> dict[str, Any]:
    return {"trees": [{**STUMP, **changes}]}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"format": "other"}, "file"),
        ({"version": 2}, "version"),
        ({"more": 1}, "fields"),
        ({"predicts": "luck"}, "predicts"),
        ({"predicts": "direction"}, "side"),
        ({"inputs": ["pnl"]}, "pnl"),
        ({"trees": []}, "no trees"),
        ({"trees": [{}]}, "tree's fields"),
        (broken(input=[1]), "index"),
        (broken(threshold=["0.5"]), "number"),
        (broken(threshold=[1e400]), "number"),
        (broken(leaf=[0.0]), "fit"),
        (broken(left=[0]), "lead to its leaves"),
        (broken(left=[-3]), "lead to its leaves"),
        (broken(missing=[3]), "index"),
        ({"calibration": [[0.0, 0.5]]}, "two or more"),
        ({"calibration": [[0.0, 0.5], [0.0, 0.6]]}, "ascend"),
        ({"calibration": [[0.0, 0.5], [1.0, 0.4]]}, "ascend"),
        ({"calibration": [[0.0, 0.5], [1.0, 1.4]]}, "ascend"),
        ({"calibration": [[0.0, 0.5], [1.0, math.nan]]}, "number"),
        ({"about": None}, "about"),
    ],
)
def test_a_file_that_cannot_be_trusted_is_refused(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(ModelError, match=words):
        model(**changes)


@pytest.mark.parametrize("text", ["", "[]", "{", "[" * 100_000, '"x"'])
def test_what_is_no_model_is_refused(text: str) -> None:
    with pytest.raises(ModelError):
        load_model(text)


def test_the_digest_is_of_what_decides() -> None:
    same = model(name="another", about={"auc": 0.5})
    assert same.digest == model().digest
    assert model(calibration=[[-1.0, 0.2], [1.0, 0.8]]).digest != model().digest


# --- decisions ------------------------------------------------------------------------------------


def test_a_model_that_is_off_is_recorded_and_changes_nothing() -> None:
    plain, recorded = ruled(-1.0, default_policy(), None), ruled(-1.0, default_policy(), model())
    assert recorded.signal == plain.signal
    assert recorded.decision == replace(plain.decision, opinion=recorded.decision.opinion)
    opinion = recorded.decision.opinion
    assert opinion is not None
    assert (opinion.model, opinion.mode) == (model().digest, "off")
    assert (opinion.long, opinion.short) == (0.7, 0.2)
    assert decision_from_json(to_json(recorded.decision)) == recorded.decision


def test_a_gate_refuses_below_its_minimum_with_the_reason() -> None:
    gated = policy(mode="gate", minimum=0.5)
    assert ruled(1.0, gated, model()).decision.verdict is Verdict.EMITTED
    vetoed = ruled(-1.0, gated, model())
    assert vetoed.decision.verdict is Verdict.MODEL_VETO
    assert vetoed.decision.direction == "short"
    assert vetoed.decision.reason == "the model gives short 20%, 50% needed"
    assert vetoed.signal is None
    assert vetoed.cooldown.until == 0
    assert decision_from_json(to_json(vetoed.decision)) == vetoed.decision


def test_a_gate_never_adds_a_signal() -> None:
    gated = policy(mode="gate", minimum=0.0)
    for e in (evaluation(), evaluation(atr=0.17), evaluation(unwarm=("1h",))):
        plain = decide(e, None, default_policy(), "test").decision
        assert decide(e, None, gated, "test", model()).decision.verdict is plain.verdict


def test_a_blend_mixes_the_probability_into_the_score() -> None:
    plain = ruled(1.0, default_policy(), None).decision.scores["long"].score
    blended = ruled(1.0, policy(mode="blend", weight=0.25), model())
    assert blended.decision.scores["long"].score == pytest.approx(0.75 * plain + 0.25 * 0.7)
    assert blended.signal is not None
    assert blended.signal.score == blended.decision.scores["long"].score
    down = ruled(-1.0, policy(mode="blend", weight=1.0), model()).decision
    assert (down.verdict, down.scores["short"].score) == (Verdict.BELOW_THRESHOLD, 0.2)


@pytest.mark.parametrize("other", [None, model(calibration=[[-1.0, 0.2], [1.0, 0.8]])])
def test_a_policy_that_needs_a_model_takes_no_other(other: Model | None) -> None:
    with pytest.raises(ModelError, match=model().digest):
        ruled(1.0, policy(mode="gate"), other)


def test_the_mode_counts_in_the_digest_only_when_it_is_on() -> None:
    assert policy(mode="off", minimum=0.9).digest == default_policy().digest
    digests = {policy(mode="gate", minimum=m).digest for m in (0.5, 0.6)}
    assert len(digests | {default_policy().digest}) == 3


@pytest.mark.parametrize(
    "ai",
    [
        {"mode": "on"}, {"mode": "gate", "model": ""}, {"model": "xyz"}, {"minimum": 1.5},
        {"weight": -0.1}, {"more": 1},
    ],
)  # fmt: skip
def test_an_impossible_ai_section_is_refused(ai: dict[str, Any]) -> None:
    with pytest.raises(PolicyError, match=r"ai\b"):
        policy_with(ai=ai)
