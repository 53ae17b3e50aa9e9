"""Exits as data: what a signal without them means, and their one JSON form."""

from dataclasses import asdict, replace

from signalengine.exits.data import Exits, Fill, StopMove, Target
from signalengine.signals import signal_from_json, to_json

from tests.core.samples import signal


def test_exits_are_stored_and_read_again_with_a_signal() -> None:
    exits = Exits((Target(102.0, 0.5), Target(104.0, 0.5)), break_even=True, trail=1.5)

    one = replace(signal(), exits=exits)

    assert signal_from_json(to_json(one)) == one
    assert "exits" not in to_json(signal())


def test_a_plain_plan_never_moves_its_stop() -> None:
    plan = Exits((Target(102.0, 1.0),))

    assert (plan.break_even, plan.trail, plan.leave) == (False, None, False)


def test_steps_have_the_names_by_which_they_are_published() -> None:
    steps = (Fill("target1", 60_000, 102.0, 0.5), StopMove("stop1", 60_000, 100.0))

    assert [asdict(step)["name"] for step in steps] == ["target1", "stop1"]
