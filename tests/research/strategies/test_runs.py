"""A run: what each step leaves, and when it is asked."""

from math import isnan

from research.strategies.runs import Run, packed, trace

from .texts import P, bars, seen, subject


def test_a_run_answers_at_closes_of_every() -> None:
    steps = bars().steps
    found = seen(subject())

    assert all(one.answer is not None for one in found)
    assert len(found) == len(steps)
    assert isnan(found[0].values[1])
    entered = [one.answer for one in found if one.answer and one.answer[0].entered]
    assert entered
    assert all(answer[0].exits[0] < answer[0].exits[1] for answer in entered)
    assert all(answer[0].parts == () for answer in entered)
    assert not any(answer[0].leaves for answer in entered)


def test_a_stored_state_goes_on_the_same() -> None:
    one, steps = subject(), bars().steps
    found = seen(one)
    run = Run(one.loaded, P)
    run.restored(found[99].state)

    assert [s.bits for s in trace(run, steps[100:])] == [s.bits for s in found[100:]]


def test_all_that_is_unknown_has_the_same_bytes() -> None:
    assert packed([float("nan"), 1.0]) == packed([-float("nan"), 1.0])
    assert packed([0.0]) != packed([-0.0])
