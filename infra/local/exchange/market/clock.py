"""The exchange's clock: event time, driven by the player alone."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

State: TypeAlias = Literal["waiting", "playing", "ended"]


@dataclass(slots=True)
class Clock:
    """`now` is ms of event time: the moment up to which everything has been told.

    `speed` is event seconds a wall second; None plays as fast as the listeners take it.
    """

    now: int
    speed: float | None
    state: State = "waiting"

    def reach(self, time: int) -> None:
        """Move on to `time`; a clock never goes back."""
        self.now = max(self.now, time)
