"""The exchange's clock: event time, advanced by the player only."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

State: TypeAlias = Literal["waiting", "playing", "ended"]


@dataclass(slots=True)
class Clock:
    """`now` is ms of event time: everything up to it has been published.

    `speed` is event seconds a wall second; None plays as fast as the clients read.
    """

    now: int
    speed: float | None
    state: State = "waiting"

    def reach(self, time: int) -> None:
        """Advance to `time`, ms; the clock never goes back."""
        self.now = max(self.now, time)
