"""Policies that differ from the default by named fields."""

import pytest
from signalengine.errors import PolicyError
from signalengine.policy import default_policy

from research.policies import varied


def test_no_change_is_the_default_policy() -> None:
    assert varied({}) == default_policy()


def test_a_field_is_named_by_its_path() -> None:
    changed = varied({"threshold": 0.6, "protections.stops": 3})
    assert changed.digest != default_policy().digest
    assert changed.protections.stops == 3


@pytest.mark.parametrize("path", ["nonsense", "events.nonsense", "threshold.deeper"])
def test_a_path_that_the_policy_does_not_have_is_refused(path: str) -> None:
    with pytest.raises(PolicyError, match=f"no field '{path}'"):
        varied({path: 1})


def test_a_value_that_the_policy_refuses_is_refused_here() -> None:
    with pytest.raises(PolicyError):
        varied({"threshold": "high"})
