"""Parameter sets: their digests, their defaults and what is refused."""

import json
from importlib.resources import files
from typing import Any

import pytest
from signalengine import params
from signalengine.errors import PolicyError, StrategyError
from signalengine.policy import default_policy
from signalengine.strategy.loading import Loaded, load_text
from signalengine.strategy.sets import RULES, StrategySet, as_text, load_set, set_of

from .texts import CHANNEL, channel


def found(name: str) -> Loaded:
    assert name == "channel"
    return channel()


def made(**changes: Any) -> StrategySet:
    one = load_set(json.dumps({"strategy": "channel", **changes}), found)
    assert isinstance(one, StrategySet)
    return one


def test_a_policy_file_is_a_set_of_classic() -> None:
    text = files("signalengine").joinpath("policy.json").read_text()

    assert load_set(text) == default_policy()
    assert load_set(json.dumps({"strategy": "classic", **json.loads(text)})) == default_policy()


def test_what_is_not_chosen_has_its_default() -> None:
    one = made(parameters={"reach": 0.1})

    assert one.parameters == (3.0, 0.1)
    assert (one.fee_bps, one.ttl_ms, one.threshold) == (5.0, 172_800_000, 0.5)
    assert one.numbers[params.COST_NEED] == 3.0 * one.round_trip
    assert one.numbers[params.WEIGHTS] == 1.0
    assert one.ai.mode == "off"
    assert not one.protections.on


def test_whatever_decides_is_in_the_digest() -> None:
    digests = [
        made().digest,
        made(parameters={"bars": 4}).digest,
        made(rules={"fee_bps": 4}).digest,
        made(rules={"protections": {"open_signals": 3}}).digest,
        set_of(load_text(CHANNEL.replace("v[PRICE] >", "v[PRICE] >="), "channel.py")).digest,
        default_policy().digest,
    ]

    assert len(set(digests)) == len(digests)
    assert all(len(digest) == 12 for digest in digests)


def test_names_defaults_and_what_is_off_are_not_in_the_digest() -> None:
    same = [
        made(name="fast"),
        made(parameters={"bars": 3}),
        made(parameters={"bars": 3.0}, rules={"fee_bps": 5}),
        made(rules={"protections": {"lag_s": 120}}),
        load_set(as_text(made(name="fast")), found),
    ]

    assert {one.digest for one in same} == {made().digest}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"other": 1}, "unknown field 'other'"),
        ({"rules": {"tp_atr": 1}}, "rules has unknown field 'tp_atr'"),
        ({"rules": {"fee_bps": -1}}, "rules.fee_bps = -1 must be from 0"),
        ({"rules": {"fee_bps": "5"}}, "rules.fee_bps = '5' is not a number"),
        ({"rules": {"fee_bps": 1e400}}, "is not a number"),
        ({"rules": []}, "rules is not an object"),
        ({"rules": {"protections": {"stops": -1}}}, "protections.stops"),
        ({"parameters": [1]}, "parameters is not an object"),
        ({"name": "Fast One"}, "lower-case letters"),
        ({"name": 3}, "lower-case letters"),
    ],
)
def test_a_set_that_cannot_be_used_is_refused_by_field(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(PolicyError, match=words):
        made(**changes)


@pytest.mark.parametrize("text", ["{", "[]", '{"strategy": 3}'])
def test_what_is_no_set_is_refused(text: str) -> None:
    with pytest.raises(PolicyError):
        load_set(text, found)


def test_a_parameter_out_of_bounds_is_refused_by_name() -> None:
    with pytest.raises(StrategyError, match="parameter bars = 99 must be from 1 to 20"):
        made(parameters={"bars": 99})


def test_every_rule_has_bounds_that_hold_its_default() -> None:
    for name, default in RULES.items():
        assert made(rules={name: default}).digest == made().digest
