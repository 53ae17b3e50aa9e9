"""The sequence of a symbol's 1m bars: each bar once, each right after the one before it."""

from typing import Final, Literal, TypeAlias

from ..facts.stream import Bar
from ..intervals import MINUTE_MS

LATE_MS: Final = 3_000
"""Exchange ms after its close at which a bar that was not streamed is requested."""

Source: TypeAlias = Literal["ws", "rest"]


class BarSequencer:
    """Sorts closed 1m bars: a bar is the head only when the one before it has been sent."""

    def __init__(self) -> None:
        self.next_open: int | None = None
        """Open time of the next bar to send; None until the first bar is known."""
        self.gap_ms = 0
        """Time without data right before the next bar that could not be repaired."""
        self._held: dict[int, tuple[Bar, Source]] = {}

    def __len__(self) -> int:
        return len(self._held)

    def offer(self, bar: Bar, source: Source) -> Bar | None:
        """Take a closed bar; returns that minute's earlier one, if any (first wins)."""
        if self.next_open is None:
            self.next_open = bar.open_time
        if bar.open_time < self.next_open:
            return None
        known = self._held.setdefault(bar.open_time, (bar, source))[0]
        return None if known is bar else known

    def head(self) -> tuple[Bar, Source] | None:
        """Return the next bar of the sequence if it has been received."""
        return None if self.next_open is None else self._held.get(self.next_open)

    def advance(self) -> None:
        """Remove the head: it is being sent."""
        assert self.next_open is not None  # noqa: S101 - there is a head
        del self._held[self.next_open]
        self.next_open += MINUTE_MS
        self.gap_ms = 0

    def hole(self, clock: int) -> tuple[int, int] | None:
        """Return the open times [start, end) that are missing at exchange time `clock`."""
        start = self.next_open
        if start is None or start in self._held:
            return None
        if self._held:
            return start, min(self._held)
        end = (clock - LATE_MS) // MINUTE_MS * MINUTE_MS
        return (start, end) if end > start else None

    def skip(self) -> bool:
        """Give up the bars missing before those held; False when none are held."""
        if not self._held or self.next_open is None:
            return False
        first = min(self._held)
        self.gap_ms += first - self.next_open
        self.next_open = first
        return True
