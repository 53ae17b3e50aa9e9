"""Answers of a public API that all callers share: each is made once in a few seconds.

An open dashboard asks for the same answers again and again; what is made for one is given to all,
here and, by `s-maxage`, from the caches of CloudFront before a request arrives.
"""

from collections.abc import Callable, Hashable
from typing import Final, Generic, TypeVar

from ..runtime.clock import Clock, wall_ms
from .responses import SHARED_S

MOST: Final = 64
"""Answers that a process has; beyond them it makes each anew."""
T = TypeVar("T")


class SharedAnswers(Generic[T]):
    """The answers of one process that are younger than `SHARED_S`, by what was asked."""

    def __init__(self, clock: Clock = wall_ms) -> None:
        self._clock = clock
        self._made: dict[Hashable, tuple[T, int]] = {}

    def get(self, key: Hashable, make: Callable[[], T]) -> T:
        """Return the answer to what was asked; raises what `make` raises, and has nothing then."""
        now = self._clock()
        found = self._made.get(key)
        if found is not None and now < found[1]:
            return found[0]
        answer = make()
        self._made = {other: made for other, made in self._made.items() if now < made[1]}
        if len(self._made) < MOST:
            self._made[key] = answer, now + SHARED_S * 1000
        return answer
