"""Minutes by the clock: repeatable, and short enough for what is disturbed in them."""

from infra.local.chaos.model.foreign import EVERY
from infra.local.chaos.model.market import MARKETS, MINUTES
from infra.local.chaos.model.schedules.clocked import clocked
from infra.local.chaos.model.schedules.schedule import Foreign, Minute, injections
from infra.local.chaos.model.services.faults import Kind

SOME = [clocked(seed) for seed in range(60)]


def test_a_seed_always_makes_the_same_minutes() -> None:
    assert [clocked(seed) for seed in range(60)] == SOME
    assert {schedule.market for schedule in SOME} == set(range(MARKETS))
    assert sum(injections(schedule.steps) for schedule in SOME) >= 10 * len(SOME)


def test_what_settles_is_never_away_with_the_sweep() -> None:
    for schedule in SOME:
        minutes = [step for step in schedule.steps if isinstance(step, Minute)]
        assert len(minutes) == MINUTES - 1
        for step in minutes:
            assert not (step.missed and step.away == "track_signals")
            assert len(step.runs) <= 2
            assert all(len(run.faults) == 1 for run in step.runs)


def test_each_way_to_be_disturbed_occurs() -> None:
    steps = [step for schedule in SOME for step in schedule.steps if isinstance(step, Minute)]
    assert {step.away for step in steps} == {"", "track_signals", "publish_signals"}
    assert any(step.missed for step in steps)
    assert any(step.forgets for step in steps)
    kinds = {fault.kind for step in steps for run in step.runs for fault in run.faults}
    assert kinds == set(Kind) - {Kind.HELD, Kind.LATE}  # those need steps that go on meanwhile
    foreign = [step for one in SOME for step in one.steps if isinstance(step, Foreign)]
    assert {step.kind for step in foreign} == set(EVERY)
