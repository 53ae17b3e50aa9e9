"""Statuses of parameter sets: which change is permitted, and what it leaves."""

from dataclasses import replace
from importlib.resources import files
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from signalengine.errors import StrategyError
from signalengine.strategy.deployed import defined
from signalengine.strategy.lifecycle import (
    ACTIONS,
    RUNNING,
    UNCHANGED_CLASSIC,
    Action,
    Registered,
    changed,
)

from .texts import definition, find_channel, set_text

POLICY = files("signalengine").joinpath("policy.json").read_text(encoding="utf-8")


def begun(action: Action = "shadow") -> Registered:
    one = changed(None, "shadow", 1, definition=definition(), text=set_text())
    return one if action == "shadow" else changed(one, action, 2, reason="why")


def test_a_set_is_watched_promoted_and_retired() -> None:
    one = begun()
    assert (one.name, one.status, one.version) == ("channel@fast", "shadow", 1)
    live = changed(one, "promote", 2)
    assert (live.status, live.since, live.version) == ("live", 2, 2)
    off = changed(live, "retire", 3)
    assert (off.status, off.digest) == ("off", one.digest)
    assert changed(off, "shadow", 4).status == "shadow"


def test_classic_is_live_until_something_is_stored_and_may_be_off() -> None:
    off = changed(UNCHANGED_CLASSIC, "retire", 1)
    assert (off.status, off.version) == ("off", 1)
    assert changed(changed(off, "shadow", 2), "promote", 3).status == "live"
    with pytest.raises(StrategyError, match="deployed, as a policy file"):
        defined(POLICY, find_channel)


@settings(derandomize=True, max_examples=60)
@given(st.lists(st.sampled_from(get_args(Action)), max_size=8))
def test_no_sequence_of_actions_makes_a_set_live_that_was_not_shadow_before(
    actions: list[Action],
) -> None:
    one: Registered | None = None
    seen_shadow = False
    for number, action in enumerate(actions):
        status = None if one is None else one.status
        if status not in ACTIONS[action]:
            with pytest.raises(StrategyError, match=f"^{action}: "):
                changed(one, action, number, definition=definition(), text=set_text())
            continue
        given_one = definition() if one is None else None
        one = changed(one, action, number, definition=given_one, text=set_text())
        seen_shadow = seen_shadow or one.status == "shadow"
        assert seen_shadow
        assert (one.reason != "") == (one.status == "parked")
        assert one.running == (one.status in RUNNING)


def test_parameters_change_only_while_a_set_does_not_run() -> None:
    one = begun()
    with pytest.raises(StrategyError, match="retire it first"):
        changed(changed(one, "promote", 2), "shadow", 3, definition=definition(7), text=set_text(7))
    off = changed(one, "retire", 2)
    again = changed(off, "shadow", 3, definition=definition(7), text=set_text(7))
    assert (again.status, again.text) == ("shadow", set_text(7))
    assert again.digest != one.digest
    renamed = replace(definition(), name="slow")
    with pytest.raises(StrategyError, match="cannot become channel@slow"):
        changed(off, "shadow", 3, definition=renamed, text=set_text())


def test_a_parked_set_resumes_as_it_was_and_in_shadow_with_other_rules() -> None:
    live = changed(begun(), "promote", 2)
    parked = changed(live, "park", 3, reason="  ZeroDivisionError\n")
    assert (parked.status, parked.reason) == ("parked", "ZeroDivisionError")
    assert changed(parked, "resume", 4).status == "live"
    assert changed(parked, "resume", 4, definition=definition(), text=set_text()).status == "live"
    other = changed(parked, "resume", 4, definition=definition(9), text=set_text(9))
    assert (other.status, other.reason) == ("shadow", "")


def test_a_new_set_needs_its_parameters() -> None:
    with pytest.raises(StrategyError, match="parameters of a new set"):
        changed(None, "shadow", 1)
