"""A value that is asked for again only when it has become old."""

from collections.abc import Callable
from typing import Final, Generic, TypeVar

from signalengine.errors import TransientError

from .clock import Clock, wall_ms

KEPT_MS: Final = 300_000
T = TypeVar("T")


class TtlCache(Generic[T]):
    """Gives what `fetch` gave, at most `kept_ms` old; older only while fetching fails."""

    def __init__(
        self, fetch: Callable[[], T], clock: Clock = wall_ms, kept_ms: int = KEPT_MS
    ) -> None:
        self._fetch = fetch
        self._clock = clock
        self._kept_ms = kept_ms
        self._found: tuple[T, int] | None = None

    def __call__(self) -> T:
        """Raises what `fetch` does while there is nothing to give."""
        now = self._clock()
        if self._found is None or now - self._found[1] >= self._kept_ms:
            return self.renewed()
        return self._found[0]

    def renewed(self) -> T:
        """The same, however old: what is kept is given only when there is no asking."""
        try:
            self._found = self._fetch(), self._clock()
        except TransientError:
            if self._found is None:
                raise
        return self._found[0]
