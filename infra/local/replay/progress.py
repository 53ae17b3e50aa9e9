"""Whether a replay still advances, what it waits for, and when waiting is over."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

QUIET_S = 180.0
"""Seconds without any change, and with nothing on its way, after which a replay is given up."""
LOOK_AFTER_S = 10.0
"""Seconds without any change after which it is looked for what is on its way."""


@dataclass(frozen=True, slots=True)
class OnItsWay:
    """Work that continues by itself, at the latest in `within_s`.

    `exact`: the time is known; otherwise it is counted from when this work was first seen.
    """

    what: str
    within_s: float
    exact: bool = False


class StallDetector:
    """Compares readings of a replay. Times are seconds of `clock`."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._mark: str | None = None
        self._since = self._expected = clock()
        self._on_its_way: Sequence[OnItsWay] = ()

    def observe(self, mark: str, on_its_way: Callable[[], Sequence[OnItsWay]]) -> None:
        """Take a reading; `mark` changes whenever the replay advances."""
        now = self._clock()
        if mark != self._mark:
            self._mark, self._since, self._expected, self._on_its_way = mark, now, now, ()
        elif now - self._since >= LOOK_AFTER_S:
            self._expect(on_its_way(), now)

    def _expect(self, found: Sequence[OnItsWay], now: float) -> None:
        if [one.what for one in found] != [one.what for one in self._on_its_way]:
            self._expected = max([now, *(now + one.within_s for one in found)])
        for one in found:
            if one.exact:
                self._expected = max(self._expected, now + one.within_s)
        self._on_its_way = found

    @property
    def quiet_s(self) -> float:
        """How long nothing has advanced."""
        return self._clock() - self._since

    @property
    def waits_for(self) -> str:
        """What is on its way and when it is expected; empty when nothing is known of."""
        if not self._on_its_way:
            return ""
        left = max(0.0, self._expected - self._clock())
        return f"{'; '.join(one.what for one in self._on_its_way)}: expected within {left:.0f} s"

    @property
    def over(self) -> bool:
        """Whether to give up: nothing has advanced for long, and nothing is expected any more."""
        return self._clock() > max(self._since, self._expected) + QUIET_S
