"""A seed always makes the same schedule; together the seeds use every kind of step and fault."""

from infra.local.chaos.model.foreign import KINDS as FOREIGN
from infra.local.chaos.model.market import MARKETS
from infra.local.chaos.model.schedules.families import FAMILIES
from infra.local.chaos.model.schedules.generator import ASLEEP_MS, FEWEST, Generator
from infra.local.chaos.model.schedules.schedule import (
    Feed,
    Foreign,
    Run,
    Schedule,
    Together,
    Wait,
    injections,
)
from infra.local.chaos.model.services.faults import KINDS

SOME = [Generator(seed).schedule() for seed in range(400)]


def runs(schedule: Schedule) -> list[Run]:
    steps = [one for step in schedule.steps for one in getattr(step, "runs", (step,))]
    return [step for step in steps if isinstance(step, Run)]


def test_a_seed_always_makes_the_same_schedule() -> None:
    assert [Generator(seed).schedule() for seed in range(100)] == SOME[:100]
    assert len(set(SOME)) == len(SOME)


def test_a_schedule_has_ten_disturbances_and_leaves_one_minute_to_feed() -> None:
    for schedule in SOME:
        assert injections(schedule.steps) >= FEWEST
        family = FAMILIES[schedule.family]
        fed = sum(step.minutes for step in schedule.steps if isinstance(step, Feed))
        assert fed == max(0, family.minutes - family.fed - 1)


def test_only_functions_of_the_family_run() -> None:
    for schedule in SOME:
        assert {run.function for run in runs(schedule)} <= FAMILIES[schedule.family].functions


def test_every_family_market_step_and_fault_occurs() -> None:
    assert {schedule.family for schedule in SOME} == {n for n, one in FAMILIES.items() if one.share}
    assert {schedule.market for schedule in SOME} == set(range(MARKETS))
    steps = [step for schedule in SOME for step in schedule.steps]
    assert len({type(step).__name__ for step in steps}) == 15
    every = [run for schedule in SOME for run in runs(schedule)]
    assert {fault.kind for run in every for fault in run.faults} == set(KINDS)
    together = [one for one in steps if isinstance(one, Together)]
    assert any(run.scheduled for one in together for run in one.runs)
    assert {one.kind for one in steps if isinstance(one, Foreign)} == set(FOREIGN)
    assert any(one.ms == ASLEEP_MS for one in steps if isinstance(one, Wait))
