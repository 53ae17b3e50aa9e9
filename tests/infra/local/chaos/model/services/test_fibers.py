"""Fibers interleave where they pause, the same in every run, and a crash ends all of a process."""

import pytest

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
