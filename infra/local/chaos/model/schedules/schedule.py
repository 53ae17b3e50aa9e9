"""Schedules: what happens, step by step, as data that can be printed, shortened and run again.

A step that finds nothing to do does nothing, so every part of a schedule can be left out.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from ..services.faults import Fault

STREAMED: Final = ("compute_features", "score_events", "track_signals", "publish_signals")
SCHEDULED: Final = ("track_signals", "publish_signals")
CLIENTS: Final = ("first", "second")
CHATS: Final = ("1002", "1003")


@dataclass(frozen=True, slots=True)
class Feed:
    """The next minutes go on the stream; the bars of `late` wait for the next `Feed`."""

    minutes: int = 1
    late: str = ""


@dataclass(frozen=True, slots=True)
class Repeat:
    """Bars that are on the stream are put again: the newest of each shard, so many.

    `other`: with another volume, as a second source of the market has it.
    """

    records: int = 1
    other: bool = False


@dataclass(frozen=True, slots=True)
class Run:
    """One invocation with the next records or messages.

    `redeliver`: what of the batch comes again although it has succeeded ("once": nothing). `lag`:
    writes that indexes, and reads that are not consistent, are behind. `again`: with the records
    that were given up instead of the next ones.
    """

    function: str
    shard: int = 0
    take: int = 100
    faults: tuple[Fault, ...] = ()
    redeliver: str = "once"
    instance: int = 0
    lag: int = 0
    scheduled: bool = False
    again: bool = False


@dataclass(frozen=True, slots=True)
class GiveUp:
    """The next record of a function's shard has failed for hours, and the ones after it go on."""

    function: str
    shard: int = 0


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
class Meanwhile:
    """Steps that happen while a run, or a client's resume, stands still at a call (`Kind.HELD`)."""

    first: Run | Connect
    steps: "tuple[Step, ...]"


@dataclass(frozen=True, slots=True)
class Leave:
    """A WebSocket client's connection breaks; nobody is notified."""

    client: str


@dataclass(frozen=True, slots=True)
class Hinder:
    """The next resume that a client requests by itself has these faults."""

    client: str
    faults: tuple[Fault, ...] = ()


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
class Minute:
    """A minute by the clock: the next feed, disturbed runs, then each stream, and the schedules.

    `away`: the function whose stream is not read in it. `missed`: the sweep does not run.
    `forgets`: the stream of the signals forgets what publish_signals has not had.
    """

    runs: tuple[Run, ...] = ()
    away: str = ""
    missed: bool = False
    forgets: bool = False


@dataclass(frozen=True, slots=True)
class Malformed:
    """A record that nobody can read; `claims` is the kind that it says it is."""

    claims: str = ""


@dataclass(frozen=True, slots=True)
class Ahead:
    """A bar comes that becomes a dead letter: of the new symbol, before its history.

    `defect`: the next one of an old symbol, in a form in which the fold fails on it.
    """

    defect: bool = False


@dataclass(frozen=True, slots=True)
class Beat:
    """A heartbeat comes, and no bar."""


@dataclass(frozen=True, slots=True)
class Gap:
    """An entry of the ledger opens, or the one that is open is closed."""


@dataclass(frozen=True, slots=True)
class Foreign:
    """Another version stores an item in a form of its own; `kind` is one of `foreign`'s."""

    kind: str


Step: TypeAlias = (
    Feed | Repeat | Run | Together | Connect | Leave | Hinder | Subscribe | Wait | Cold | Duplicate
    | Forget | Malformed | Gap | Foreign | GiveUp | Minute | Meanwhile | Ahead | Beat
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Schedule:
    """A market, and what happens while it is played; `family` is one of `families.FAMILIES`."""

    market: int
    steps: tuple[Step, ...]
    family: str = "whole"


def injections(steps: Sequence[Step]) -> int:
    """Return how many faults and disturbances are in steps."""
    total = 0
    for step in steps:
        match step:
            case Run():
                total += len(step.faults) + (step.redeliver != "once") + bool(step.lag)
            case Together():
                total += 1 + injections(step.runs)
            case Minute():
                total += injections(step.runs) + bool(step.away) + step.missed + step.forgets
            case Meanwhile():
                total += injections((step.first, *step.steps))
            case Connect() | Hinder():
                total += len(step.faults)
            case Feed():
                total += bool(step.late)
            case _:
                total += 1
    return total
