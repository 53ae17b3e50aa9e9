"""Makes the schedule of a seed: a family, a market, and what happens in it."""

import random
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

from ..foreign import KINDS as FOREIGN
from ..market import MARKETS, SYMBOLS
from ..services.faults import KINDS, Fault
from .families import FAMILIES, Family
from .schedule import (
    CHATS,
    CLIENTS,
    SCHEDULED,
    Cold,
    Connect,
    Duplicate,
    Feed,
    Foreign,
    Forget,
    Gap,
    Hinder,
    Leave,
    Malformed,
    Repeat,
    Run,
    Schedule,
    Step,
    Subscribe,
    Together,
    Wait,
    injections,
)

FEWEST: Final = 10
"""Injections in a schedule, at least."""
REPEATS: Final = ("once", "once", "once", "once", "half", "whole")
LATEST_MINUTES: Final = 3
"""Minutes that one symbol's bars may be behind the others'."""
ASLEEP_MS: Final = 14 * 3_600_000
"""The wall clock after a night in which a machine was asleep."""


class Generator:
    """Makes one schedule."""

    def __init__(self, seed: int, families: Mapping[str, Family] = FAMILIES) -> None:
        self._chance = random.Random(seed)  # repeatable, not secret
        shares = [one.share for one in families.values()]
        self._name = self._chance.choices(list(families), shares if any(shares) else None)[0]
        self._family = families[self._name]
        self._market = self._chance.randrange(MARKETS)

    def schedule(self) -> Schedule:
        """Return it: its minutes are fed, and after each feed most of its functions run."""
        family = self._family
        steps: list[Step] = [Connect("first")] if "Connect" in family.others else []
        left, late = family.minutes - family.fed - 1, 0
        rounds = family.rounds
        while left > 0 or rounds > 0 or injections(steps) < FEWEST:
            if left > 0:
                feed = self._feed(min(left, self._chance.choice((1, 1, 2))), late)
                late = late + feed.minutes if feed.late else 0
                left -= feed.minutes
                steps.append(feed)
            rounds -= 1
            steps += self._round()
        return Schedule(self._market, tuple(steps), self._name)

    def _round(self) -> list[Step]:
        """Return the functions in the order of the data, with gaps, swaps and other steps."""
        c = self._chance
        steps: list[Step] = []
        for function, shard in self._family.pipeline:
            if c.random() < 0.7:
                alone = c.random() < 0.75
                run = self._run(function, shard)
                steps.append(run if alone else self._together(run))
            if c.random() < 0.15:
                steps.append(self._other())
        for place in range(len(steps) - 1):
            if c.random() < 0.15:
                steps[place : place + 2] = steps[place : place + 2][::-1]
        return steps

    def _feed(self, minutes: int, late: int) -> Feed:
        if self._chance.random() < 0.3 and late + minutes <= LATEST_MINUTES:
            return Feed(minutes, self._chance.choice(SYMBOLS))
        return Feed(minutes)

    def _other(self) -> Step:
        """Return another step that the family knows, or a run of one of its schedules."""
        c = self._chance
        scheduled = [one for one in SCHEDULED if one in self._family.functions]
        names = sorted(self._family.others) + scheduled
        name = c.choice(names)
        if name in scheduled:
            return replace(self._run(name, 0), scheduled=True, redeliver="once")
        return self._kinds()[name]()

    def _kinds(self) -> Mapping[str, Callable[[], Step]]:
        c = self._chance
        return {
            "Repeat": lambda: Repeat(c.randint(1, 4), other=c.random() < 0.5),
            "Connect": lambda: Connect(c.choice(CLIENTS), self._faults(0.3)),
            "Leave": lambda: Leave(c.choice(CLIENTS)),
            "Hinder": lambda: Hinder(c.choice(CLIENTS), self._faults(1.0)),
            "Subscribe": lambda: Subscribe(c.choice(CHATS), c.random() < 0.7),
            "Wait": lambda: Wait(c.choice((1_000, 20_000, 70_000, 130_000, ASLEEP_MS))),
            "Cold": lambda: Cold(c.choice(sorted(self._family.functions)), c.randrange(2)),
            "Duplicate": lambda: Duplicate(c.randint(1, 2)),
            "Forget": lambda: Forget(c.randrange(2)),
            "Malformed": lambda: Malformed(c.choice(("", "bars", "ticks"))),
            "Gap": Gap,
            "Foreign": lambda: Foreign(c.choice(sorted(FOREIGN))),
        }

    def _together(self, run: Run) -> Together:
        """Return a run beside others, or beside itself: a batch that is delivered twice at once."""
        c = self._chance
        if c.random() < 0.5:
            again = replace(run, faults=self._faults(0.3), take=c.choice((run.take, 100)))
            return Together((run, again), c.randrange(1_000))
        if c.random() < 0.3 and {"track_signals", "compute_features"} <= self._family.functions:
            return Together((run, *self._sweep_beside_fold()), c.randrange(1_000))
        others = [self._run(*c.choice(self._family.pipeline)) for _ in range(c.choice((1, 1, 2)))]
        scheduled = [one for one in SCHEDULED if one in self._family.functions]
        if scheduled and c.random() < 0.3:
            others.append(replace(others[0], function=c.choice(scheduled), scheduled=True))
        return Together((run, *others), c.randrange(1_000))

    def _sweep_beside_fold(self) -> tuple[Run, ...]:
        """Return settlements that see more and more bars."""
        sweep = Run("track_signals", instance=1, scheduled=True)
        folds = [self._run("compute_features", shard) for shard in (0, 1)]
        return (sweep, *folds, self._run("track_signals", self._chance.randrange(2)))

    def _run(self, function: str, shard: int) -> Run:
        c = self._chance
        return Run(
            function,
            shard=shard,
            take=c.choice((1, 2, 5, 100, 100, 100)),
            faults=self._faults(0.5),
            redeliver=c.choice(REPEATS),
            instance=c.choice((0, 0, 1)),
            lag=c.choice((0, 0, 0, 1, 2, 5)),
        )

    def _faults(self, share: float) -> tuple[Fault, ...]:
        c = self._chance
        if c.random() >= share:
            return ()
        found = {}
        for _ in range(c.choice((1, 1, 2, 3))):
            call = int(c.expovariate(1 / 4))
            found[call] = Fault(call, c.choice(KINDS))
        return tuple(found[call] for call in sorted(found))
