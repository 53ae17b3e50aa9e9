"""What comes in time: everything of a quick source, what there was of a slow one."""

import threading
from collections.abc import Iterator

import pytest
from signalengine_aws.runtime.timeouts import iterate_within

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
