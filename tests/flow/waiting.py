"""Waiting for what other processes do: they report nothing to the test."""

import time
from collections.abc import Callable
from typing import Final, TypeVar

T = TypeVar("T")
TIMEOUT_S: Final = 60.0


def until(
    read: Callable[[], T], holds: Callable[[T], bool], what: str, timeout_s: float = TIMEOUT_S
) -> T:
    """Return the first answer that holds; raises AssertionError with the last one otherwise."""
    give_up = time.monotonic() + timeout_s
    while True:
        answer = read()
        if holds(answer):
            return answer
        if time.monotonic() >= give_up:
            break
        time.sleep(0.5)
    raise AssertionError(f"{what} did not happen in {timeout_s:.0f} s; the last answer: {answer}")
