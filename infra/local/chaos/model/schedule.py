"""Schedules: what happens, step by step, as data that can be printed, shortened and run again.

A step that finds nothing to do does nothing, so every part of a schedule can be left out.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, TypeAlias

from .market import QUIET_MINUTES, SYMBOLS
from .services.faults import KINDS, Fault

STREAMED: Final = ("compute_features", "score_events", "track_signals", "publish_signals")
SCHEDULED: Final = ("track_signals", "publish_signals")
PIPELINE: Final = (
    *((function, shard) for function in STREAMED for shard in (0, 1)),
    ("send_telegram", 0), ("broadcast", 0), ("send_telegram", 0), ("broadcast", 0),
)  # fmt: skip
"""What runs after a feed, in the order of the data."""
CLIENTS: Final = ("first", "second")
CHATS: Final = ("1002", "1003")
BUSY_MINUTES: Final = 8
MINUTES: Final = BUSY_MINUTES + QUIET_MINUTES
LATEST_MINUTES: Final = 3
"""Minutes that one symbol's bars may be behind the others'."""
REPEATS: Final = ("once", "once", "once", "once", "half", "whole")


@dataclass(frozen=True, slots=True)
class Feed:
    """The next minutes go on the stream; the bars of `late` wait for the next `Feed`."""

    minutes: int = 1
    late: str = ""


@dataclass(frozen=True, slots=True)
class Repeat:
    """Bars that are on the stream are put again: the newest of each shard, so many."""

    records: int = 1


@dataclass(frozen=True, slots=True)
class Run:
    """One invocation with the next records or messages.

    `redeliver`: what of the batch comes again although it has succeeded ("once": nothing). `lag`:
    writes that indexes, and reads that are not consistent, are behind.
    """

    function: str
    shard: int = 0
    take: int = 100
    faults: tuple[Fault, ...] = ()
    redeliver: str = "once"
    instance: int = 0
    lag: int = 0
    scheduled: bool = False


@dataclass(frozen=True, slots=True)
class Together:
    """Invocations that run at the same time, interleaved at their calls."""

    runs: tuple[Run, ...]
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Connect:
    """A WebSocket client connects, again if it is connected, and resumes from its cursor."""

    client: str
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True)
class Leave:
    """A WebSocket client's connection breaks; nobody is notified."""

    client: str


@dataclass(frozen=True, slots=True)
class Subscribe:
    """A chat subscribes, or ends its subscription."""

    chat: str
    active: bool = True


@dataclass(frozen=True, slots=True)
class Wait:
    """Wall time passes."""

    ms: int


@dataclass(frozen=True, slots=True)
class Cold:
    """An instance of a function ends between two invocations."""

    function: str
    instance: int = 0


@dataclass(frozen=True, slots=True)
class Duplicate:
    """SQS delivers its newest messages twice, and in another order."""

    messages: int = 1


@dataclass(frozen=True, slots=True)
class Forget:
    """The stream of the signals forgets a record that publish_signals has not had."""

    shard: int = 0


@dataclass(frozen=True, slots=True)
class Malformed:
    """A record that nobody can read; `claims` is the kind that it says it is."""

    claims: str = ""


@dataclass(frozen=True, slots=True)
class Gap:
    """An entry of the ledger opens, or the one that is open is closed."""


Step: TypeAlias = (
    Feed | Repeat | Run | Together | Connect | Leave | Subscribe | Wait | Cold | Duplicate | Forget
    | Malformed | Gap
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Schedule:
    """A market, and what happens while it is played."""

    market: int
    steps: tuple[Step, ...]


def injections(steps: Sequence[Step]) -> int:
    """Return how many faults and disturbances are in steps."""
    total = 0
    for step in steps:
        match step:
            case Run():
                total += len(step.faults) + (step.redeliver != "once") + bool(step.lag)
            case Together():
                total += 1 + injections(step.runs)
            case Connect():
                total += len(step.faults)
            case Feed():
                total += bool(step.late)
            case _:
                total += 1
    return total


# --- generation ----------------------------------------------------------------------------------


class Generator:
    """Makes the schedule of a seed."""

    def __init__(self, seed: int, markets: int) -> None:
        self._chance = random.Random(seed)  # repeatable, not secret
        self._market = self._chance.randrange(markets)

    def schedule(self) -> Schedule:
        """Return it: all busy minutes are fed, and after each feed most functions run."""
        steps: list[Step] = [Connect("first")]
        left, late = BUSY_MINUTES, 0
        while left > 0:
            feed = self._feed(min(left, self._chance.choice((1, 2, 2, 3))), late)
            late = late + feed.minutes if feed.late else 0
            left -= feed.minutes
            steps += (feed, *self._round())
        return Schedule(self._market, tuple(steps))

    def _round(self) -> list[Step]:
        """Return the functions in the order of the data, with gaps, swaps and other steps."""
        c = self._chance
        steps: list[Step] = []
        for function, shard in PIPELINE:
            if c.random() < 0.7:
                alone = c.random() < 0.75
                run = self._run(function, shard)
                steps.append(run if alone else self._together(run))
            if c.random() < 0.12:
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
        c = self._chance
        others: list[Step] = [
            Repeat(c.randint(1, 4)),
            Connect(c.choice(CLIENTS), self._faults(0.3)),
            Leave(c.choice(CLIENTS)),
            Subscribe(c.choice(CHATS), c.random() < 0.7),
            Wait(c.choice((1_000, 20_000, 70_000, 130_000))),
            Cold(c.choice(STREAMED), c.randrange(2)),
            Duplicate(c.randint(1, 2)),
            Forget(c.randrange(2)),
            Malformed(c.choice(("", "bars", "ticks"))),
            Gap(),
            Gap(),
            replace(self._run(c.choice(SCHEDULED), 0), scheduled=True, redeliver="once"),
        ]
        return c.choice(others)

    def _together(self, run: Run) -> Together:
        """Return a run beside others, or beside itself: a batch that is delivered twice at once."""
        c = self._chance
        if c.random() < 0.5:
            again = replace(run, faults=self._faults(0.3), take=c.choice((run.take, 100)))
            return Together((run, again), c.randrange(1_000))
        if c.random() < 0.3:
            return Together((run, *self._sweep_beside_fold()), c.randrange(1_000))
        others = [self._run(*c.choice(PIPELINE)) for _ in range(c.choice((1, 1, 2)))]
        if c.random() < 0.3:
            others.append(replace(others[0], function=c.choice(SCHEDULED), scheduled=True))
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
