"""A seed always makes the same schedule; together the seeds use every kind of step and fault."""

from infra.local.chaos.model.schedule import (
    BUSY_MINUTES,
    STREAMED,
    Feed,
    Generator,
    Run,
    Schedule,
    Together,
    injections,
)
from infra.local.chaos.model.services.faults import KINDS

SOME = [Generator(seed, 4).schedule() for seed in range(100)]


def runs(schedule: Schedule) -> list[Run]:
    steps = [one for step in schedule.steps for one in getattr(step, "runs", (step,))]
    return [step for step in steps if isinstance(step, Run)]


def test_a_seed_always_makes_the_same_schedule() -> None:
    assert [Generator(seed, 4).schedule() for seed in range(100)] == SOME
    assert len(set(SOME)) == 100


def test_a_schedule_has_ten_disturbances_and_all_busy_minutes() -> None:
    for schedule in SOME:
        assert injections(schedule.steps) >= 10
        fed = sum(step.minutes for step in schedule.steps if isinstance(step, Feed))
        assert fed == BUSY_MINUTES


def test_every_kind_of_step_and_fault_occurs() -> None:
    steps = {type(step).__name__ for schedule in SOME for step in schedule.steps}
    assert len(steps) == 13
    every = [run for schedule in SOME for run in runs(schedule)]
    assert {fault.kind for run in every for fault in run.faults} == set(KINDS)
    assert {run.function for run in every} == {*STREAMED, "send_telegram", "broadcast"}
    together = [one for schedule in SOME for one in schedule.steps if isinstance(one, Together)]
    assert any(run.scheduled for one in together for run in one.runs)
