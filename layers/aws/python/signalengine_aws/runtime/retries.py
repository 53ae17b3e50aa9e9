"""Retries of lost races, with exponential backoff and jitter.

The AWS client itself retries throttling and lost connections.
"""

import random
import time
from collections.abc import Callable, Iterator
from typing import Final

TRIES: Final = 6
FIRST_WAIT_S: Final = 0.02
LONGEST_WAIT_S: Final = 0.5


def attempts(tries: int = TRIES, sleep: Callable[[float], None] = time.sleep) -> Iterator[int]:
    """Yield 0, 1, 2, … and wait before each but the first ("full jitter": 0 to the limit)."""
    for number in range(tries):
        if number:
            limit = min(LONGEST_WAIT_S, FIRST_WAIT_S * 2.0**number)
            sleep(random.uniform(0.0, limit))  # noqa: S311 - spreads load, guards nothing
        yield number
