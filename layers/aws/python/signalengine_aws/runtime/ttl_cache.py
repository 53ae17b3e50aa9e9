"""A cached value with a time to live."""

from collections.abc import Callable
from typing import Final, Generic, TypeVar

from signalengine.errors import TransientError

from .clock import Clock, wall_ms

CACHED_MS: Final = 300_000
T = TypeVar("T")


class TtlCache(Generic[T]):
    """Returns what `fetch` returned, at most `cached_ms` old; older only while fetching fails."""

    def __init__(
        self, fetch: Callable[[], T], clock: Clock = wall_ms, cached_ms: int = CACHED_MS
    ) -> None:
        self._fetch = fetch
        self._clock = clock
        self._cached_ms = cached_ms
        self._found: tuple[T, int] | None = None

    def __call__(self) -> T:
        """Return the value; raises what `fetch` raises while there is none."""
        now = self._clock()
        if self._found is None or now - self._found[1] >= self._cached_ms:
            return self.renewed()
        return self._found[0]

    def age(self) -> int:
        """Return how long ago the value was fetched, ms; without one, for ever."""
        return self._clock() if self._found is None else self._clock() - self._found[1]

    def renewed(self) -> T:
        """Fetch and return the value; the cached one when fetching fails with TransientError."""
        try:
            self._found = self._fetch(), self._clock()
        except TransientError:
            if self._found is None:
                raise
        return self._found[0]
