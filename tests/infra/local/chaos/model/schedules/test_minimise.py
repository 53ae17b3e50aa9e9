"""A failing schedule becomes as short as it can be, and is printed as a test that runs."""

from infra.local.chaos.model.schedules import schedule
from infra.local.chaos.model.schedules.minimise import Minimiser, as_test, kinds, source
from infra.local.chaos.model.schedules.schedule import (
    Cold,
    Feed,
    Meanwhile,
    Run,
    Schedule,
    Together,
    Wait,
)
from infra.local.chaos.model.services import faults
from infra.local.chaos.model.services.faults import Fault, Kind

WHOLE = Schedule(
    1,
    (
        Feed(3, late="AAAUSDT"),
        Wait(1_000),
        Together(
            (
                Run("score_events", faults=(Fault(1, Kind.LOST), Fault(2, Kind.AFTER))),
                Run("track_signals", take=5),
            ),
            7,
        ),
        Meanwhile(
            Run("track_signals", faults=(Fault(0, Kind.HELD, "Query bars_table"),)),
            (Feed(2), Cold("score_events")),
        ),
        Cold("score_events"),
    ),
)


def has_lost(one: Schedule) -> bool:
    """Fails when score_events meets a lost answer, by itself or with others."""
    runs = [run for step in one.steps for run in getattr(step, "runs", (step,))]
    return any(
        fault.kind is Kind.LOST
        for run in runs
        if isinstance(run, Run)
        for fault in run.faults
    )  # fmt: skip


def test_only_what_is_needed_for_the_failure_is_left() -> None:
    found = Minimiser(has_lost).shortest(WHOLE)
    assert found.steps == (Run("score_events", faults=(Fault(1, Kind.LOST),)),)


def test_what_happens_meanwhile_is_left_out_where_it_is_not_needed() -> None:
    lost = Run("score_events", faults=(Fault(1, Kind.LOST),))
    whole = Schedule(1, (Meanwhile(lost, (Feed(2), Wait(1_000))),))
    assert Minimiser(has_lost).shortest(whole).steps == (lost,)

    def feeds(one: Schedule) -> bool:
        return any(isinstance(step, Meanwhile) and step.steps for step in one.steps)

    (found,) = Minimiser(feeds).shortest(whole).steps
    assert isinstance(found, Meanwhile)
    assert len(found.steps) == 1


def test_the_number_of_tries_is_limited() -> None:
    tried = []

    def fails(one: Schedule) -> bool:
        tried.append(one)
        return True

    Minimiser(fails, tries=1).shortest(WHOLE)
    assert len(tried) == 1


def test_the_source_of_a_schedule_makes_it_again() -> None:
    names = {**vars(schedule), **vars(faults)}
    for step in WHOLE.steps:
        assert eval(source(step), names) == step  # noqa: S307 - source that this module wrote


def test_a_failure_is_printed_as_a_test() -> None:
    small = Schedule(2, (Feed(1), Run("score_events", faults=(Fault(0, Kind.AFTER),))))
    assert as_test(small, "seed_5") == (
        "def test_seed_5(bench: Bench) -> None:\n"
        "    steps = (\n"
        "        Feed(1),\n"
        "        Run('score_events', faults=(Fault(0, Kind.AFTER),)),\n"
        "    )\n"
        "    verdict = bench.run(Schedule(2, steps, 'whole'))\n"
        "    assert verdict.violations == ()\n"
    )


def test_violations_are_of_one_kind_when_they_begin_alike() -> None:
    assert kinds(["outbox: a waits", "outbox: b waits", "telegram: c"]) == {"outbox", "telegram"}
