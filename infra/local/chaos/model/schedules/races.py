"""Schedules made by hand in which one process stands still at a call while others go on."""

from collections.abc import Mapping
from typing import Final

from ..market import CROWDED, OVERLAPPING
from ..services.faults import Fault, Kind
from .families import OPENED
from .schedule import (
    Ahead,
    Beat,
    Connect,
    Duplicate,
    Feed,
    Foreign,
    GiveUp,
    Leave,
    Meanwhile,
    Run,
    Schedule,
    Step,
    Subscribe,
    Wait,
)

BY_HAND: Final = "by hand"
FOLDED: Final = (Run("compute_features"), Run("compute_features", shard=1))
PUBLISHED: Final = (Run("publish_signals"), Run("publish_signals", shard=1))
TRACKED: Final = (Run("track_signals"), Run("track_signals", shard=1))
DECIDED: Final = (Run("score_events"), Run("score_events", shard=1))
POSTED: Final = (Run("broadcast"),) * 6
SENT: Final = "sendMessage"
NO_SEND: Final = tuple(Fault(number, Kind.FAILED, SENT) for number in range(9))
LEASE_ENDED: Final = Wait(400_000)
"""After so long a message that an instance has received is visible again, and its lease over."""


def _at(call: str, number: int = 0, kind: Kind = Kind.HELD) -> tuple[Fault, ...]:
    return (Fault(number, kind, call),)


def _sweep(instance: int, *faults: Fault) -> Run:
    return Run("track_signals", instance=instance, scheduled=True, faults=faults)


def _send(*faults: Fault, instance: int = 0) -> Run:
    return Run("send_telegram", take=1, instance=instance, faults=faults)


def _minutes(number: int) -> tuple[Step, ...]:
    """Return that so many minutes are fed, folded and decided one by one."""
    return tuple(step for _ in range(number) for step in MINUTE)


MINUTE: Final[tuple[Step, ...]] = (Feed(1), *OPENED)
DECISIONS: Final = "TransactWriteItems"


def _given_up(shard: int) -> Meanwhile:
    """Return that what was given up is decided while newer closes are."""
    again = Run("score_events", shard, instance=1, again=True, faults=_at(DECISIONS))
    return Meanwhile(again, (Run("score_events", shard, take=2),))


CLOSINGS: Final = "TransactWriteItems"
EVENTS: Final = "PutItem events_table"
RACES: Final[Mapping[str, Schedule]] = {
    "two closings of one row, from other bars": Schedule(
        OVERLAPPING[0],
        (
            *_minutes(6),
            _sweep(5),
            Feed(1),
            *OPENED,
            Meanwhile(
                _sweep(1, *_at(CLOSINGS, 1)),
                (Feed(2), *OPENED, _sweep(3, *_at(CLOSINGS, kind=Kind.AFTER))),
            ),
        ),
        BY_HAND,
    ),
    "the first two closings of a row": Schedule(
        OVERLAPPING[1],
        (
            *_minutes(4),
            _sweep(5),
            Feed(1),
            *OPENED,
            Meanwhile(
                _sweep(1, *_at(CLOSINGS)),
                (Feed(1), *OPENED, _sweep(3, *_at(CLOSINGS, kind=Kind.AFTER))),
            ),
        ),
        BY_HAND,
    ),
    "a sweep stands still while bars are folded": Schedule(
        0,
        (
            Feed(3),
            *OPENED,
            Feed(15),
            Run("track_signals"),
            Run("track_signals", shard=1),
            Meanwhile(_sweep(1, *_at("Query bars_table", 3)), FOLDED),
        ),
        BY_HAND,
    ),
    "two instances send one message": Schedule(
        0,
        (
            Duplicate(10),
            Meanwhile(_send(*_at(SENT)), (Run("send_telegram", instance=1),) * 3),
        ),
        "deliver",
    ),
    "a chat leaves after an answer was lost": Schedule(
        0,
        (_send(*_at(SENT, kind=Kind.LOST)), Subscribe("1001", active=False), Wait(70_000)),
        "deliver",
    ),
    "an answer is lost, and the next try refused": Schedule(
        0,
        (
            _send(*_at(SENT, kind=Kind.LOST)),
            LEASE_ENDED,
            _send(*_at(SENT, kind=Kind.REFUSED)),
            LEASE_ENDED,
        ),
        "deliver",
    ),
    "a process ends when Telegram has a message": Schedule(
        0,
        (_send(*_at(SENT, kind=Kind.AFTER)), LEASE_ENDED, _send(), LEASE_ENDED),
        "deliver",
    ),
    "an answer comes after the lease": Schedule(
        0,
        (
            Meanwhile(
                _send(*_at(SENT, kind=Kind.LATE)),
                (LEASE_ENDED, _send(*_at(SENT, kind=Kind.REFUSED), instance=1)),
            ),
        ),
        "deliver",
    ),
    "openings that Telegram does not take": Schedule(
        0,
        (
            Run("send_telegram", take=2, faults=NO_SEND),
            Run("send_telegram"),
            Run("send_telegram"),
        ),
        "deliver",
    ),
    "a client registers while a signal closes": Schedule(
        0,
        (
            Connect("first"),
            Leave("first"),
            Feed(1),
            *FOLDED,
            Meanwhile(
                Connect("first", _at("UpdateItem connections_table")),
                (_sweep(1), *PUBLISHED, *POSTED),
            ),
        ),
        "clients",
    ),
    "a client returns while one shard is behind": Schedule(
        0,
        (
            Connect("first"),
            Feed(2),
            *FOLDED,
            _sweep(1),
            PUBLISHED[0],
            *POSTED,
            Leave("first"),
            PUBLISHED[1],
            *POSTED,
            Connect("first"),
        ),
        "clients",
    ),
    "a message comes right after a client": Schedule(
        0,
        (
            Feed(2),
            *FOLDED,
            _sweep(1),
            *PUBLISHED,
            Connect("first"),
            *(Run("broadcast", lag=1) for _ in range(6)),
        ),
        "clients",
    ),
    "an operator removes a signal while it closes": Schedule(
        0,
        (
            Feed(5),
            *FOLDED,
            Foreign("mistake"),
            Meanwhile(_sweep(1, *_at(CLOSINGS)), (Foreign("undone"),)),
        ),
        "track",
    ),
    "one symbol is decided before the others": Schedule(
        CROWDED, (Run("score_events", take=1), Run("score_events", shard=1, take=1)) * 6, "decide"
    ),
    "another strategy has opened a signal": Schedule(
        0, (Foreign("rival"), *DECIDED, Foreign("undone")), "decide"
    ),
    "another version has written what comes again": Schedule(
        0,
        tuple(
            step
            for shard in (0, 1)
            for step in (
                Feed(1),
                Run("compute_features", shard, faults=_at(EVENTS, kind=Kind.AFTER)),
                Foreign("rewritten"),
                Run("compute_features", shard),
            )
        ),
        "fold",
    ),
    "what was given up is decided while newer closes are": Schedule(
        3,
        (
            GiveUp("score_events", 1),
            _given_up(1),
            Run("score_events", take=1),
            GiveUp("score_events"),
            _given_up(0),
        ),
        "decide",
    ),
    "a digest is read that was written just now": Schedule(
        0,
        tuple(step for _ in range(12) for step in (Run("send_telegram", lag=3), Wait(2_000))),
        "deliver",
    ),
    "a signal opens after its bars": Schedule(
        OVERLAPPING[0],
        (*_minutes(5), *TRACKED, Feed(2), *FOLDED, *TRACKED, *DECIDED, Beat(), *TRACKED),
        BY_HAND,
    ),
    "a client leaves while it resumes": Schedule(
        0,
        (Meanwhile(Connect("first", _at("PostToConnection")), (Leave("first"),)), Feed(1)),
        "clients",
    ),
    "clients of all parts": Schedule(
        0,
        (*(Connect("first"),) * 6, Feed(2), *FOLDED, _sweep(1), *PUBLISHED, *POSTED),
        "clients",
    ),
    "a refused bar comes again": Schedule(
        0,
        (
            Feed(2),
            *FOLDED,
            Ahead(),
            Feed(2),
            *(
                Run("compute_features", s, take=n, redeliver="whole")
                for n in range(1, 8)
                for s in (0, 1)
            ),
        ),
        "fold",
    ),
    "the fold fails, and the process before its letter": Schedule(
        0,
        (
            Ahead(defect=True),
            Feed(1),
            *(
                Run("compute_features", shard, faults=_at("SendMessage", kind=Kind.BEFORE))
                for shard in (0, 1)
            ),
        ),
        "fold",
    ),
    "the fold fails, and the queue of letters": Schedule(
        0,
        (
            Ahead(defect=True),
            Feed(1),
            *(
                Run(
                    "compute_features",
                    shard,
                    faults=tuple(Fault(number, Kind.FAILED, "SendMessage") for number in range(6)),
                )
                for shard in (0, 1)
            ),
        ),
        "fold",
    ),
    "two instances have the heartbeats in turns": Schedule(
        0,
        (
            Feed(1),
            *TRACKED,
            *(
                step
                for number in (1, 0) * 3
                for step in (
                    Wait(5_000),
                    Beat(),
                    Run("track_signals", instance=number),
                    Run("track_signals", shard=1, instance=number),
                )
            ),
        ),
        "track",
    ),
}
"""By what happens in them."""
