"""Statuses of parameter sets: which change is permitted, and what it leaves."""

from dataclasses import replace
from importlib.resources import files
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from signalengine.errors import StrategyError
from signalengine.policy import default_policy
from signalengine.strategy.deployed import defined
from signalengine.strategy.lifecycle import (
    ACTIONS,
    DEFAULT_POLICY,
    RUNNING,
    UNCHANGED_CLASSIC,
    Action,
    Registered,
    changed,
    evidence_words,
)
from signalengine.strategy.promotion import Promotion

from .texts import ON_TRIAL, definition, find_channel, set_text

POLICY = files("signalengine").joinpath("policy.json").read_text(encoding="utf-8")


def begun(action: Action = "shadow") -> Registered:
    one = changed(None, "shadow", 1, definition=definition(), text=set_text())
    return one if action == "shadow" else changed(one, action, 2, reason="why")


def test_a_set_is_watched_promoted_and_retired() -> None:
    one = begun()
    assert (one.name, one.status, one.version) == ("channel@fast", "shadow", 1)
    live = changed(one, "promote", 2, promotion=ON_TRIAL)
    assert (live.status, live.since, live.version) == ("live", 2, 2)
    off = changed(live, "retire", 3)
    assert (off.status, off.digest) == ("off", one.digest)
    assert changed(off, "shadow", 4).status == "shadow"


def test_classic_is_live_until_something_is_stored_and_may_be_off() -> None:
    off = changed(UNCHANGED_CLASSIC, "retire", 1)
    assert (off.status, off.version) == ("off", 1)
    assert changed(changed(off, "shadow", 2), "promote", 3, promotion=ON_TRIAL).status == "live"
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
        one = changed(
            one, action, number, definition=given_one, text=set_text(), promotion=ON_TRIAL
        )
        seen_shadow = seen_shadow or one.status == "shadow"
        assert seen_shadow
        assert (one.reason != "") == (one.status == "parked")
        assert one.running == (one.status in RUNNING)
        assert (one.promotion is not None) == one.promoted


def test_parameters_change_only_while_a_set_does_not_run() -> None:
    one = begun()
    live = changed(one, "promote", 2, promotion=ON_TRIAL)
    with pytest.raises(StrategyError, match="retire it first"):
        changed(live, "shadow", 3, definition=definition(7), text=set_text(7))
    off = changed(one, "retire", 2)
    again = changed(off, "shadow", 3, definition=definition(7), text=set_text(7))
    assert (again.status, again.text) == ("shadow", set_text(7))
    assert again.digest != one.digest
    renamed = replace(definition(), name="slow")
    with pytest.raises(StrategyError, match="cannot become channel@slow"):
        changed(off, "shadow", 3, definition=renamed, text=set_text())


def test_a_parked_set_resumes_as_it_was_and_in_shadow_with_other_rules() -> None:
    live = changed(begun(), "promote", 2, promotion=ON_TRIAL)
    parked = changed(live, "park", 3, reason="  ZeroDivisionError\n")
    assert (parked.status, parked.reason) == ("parked", "ZeroDivisionError")
    assert changed(parked, "resume", 4).status == "live"
    assert changed(parked, "resume", 4, definition=definition(), text=set_text()).status == "live"
    other = changed(parked, "resume", 4, definition=definition(9), text=set_text(9))
    assert (other.status, other.reason) == ("shadow", "")
    assert changed(parked, "resume", 4).promotion == ON_TRIAL
    assert other.promotion is None  # it was of the parameters before


def test_no_set_goes_live_without_a_verdict_or_a_reason() -> None:
    one = begun()
    with pytest.raises(StrategyError, match="no evidence was given: a reason is needed"):
        changed(one, "promote", 2)
    other = Promotion("", "shown", "0" * 12, "r", "h", 1, 2)
    with pytest.raises(StrategyError, match=f"set 000000000000, this one is {one.digest}"):
        changed(one, "promote", 2, promotion=other)
    mine = replace(other, parameter_set=one.digest)
    live = changed(one, "promote", 2, promotion=mine)
    assert live.promotion == mine
    assert changed(changed(live, "retire", 3), "shadow", 4).promotion == mine


@pytest.mark.parametrize(
    ("one", "digest", "words"),
    [
        (UNCHANGED_CLASSIC, default_policy().digest, DEFAULT_POLICY),
        (UNCHANGED_CLASSIC, "abc", "live by deployment, without evidence"),
        (Registered("a", "shadow"), "abc", ""),
        (Registered("a", "off", promoted=True), "abc", "promoted without a record of evidence"),
        (Registered("a", "live", promotion=ON_TRIAL), "abc", ON_TRIAL.words),
        (
            Registered("classic", "live", promotion=Promotion("", "shown", "abc", "r", "h")),
            "def",
            "shown (final span 1970-01-01 to 1970-01-01) (of parameter set abc)",
        ),
    ],
)
def test_what_is_known_of_an_edge_is_said(one: Registered, digest: str, words: str) -> None:
    assert evidence_words(one, digest) == words


def test_a_new_set_needs_its_parameters() -> None:
    with pytest.raises(StrategyError, match="parameters of a new set"):
        changed(None, "shadow", 1)
