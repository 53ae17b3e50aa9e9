"""Several shards append to the logs of the same groups: how often, and how long it takes.

Records are divided among shards by symbol, so with several shards each group has symbols in all of
them, and each shard's invocation appends to every group's log. Whoever appended last is the only
one whose cache is true: all others read what is new, fold again and append again, up to six times.
Times are ms; the waits between tries are those of `runtime.retries`.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from heapq import heappop, heappush
from math import ceil
from typing import Final

from signalengine_aws.application.compute_features import WORKERS
from signalengine_aws.runtime.retries import FIRST_WAIT_S, LONGEST_WAIT_S, TRIES
from signalengine_aws.stores.log.groups import SIZE

from .hops import CALL_MS, FOLD_CPU_MS, VCPU_1024

MINUTES: Final = 200
POLL_MS: Final = 1_000.0
"""Within this time after a close the shards' invocations begin, each at its own moment."""


@dataclass(frozen=True, slots=True)
class Appended:
    """The result of a number of shards."""

    shards: int
    tries: float
    """Appends tried for each that was made."""
    p50_ms: float
    p95_ms: float
    """From an invocation's begin until all its groups are appended."""
    given_up: float
    """Share of invocations that have to come again: a group stayed contested."""


def appended(symbols: int, shards: int, *, by_group: bool = False, seed: int = 7) -> Appended:
    """Simulate minutes of a market; `by_group`: all symbols of a group are on one shard (pure)."""
    chance = random.Random(f"{seed} {symbols} {shards} {by_group}")  # repeatable, not secret
    groups = ceil(symbols / SIZE)
    logs = [0] * groups
    known = [[0] * groups for _ in range(shards)]
    minutes = []
    for _ in range(MINUTES):
        minute = _Minute(chance, logs, known, symbols / shards)
        for shard in range(shards):
            minute.begin(shard, range(shard, groups, shards) if by_group else range(groups))
        minute.run()
        minutes.append(minute)
    times = sorted(time for minute in minutes for time in minute.took)
    tries, made = sum(one.tries for one in minutes), sum(one.made for one in minutes)
    return Appended(
        shards, tries / max(1, made), times[len(times) // 2], times[len(times) * 95 // 100],
        sum(one.lost for one in minutes) / (MINUTES * shards),
    )  # fmt: skip


class _Minute:
    """The invocations of one minute, as events in the order of time."""

    def __init__(
        self, chance: random.Random, logs: list[int], known: list[list[int]], symbols: float
    ) -> None:
        """`logs`: the newest entry of each group; `known`: the one that each shard has read."""
        self._chance, self._logs, self._known = chance, logs, known
        self._fold_ms = symbols * FOLD_CPU_MS["usual"] / VCPU_1024
        self._events: list[tuple[float, int, str, int, Sequence[int]]] = []
        self._began: dict[int, float] = {}
        self.took: list[float] = []
        self.tries = self.made = self.lost = 0

    def begin(self, shard: int, groups: Sequence[int]) -> None:
        """Begin an invocation: it folds, then appends."""
        at = self._began[shard] = self._chance.uniform(0.0, POLL_MS)
        heappush(self._events, (at + self._fold_ms, shard, "append", 0, groups))

    def run(self) -> None:
        """Play all invocations to their end."""
        while self._events:
            at, shard, what, number, groups = heappop(self._events)
            if what == "read":
                for group in groups:
                    self._known[shard][group] = self._logs[group]
                folded = at + CALL_MS + self._fold_ms * len(groups) / len(self._logs)
                heappush(self._events, (folded, shard, "append", number, groups))
            else:
                self._append(at, shard, number, groups)

    def _append(self, at: float, shard: int, number: int, groups: Sequence[int]) -> None:
        """Append to groups; those whose log has grown are read and tried again, after a wait."""
        contested, known = list[int](), self._known[shard]
        for group in groups:
            self.tries += 1
            if known[group] == self._logs[group]:
                self._logs[group] += 1
                known[group] = self._logs[group]
                self.made += 1
            else:
                contested.append(group)
        end = at + ceil(len(groups) / WORKERS) * CALL_MS
        if not contested or number + 1 == TRIES:
            self.took.append(end - self._began[shard])
            self.lost += bool(contested)
            return
        limit = min(LONGEST_WAIT_S, FIRST_WAIT_S * 2.0 ** (number + 1)) * 1_000
        again = end + self._chance.uniform(0.0, limit)
        heappush(self._events, (again, shard, "read", number + 1, contested))
