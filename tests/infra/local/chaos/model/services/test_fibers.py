"""Fibers interleave where they pause, the same in every run, and a crash ends all of a process."""

import pytest

from infra.local.chaos.model.services.faults import Fault, Kind
from infra.local.chaos.model.services.fibers import CrashError, Hub, Invocation, Pool


def interleaved(seed: int) -> list[str]:
    """The order in which two invocations, one of them with a pool, do their work."""
    hub, done = Hub(), []
    pool = type("OfHub", (Pool,), {"hub": hub})()

    def step(name: str) -> str:
        for number in range(2):
            hub.pause()
            done.append(f"{name}{number}")
        return name

    def parent() -> None:
        assert list(pool.map(step, ["b", "c"])) == ["b", "c"]
        step("d")

    hub.run([(Invocation("one", 1), lambda: step("a")), (Invocation("two", 2), parent)], seed)
    return done


def test_a_seed_decides_the_order() -> None:
    orders = {tuple(interleaved(seed)) for seed in range(20)}
    assert len(orders) > 5
    assert all(interleaved(seed) == interleaved(seed) for seed in range(5))


def test_a_pool_is_done_before_what_follows_it() -> None:
    for seed in range(20):
        done = interleaved(seed)
        assert max(done.index("b1"), done.index("c1")) < done.index("d0")


def test_a_crash_ends_every_fiber_of_its_process_and_no_other() -> None:
    hub, done = Hub(), []
    pool = type("OfHub", (Pool,), {"hub": hub})()

    def step(name: str) -> None:
        hub.pause()
        if name == "crash":
            hub.current.crashed = True
            raise CrashError
        hub.pause()
        done.append(name)

    one, two = Invocation("one", 1), Invocation("two", 2)

    def parent() -> None:
        list(pool.map(step, ["b", "crash", "c"]))
        done.append("parent")

    hub.run([(one, parent), (two, lambda: step("other"))], 3)
    assert one.crashed
    assert "other" in done
    assert "parent" not in done
    assert not two.crashed


def test_an_error_is_kept_with_its_invocation() -> None:
    hub, broken = Hub(), Invocation("one", 1)

    def fail() -> None:
        raise ValueError("wrong")

    hub.run([(broken, fail)], 0)
    assert broken.error == "ValueError: wrong"
    with pytest.raises(RuntimeError):
        _ = hub.current


def stood(*, late: bool) -> list[str]:
    """The order in which a call that stands still, what is beside it, and others happen."""
    hub, done = Hub(), []

    def stands() -> None:
        hub.pause()
        hub.stalled(lambda: done.append("call"), late=late)
        done.append("answer")

    def beside() -> None:
        for _ in range(3):
            hub.pause()
        done.append("beside")

    def meanwhile() -> None:
        done.append("meanwhile")
        hub.run([(Invocation("three", 3), beside)], 1)

    hub.run([(Invocation("one", 1), stands), (Invocation("two", 2), beside)], 0, meanwhile)
    return done


def test_who_stands_still_goes_on_when_all_others_have_ended() -> None:
    assert stood(late=False) == ["beside", "meanwhile", "beside", "call", "answer"]


def test_a_late_answer_comes_when_all_others_have_ended() -> None:
    done = stood(late=True)
    assert sorted(done[:2]) == ["beside", "call"]
    assert done[2:] == ["meanwhile", "beside", "answer"]


def test_a_fault_can_name_the_operation_and_its_table() -> None:
    named = Fault(1, Kind.LOST, "Query bars_table")
    faults = (named, Fault(0, Kind.AFTER, "PutItem"), Fault(6, Kind.BEFORE))
    invocation = Invocation("one", 1, faults=faults)
    calls = [("Query", "bars_table"), ("Query", "state_table"), ("Query", "bars_table")]
    assert [invocation.fault(*call) for call in calls] == [None, None, named]
    assert invocation.fault("PutItem", "state_table") == faults[1]
    found = [invocation.fault("Query", "bars_table") for _ in range(3)]
    assert found == [None, None, faults[2]]
