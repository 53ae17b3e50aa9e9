"""Schedules that run by the clock, minute after minute, so that times can be bounded.

Each stream is read in every minute, or the schedule beside it runs: what is disturbed is tried
again at once, a stream may be away for a minute or forget what it has, a schedule may be missed.
Between two minutes an older or newer version of the code may store something.
"""

import random
from typing import Final

from ..foreign import EVERY
from ..market import MARKETS, MINUTES
from ..services.faults import KINDS, Fault
from .schedule import STREAMED, Foreign, Minute, Run, Schedule, Step

FAMILY: Final = "by hand"
"""All streamed functions run, and the queue, from the beginning of a market on."""


def clocked(seed: int) -> Schedule:
    """Return the schedule of a seed."""
    chance = random.Random(f"clock {seed}")  # repeatable, not secret
    steps: list[Step] = []
    missed = False
    for _ in range(MINUTES - 1):
        missed = not missed and chance.random() < 0.2
        steps.append(_minute(chance, missed))
        if chance.random() < 0.3:
            steps.append(Foreign(chance.choice(sorted(EVERY))))
    return Schedule(chance.randrange(MARKETS), tuple(steps), FAMILY)


def _minute(chance: random.Random, missed: bool) -> Minute:
    away = chance.choice(("", "track_signals", "publish_signals"))
    return Minute(
        runs=tuple(_disturbed(chance) for _ in range(chance.choice((0, 1, 2)))),
        away="" if missed and away == "track_signals" else away,
        missed=missed,
        forgets=chance.random() < 0.2,
    )


def _disturbed(chance: random.Random) -> Run:
    """Return a run that is disturbed once, so that its minute is long enough for it."""
    return Run(
        chance.choice(STREAMED),
        chance.randrange(2),
        faults=(Fault(int(chance.expovariate(1 / 4)), chance.choice(KINDS)),),
        redeliver=chance.choice(("once", "half", "whole")),
        instance=chance.randrange(2),
    )
