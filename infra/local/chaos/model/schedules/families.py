"""Families of schedules: each concentrates on some functions, and begins where they have work.

What comes before is played once a market, undisturbed; the functions of a family are disturbed, and
no others run. The family `whole` runs all of them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from ..market import MINUTES
from .schedule import Feed, Run, Step

BOTH: Final = (0, 1)
"""The shards of a stream."""


@dataclass(frozen=True, slots=True)
class Family:
    """Which functions run, after what, and for how many minutes of the market in all."""

    pipeline: tuple[tuple[str, int], ...]
    """What runs after a feed, function and shard, in the order of the data."""
    before: tuple[Step, ...]
    minutes: int
    rounds: int = 0
    """How often the pipeline runs when nothing is fed."""
    others: frozenset[str] = frozenset()
    """Steps beside runs and feeds that disturb it: names of `schedule`'s classes."""
    share: int = 1
    """How many of the seeds, in relation to the other families."""

    @property
    def functions(self) -> frozenset[str]:
        """Return the functions that run."""
        return frozenset(function for function, _ in self.pipeline)

    @property
    def fed(self) -> int:
        """Return the minutes that were fed before."""
        return sum(step.minutes for step in self.before if isinstance(step, Feed))


def _streamed(*functions: str) -> tuple[tuple[str, int], ...]:
    return tuple((function, shard) for function in functions for shard in BOTH)


def _runs(*functions: str) -> tuple[Run, ...]:
    return tuple(Run(function, shard) for function, shard in _streamed(*functions))


OPENED: Final = _runs("compute_features", "score_events")
"""What is on the stream is folded and decided."""
SWEEP: Final = Run("track_signals", scheduled=True)
FEED: Final = frozenset({"Repeat", "Cold", "Wait"})
POSTED: Final = ("publish_signals", "broadcast")

FAMILIES: Final[Mapping[str, Family]] = {
    "fold": Family(
        _streamed("compute_features", "score_events"), (), 4,
        others=FEED | {"Malformed"}, share=3,
    ),
    "decide": Family(
        _streamed("score_events"), (Feed(7), *_runs("compute_features")), 7, 4,
        others=frozenset({"Cold", "Wait", "Foreign"}), share=3,
    ),
    "track": Family(
        _streamed("compute_features", "track_signals"), (Feed(3), *OPENED), 9,
        others=FEED | {"Gap", "Foreign", "Malformed"}, share=3,
    ),
    "publish": Family(
        _streamed("track_signals", "publish_signals"),
        (Feed(3), *OPENED, Feed(3), *_runs("compute_features")), 6, 3,
        others=frozenset({"Cold", "Wait", "Forget", "Foreign"}), share=3,
    ),
    "deliver": Family(
        (("send_telegram", 0),) * 3,
        (Feed(3), *OPENED, *_runs("publish_signals"), Feed(2), *OPENED, SWEEP,
         *_runs("publish_signals")),
        5, 3,
        others=frozenset({"Subscribe", "Duplicate", "Wait", "Cold"}), share=2,
    ),
    "channels": Family(
        (("send_channels", 0),) * 4,
        (Feed(3), *OPENED, *_runs("publish_signals"), Feed(2), *OPENED, SWEEP,
         *_runs("publish_signals")),
        5, 4,
        others=frozenset({"Duplicate", "Wait", "Cold"}), share=0,
    ),
    "clients": Family(
        (*_streamed("compute_features", "track_signals", "publish_signals"),
         ("broadcast", 0), ("broadcast", 0)),
        (Feed(3), *OPENED), 7,
        others=frozenset({"Connect", "Leave", "Hinder", "Wait"}), share=3,
    ),
    "whole": Family(
        (*_streamed("compute_features", "score_events", "track_signals", "publish_signals"),
         ("send_telegram", 0), ("broadcast", 0), ("send_telegram", 0), ("broadcast", 0)),
        (), 5,
        others=frozenset({
            "Repeat", "Connect", "Leave", "Hinder", "Subscribe", "Wait", "Cold", "Duplicate",
            "Forget", "Malformed", "Gap", "Foreign",
        }),
    ),
    "by hand": Family(
        (*_streamed("compute_features", "score_events", "track_signals", "publish_signals"),
         ("send_telegram", 0), ("broadcast", 0), ("send_channels", 0)),
        (), MINUTES, share=0,
    ),
}  # fmt: skip
"""By name; what is made by hand has a whole market. What has no share of the seeds is played beside
others: a new family would give each seed another schedule."""
