"""Schedules made by hand, for what a seed meets too rarely."""

from collections.abc import Mapping
from typing import Final

from ..market import SYMBOLS
from ..services.faults import Fault, Kind
from .clocked import clocked
from .families import OPENED, SWEEP
from .races import RACES
from .schedule import (
    Feed,
    Forget,
    Gap,
    GiveUp,
    Repeat,
    Run,
    Schedule,
    Subscribe,
    Together,
    Wait,
)

BY_HAND: Final = "by hand"


def _both(function: str) -> tuple[Run, Run]:
    """Return a function's run on each shard."""
    return Run(function), Run(function, shard=1)


def _cold_folds(take: int, lag: int) -> tuple[Run, ...]:
    """Return folds of a few records each, by one new process after the other."""
    return tuple(
        Run("compute_features", shard, take, instance=instance, lag=lag)
        for instance in range(9)
        for shard in (0, 1)
    )


WARM_SWEEP: Final = Run("track_signals", instance=1, scheduled=True)

DIRECTED: Final[Mapping[str, Schedule]] = {
    "a pause of hours before an opening": Schedule(
        5,
        (
            Wait(50_400_000),
            Run("send_telegram", take=2, faults=(Fault(1, Kind.BEFORE),), lag=5),
            Run("send_telegram"),
            Subscribe("1002", active=False),
        ),
        "deliver",
    ),
    "two closings of one symbol at once": Schedule(
        2,
        (
            Feed(4),
            *OPENED,
            Feed(2),
            Together(
                (
                    Run("track_signals", instance=1, scheduled=True),
                    *_both("compute_features"),
                    Run("track_signals"),
                ),
                118,
            ),
        ),
        BY_HAND,
    ),
    "a sweep whose closings conflict": Schedule(
        0,
        (
            Feed(8),
            *OPENED,
            Run(
                "track_signals",
                faults=(Fault(0, Kind.CONFLICT, "TransactWriteItems"),),
                scheduled=True,
            ),
        ),
        BY_HAND,
    ),
    "a warm instance sweeps twice": Schedule(
        0, (Feed(8), *OPENED, WARM_SWEEP, Feed(4), *OPENED, WARM_SWEEP), BY_HAND
    ),
    "a sweep whose reads fail": Schedule(
        0,
        (
            Feed(8),
            *OPENED,
            Run(
                "track_signals",
                faults=tuple(Fault(call, Kind.FAILED) for call in range(2, 5)),
                scheduled=True,
            ),
        ),
        BY_HAND,
    ),
    "a sweep while bars are folded": Schedule(
        2,
        (
            Feed(3),
            *OPENED,
            Feed(15),
            *_both("track_signals"),
            Together((WARM_SWEEP, *_both("compute_features")), 56),
        ),
        BY_HAND,
    ),
    "the queue delivers messages to two instances": Schedule(
        0,
        (
            Feed(8),
            *OPENED,
            SWEEP,
            *_both("publish_signals"),
            *(
                Together(
                    (
                        Run("send_telegram", take=2),
                        Run("send_telegram", redeliver="whole", instance=1),
                    ),
                    seed,
                )
                for seed in range(8)
            ),
        ),
        BY_HAND,
    ),
    "a chat leaves after a send without an answer": Schedule(
        0,
        (
            Feed(3),
            *OPENED,
            *_both("publish_signals"),
            Run("send_telegram", take=1, faults=(Fault(15, Kind.LOST),)),
            Subscribe("1001", active=False),
            Wait(70_000),
        ),
        BY_HAND,
    ),
    "the stream forgets closings": Schedule(
        0,
        (
            Feed(3),
            *OPENED,
            *_both("publish_signals"),
            Feed(5),
            *OPENED,
            SWEEP,
            *(Forget(number % 2) for number in range(30)),
        ),
        BY_HAND,
    ),
    "entries of the ledger come again": Schedule(
        0,
        (
            Gap(),
            Gap(),
            *(Run("track_signals", shard, redeliver="whole") for shard in (0, 1)),
            *_both("track_signals"),
        ),
        BY_HAND,
    ),
    "the audience changes before the closing": Schedule(
        0,
        (
            Feed(3),
            *OPENED,
            *_both("publish_signals"),
            *(Run("send_telegram") for _ in range(6)),
            Subscribe("1003"),
            Subscribe("1002", active=False),
            Wait(10_000),
        ),
        BY_HAND,
    ),
    "minutes by the clock": clocked(0),
    "minutes by the clock, on a market with protections": clocked(2),
    "bars of yesterday come after midnight": Schedule(
        1,
        (
            Feed(7, late=SYMBOLS[1]),
            *OPENED,
            *_both("track_signals"),
            Feed(1),
            *OPENED,
            *_both("track_signals"),
            Feed(1),
            *_both("track_signals"),
        ),
        BY_HAND,
    ),
    "decisions on an index that is behind": Schedule(4, (Run("score_events", lag=2),), "decide"),
    "two heartbeats at once": Schedule(
        5,
        tuple(
            Together((Run("track_signals", shard, take=5), Run("track_signals", shard)), seed)
            for shard in (0, 1)
            for seed in range(12)
        ),
        "publish",
    ),
    "what was given up is decided beside newer closes": Schedule(
        0,
        tuple(
            step
            for seed in range(6)
            for shard in (0, 1)
            for step in (
                GiveUp("score_events", shard),
                Together(
                    (
                        Run("score_events", shard, take=2),
                        Run("score_events", shard, instance=1, again=True),
                    ),
                    seed,
                ),
            )
        ),
        "decide",
    ),
    "another source's bars meet a process that fell behind": Schedule(
        0,
        tuple(
            step
            for seed in range(3)
            for step in (
                Feed(1),
                *_both("compute_features"),
                Repeat(1, other=True),
                Together(
                    (
                        Run("compute_features", instance=1),
                        Run("compute_features", 1, instance=1),
                        *_both("compute_features"),
                    ),
                    seed,
                ),
            )
        ),
        "fold",
    ),
    "cold processes whose reads are behind": Schedule(
        1, (Feed(1), *OPENED, Feed(6), *_cold_folds(take=1, lag=3)), BY_HAND
    ),
    "a symbol is new to cold processes whose reads are behind": Schedule(
        0, (Feed(7), *_cold_folds(take=7, lag=4)), BY_HAND
    ),
    **RACES,
}
"""By what happens in them."""
