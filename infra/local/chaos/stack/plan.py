"""What is injected at which minute of the market: chosen by a seed, spread over the days.

A fault of a call waits for the next calls of its operation, so the plan names no instant of the
wall clock, which no seed could repeat.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from random import Random
from typing import Final

from signalengine.intervals import DAY_MS

from .call_faults import KILLS, KINDS

CALLS: Final[Mapping[str, int]] = {
    "dynamodb:PutItem": 6, "dynamodb:GetItem": 3, "dynamodb:UpdateItem": 2,
    "dynamodb:TransactWriteItems": 5, "dynamodb:Query": 3, "dynamodb:BatchGetItem": 1,
    "sns:Publish": 3, "sqs:SendMessage": 1, "execute-api:PostToConnection": 2,
    "kinesis:PutRecords": 4,
}  # fmt: skip
"""The calls that are disturbed, with how often each is chosen."""
KILLED_AT: Final = tuple(name for name in CALLS if name != "dynamodb:BatchGetItem")
KILLED: Final = (
    "compute_features", "score_events", "track_signals", "publish_signals", "send_telegram",
    "broadcast", "connect_websocket",
)  # fmt: skip
TELEGRAM: Final = ("429", "500", "timeout_before", "timeout_after_delivery", "drop")
REPEATED: Final = ("error", "throttle", "reset_before", "reset_after")
"""Faults of calls that may come several times in a row: a client tries four times itself."""
SHARES: Final[Mapping[str, int]] = {
    "call": 44, "kill_call": 22, "kill_worker": 12, "telegram": 12, "socket": 6, "ingest": 4,
}  # fmt: skip
"""How many of a hundred injections are of each kind, besides the restarts between days."""


@dataclass(frozen=True, slots=True)
class Injection:
    """One fault of the plan; `at` is the market's time in ms."""

    at: int
    kind: str
    """`call`, `kill_call`, `kill_worker`, `telegram`, `socket`, `ingest` or `restart`."""
    what: str
    """The kind of fault of a call or of Telegram, or the function whose worker is killed."""
    operation: str = ""
    times: int = 1
    delay_s: float = 0.0

    @property
    def name(self) -> str:
        """The kind as the report counts it."""
        return f"{self.kind}: {self.what}"


def plan(seed: int, start: int, end: int, count: int) -> list[Injection]:
    """Return `count` injections and a restart at each midnight between, in order of time."""
    random = Random(seed)
    first, last = start + (end - start) // 50, end - (end - start) // 25
    step = (last - first) / count
    kinds = _kinds(random, count)
    found = [
        _one(random, round(first + step * (number + random.random())), kind)
        for number, kind in enumerate(kinds)
    ]
    return sorted([*found, *_restarts(start, end)], key=lambda injection: injection.at)


def _kinds(random: Random, count: int) -> list[str]:
    """Return the kinds of the injections: their shares exactly, in a random order."""
    total = sum(SHARES.values())
    kinds = [kind for kind, share in SHARES.items() for _ in range(share * count // total)]
    kinds += ["call"] * (count - len(kinds))
    random.shuffle(kinds)
    return kinds


def _restarts(start: int, end: int) -> Iterator[Injection]:
    midnight = start - start % DAY_MS + DAY_MS
    while midnight < end:
        yield Injection(midnight, "restart", "all workers, ingest task and clients")
        midnight += DAY_MS


def _one(random: Random, at: int, kind: str) -> Injection:
    match kind:
        case "call":
            what = random.choice([one for one in KINDS if one not in KILLS])
            times = random.randint(1, 6) if what in REPEATED else 1
            return Injection(at, kind, what, _operation(random), times, random.uniform(0.2, 3.0))
        case "kill_call":
            return Injection(at, kind, random.choice(KILLS), random.choice(KILLED_AT))
        case "kill_worker":
            return Injection(at, kind, random.choice(KILLED))
        case "telegram":
            what = random.choice(TELEGRAM)
            return Injection(at, kind, what, times=random.randint(1, 2))
        case "socket":
            return Injection(at, kind, "drop")
        case _:
            return Injection(at, kind, random.choice(("kill", "terminate")))


def _operation(random: Random) -> str:
    return random.choices(list(CALLS), list(CALLS.values()))[0]
