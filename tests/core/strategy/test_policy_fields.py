"""The description of the policy's fields agrees with the policy that ships."""

import json
from importlib.resources import files

from signalengine.strategy.policy_fields import POLICY, differs, flattened
from signalengine.strategy.sets import BOUNDS, RULES


def test_every_field_of_the_policy_is_described_with_its_default() -> None:
    raw = json.loads(files("signalengine").joinpath("policy.json").read_text(encoding="utf-8"))
    found = dict(flattened(raw))
    described = {one.name: one.default for one in POLICY}
    assert set(described) == set(found)
    assert [name for name, default in described.items() if differs(found[name], default)] == []


def test_every_field_has_a_sentence_and_its_default_is_within_its_bounds() -> None:
    for one in POLICY:
        assert one.about.endswith("."), one.name
        if isinstance(one.default, float):
            assert (one.least or 0.0) <= one.default, one.name
            assert one.most is None or one.default <= one.most, one.name


def test_every_rule_of_a_set_is_described() -> None:
    assert set(RULES) == set(BOUNDS) <= {one.name for one in POLICY}


def test_a_number_in_another_form_is_no_difference() -> None:
    assert not differs(5, 5.0)
    assert not differs(["1m", "5m"], ["5m", "1m"])
    assert differs(["1m"], ["5m", "1m"])
    assert differs("gate", "off")
