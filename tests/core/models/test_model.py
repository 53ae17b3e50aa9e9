"""A model file: what is refused, how it is evaluated, and what a decision makes of its word."""

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
from signalengine.models.inputs import ALIASES, find, names, of_close, read
from signalengine.models.model import Model, Tree, calibrated, load_model, probability, raw_score
from signalengine.policy import Policy, default_policy
from signalengine.signals import Verdict, decision_from_json, to_json
from signalengine.snapshot import SIZE, flat

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


# --- inputs ---------------------------------------------------------------------------------------


def test_every_input_can_be_read_on_both_sides() -> None:
    e = evaluation(atr=0.5, features={"1m": {"rsi": 61.0}})
    f, out = flat(e.features, e.context), [float(k) for k in range(rules.OUT_SIZE)]
    for name in names():
        one = find(name)
        long, short = read(one, f, 1.0, out), read(one, f, -1.0, out)
        if of_close(name):
            assert long == short or (math.isnan(long) and math.isnan(short))
            along = find(f"along_{name}")
            assert read(along, f, -1.0, out) == -long or math.isnan(long)


def test_distances_and_shares_are_of_the_close() -> None:
    e = evaluation(price=200.0, atr=0.5, features={"1m": {"vwap": 190.0, "rsi": 61.0}})
    f, out = flat(e.features, e.context), [0.0] * rules.OUT_SIZE
    known = {"vwap_dist": 0.05, "15m_atr_share": 0.0025, "1m_rsi_mid": 11.0, "rsi": 61.0}
    assert {name: read(find(name), f, 1.0, out) for name in known} == known
    assert read(find("along_vwap_dist"), f, -1.0, out) == -0.05


def test_scores_are_those_of_the_side() -> None:
    out = [0.0] * rules.OUT_SIZE
    out[rules.LONG_SCORE], out[rules.SHORT_SCORE], out[rules.SHORT_PARTS] = 0.6, 0.2, 0.4
    f = [math.nan] * SIZE
    assert read(find("score"), f, 1.0, out) == read(find("rival_score"), f, -1.0, out) == 0.6
    assert read(find("trend"), f, -1.0, out) == 0.4
    assert read(find("side"), f, -1.0, out) == -1.0


@pytest.mark.parametrize("name", ["", "2m_rsi", "along_score", "along_side", "1m_rsi_dist", "pnl"])
def test_an_unknown_input_is_refused(name: str) -> None:
    with pytest.raises(ModelError, match="input"):
        find(name)


def test_short_names_are_names() -> None:
    assert {find(name).long for name in ALIASES} == {find(full).long for full in ALIASES.values()}


# --- trees and calibration ------------------------------------------------------------------------


def test_a_value_at_the_threshold_goes_left_and_nan_where_the_node_says() -> None:
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
    plain, asked = ruled(-1.0, default_policy(), None), ruled(-1.0, default_policy(), model())
    assert asked.signal == plain.signal
    assert asked.decision == replace(plain.decision, opinion=asked.decision.opinion)
    opinion = asked.decision.opinion
    assert opinion is not None
    assert (opinion.model, opinion.mode) == (model().digest, "off")
    assert (opinion.long, opinion.short) == (0.7, 0.2)
    assert decision_from_json(to_json(asked.decision)) == asked.decision


def test_a_gate_refuses_below_its_minimum_and_says_why() -> None:
    gated = policy(mode="gate", minimum=0.5)
    assert ruled(1.0, gated, model()).decision.verdict is Verdict.EMITTED
    vetoed = ruled(-1.0, gated, model())
    assert vetoed.decision.verdict is Verdict.MODEL_VETO
    assert vetoed.decision.direction == "short"
    assert vetoed.decision.reason == "the model gives short 20.0%, 50.0% needed"
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
def test_a_policy_that_wants_a_model_takes_no_other(other: Model | None) -> None:
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
