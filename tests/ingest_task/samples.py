"""Made-up bars, facts and streams, shared by the tests of the ingest task."""

import random
import resource
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from threading import Condition
from typing import Any

from signalengine.errors import TransientError
from signalengine.facts.stream import (
    Bar,
    BarsFact,
    Fact,
    HeartbeatFact,
    HistoryFact,
    Tick,
    TicksFact,
    decode,
)
from signalengine.intervals import MINUTE_MS
from signalengine_aws.messaging.kinesis import Entry

T0 = 1_747_612_800_000  # 2025-05-19T00:00Z


def minute_bar(symbol: str, minute: int) -> Bar:
    """The 1m bar of a symbol that opens `minute` minutes after T0, always the same."""
    rng = random.Random(f"{symbol}:{minute}")
    o, c = rng.uniform(90, 110), rng.uniform(90, 110)
    h, low = max(o, c) + rng.random(), min(o, c) - rng.random()
    volume = round(rng.uniform(1, 9), 3)
    return Bar(
        "1m", T0 + minute * MINUTE_MS, round(o, 4), round(h, 4) + 1, round(low, 4) - 1,
        round(c, 4), volume, quote_volume=round(volume * 100, 3), trades=rng.randrange(1, 99),
        taker_buy_volume=round(volume / 2, 4),
    )  # fmt: skip


def bars_fact(symbol: str, minute: int) -> BarsFact:
    """A fact of one minute."""
    bar = minute_bar(symbol, minute)
    return BarsFact(symbol, (bar,), "simulated", "ws", bar.close_time)


def ticks_fact(time: int) -> TicksFact:
    """All ticks at an exchange time."""
    opened = (time - 1) // MINUTE_MS * MINUTE_MS
    return TicksFact(time, "simulated", {"BTCUSDT": Tick(opened, 1.0, 2.0, 0.5, 1.5)})


def heartbeat(time: int) -> HeartbeatFact:
    """A heartbeat at an exchange time."""
    return HeartbeatFact(time, "simulated", "t", ("BTCUSDT",), {}, {}, 0, 0, 0, {}, 0.0, 0)


def history_fact(symbol: str, minutes: Sequence[int]) -> HistoryFact:
    """1m history."""
    return HistoryFact(symbol, "1m", tuple(minute_bar(symbol, n) for n in minutes), "simulated")


class MemoryStream:
    """A stream that stores what it accepts, and fails as `plan` decides.

    `plan` gets the entries of a call and returns the indexes to refuse, or raises.
    """

    def __init__(self, plan: Callable[[Sequence[Entry]], Sequence[int]] | None = None) -> None:
        self.plan = plan or (lambda _entries: ())
        self.taken: list[tuple[str, Fact]] = []
        self.calls = 0
        self.changed = Condition()

    def put(self, entries: Sequence[Entry]) -> tuple[int, ...]:
        """Take all but the refused."""
        with self.changed:
            self.calls += 1
            self.changed.notify_all()
        failed = tuple(self.plan(entries))
        with self.changed:
            for number, entry in enumerate(entries):
                if number not in failed:
                    self.taken.append((entry.key, decode(entry.data())))
            self.changed.notify_all()
        return failed

    def facts(self, kind: type[Any]) -> list[Any]:
        """Everything taken of one kind, in order."""
        with self.changed:
            return [fact for _, fact in self.taken if isinstance(fact, kind)]

    def wait(self, enough: Callable[["MemoryStream"], bool], timeout: float = 10.0) -> None:
        """Wait until something is true of what was taken."""
        with self.changed:
            assert self.changed.wait_for(lambda: enough(self), timeout), self.summary()

    def summary(self) -> str:
        """What was taken, for a failing assertion."""
        return f"{len(self.taken)} taken in {self.calls} calls: {self.taken[-3:]}"


@contextmanager
def away(stream: MemoryStream) -> Iterator[None]:
    """The stream cannot be reached inside the block."""

    def refuse(_entries: Sequence[Entry]) -> Sequence[int]:
        raise TransientError("away")

    stream.plan, before = refuse, stream.plan
    try:
        yield
    finally:
        stream.plan = before


@contextmanager
def full_disk(limit: int) -> Iterator[None]:
    """No file grows beyond `limit` bytes inside the block: what fits is written, then OSError."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
