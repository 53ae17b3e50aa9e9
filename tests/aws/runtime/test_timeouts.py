"""What comes in time: everything of a quick source, what there was of a slow one."""

import threading
import time
from collections.abc import Iterator

import pytest
from signalengine_aws.runtime.timeouts import MAX_WAITING, iterate_within

LONG_S = 60.0


def test_a_quick_source_is_complete_and_in_order() -> None:
    assert list(iterate_within(iter(range(50)), LONG_S)) == list(range(50))
    assert list(iterate_within(iter([StopIteration()]), LONG_S))  # a value like any other


def test_an_error_is_raised_after_the_values_before_it() -> None:
    def broken() -> Iterator[int]:
        yield 1
        raise ConnectionError("gone")

    came = iterate_within(broken(), LONG_S)
    assert next(came) == 1
    with pytest.raises(ConnectionError, match="gone"):
        next(came)


def test_a_source_that_hangs_raises_a_timeout() -> None:
    released = threading.Event()

    def hangs() -> Iterator[int]:
        yield 1
        released.wait(LONG_S)
        yield 2

    came = iterate_within(hangs(), 0.2)
    try:
        assert next(came) == 1
        with pytest.raises(TimeoutError):
            next(came)
    finally:
        released.set()


def bounded_threads() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "bounded"]


class Endless:
    """A source that always has a next value, and counts those that it gave."""

    def __init__(self) -> None:
        self.given = 0
        self.closed = threading.Event()

    def values(self) -> Iterator[int]:
        try:
            while True:
                self.given += 1
                yield self.given
        finally:
            self.closed.set()


def test_a_source_that_is_always_ready_is_limited_too() -> None:
    source = Endless()
    began = time.monotonic()
    with pytest.raises(TimeoutError):
        for _ in iterate_within(source.values(), 0.2):
            pass
    assert time.monotonic() - began < 1.0
    assert source.closed.wait(LONG_S)


def test_a_source_waits_for_a_slow_reader() -> None:
    source = Endless()
    came = iterate_within(source.values(), LONG_S)
    assert next(came) == 1
    threading.Event().wait(0.1)
    assert source.given <= MAX_WAITING + 3
    came.close()  # type: ignore[attr-defined] # it is a generator
    assert source.closed.wait(LONG_S)


def test_a_source_ends_with_its_reader() -> None:
    source = Endless()
    for value in iterate_within(source.values(), LONG_S):
        if value == 3:
            break
    assert source.closed.wait(LONG_S)
    for thread in bounded_threads():
        thread.join(1.0)
    assert bounded_threads() == []
