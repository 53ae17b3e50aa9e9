"""Faults and disturbances are counted wherever they are in a schedule."""

from infra.local.chaos.model.schedules.schedule import (
    Connect,
    Feed,
    Hinder,
    Meanwhile,
    Minute,
    Run,
    Together,
    Wait,
    injections,
)
from infra.local.chaos.model.services.faults import Fault, Kind

LOST = Fault(1, Kind.LOST)


def test_what_runs_as_it_should_is_no_injection() -> None:
    assert injections((Feed(2), Run("score_events"), Connect("first"))) == 0


def test_each_fault_and_disturbance_counts_once() -> None:
    disturbed = Run("score_events", faults=(LOST,), redeliver="half", lag=2)
    assert injections((disturbed,)) == 3
    assert injections((Together((disturbed, Run("track_signals"))),)) == 4
    assert injections((Meanwhile(disturbed, (disturbed, Wait(1))),)) == 7
    assert injections((Connect("first", (LOST,)), Hinder("first", (LOST, LOST)))) == 3
    assert injections((Feed(1, late="AAAUSDT"), Wait(1_000))) == 2
    minute = Minute((disturbed,), away="track_signals", missed=True, forgets=True)
    assert injections((minute, Minute())) == 6
