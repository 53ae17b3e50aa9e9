"""Faults of a receiver, played through send_channels: what is lost, and what comes twice.

`python -m tests.functions.webhook_faults` writes the table of docs/channels.md. The function is the
deployed one, on an AWS in memory; the receivers are servers of this machine.
"""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import cache

import pytest
from signalengine.signals import Signal
from signalengine_aws.application import send_channels
from signalengine_aws.channels.http.client import OutboundClient

from infra.assets import ROOT
from infra.cli.deliveries.letters import DeadLetters
from machine.files import write
from tests.aws.world import REGION, Crash, Trouble, new_world
from tests.functions.test_send_channels import Stack, forget, several
from tests.receiver import Answer, status

PAGE = ROOT / "docs" / "channels.md"
EVENTS = 5
HEAD = (
    "| fault of the receiver | requests | lost | twice | counted as possible duplicates "
    "| dead letters | the other destination |\n|---|---|---|---|---|---|---|\n"
)
TABLE = re.compile(re.escape(HEAD) + r"(?:\|.*\|\n)+")
TIMEOUT_S = 0.2


@dataclass(frozen=True, slots=True)
class Fault:
    """A receiver's first answers; those at `taken` were to events that it has taken."""

    name: str
    answers: Sequence[Answer] = ()
    taken: frozenset[int] = frozenset()
    hangs: int = 0
    """So many requests get no answer at all."""
    released: bool = False
    """An operator repairs the receiver and releases the dead letters."""


@dataclass
class Seen:
    """What became of the events."""

    requests: int
    accepted: Counter[str]
    set_aside: int
    possible: int
    other: Counter[str]
    wanted: set[str] = field(default_factory=set)

    @property
    def lost(self) -> int:
        return len(self.wanted - set(self.accepted))

    @property
    def twice(self) -> int:
        return sum(number > 1 for number in self.accepted.values())


BROKEN = b""
"""The connection ends without an answer."""
FAULTS = (
    Fault("none"),
    Fault("429 with `Retry-After: 35`, three times", [status(429, Retry_After="35")] * 3),
    Fault("503 with `Retry-After: 60`", [status(503, Retry_After="60")]),
    Fault("500, four times", [status(500)] * 4),
    Fault("the connection breaks before the event is taken", [BROKEN] * 2),
    Fault("time-out after the event was taken", [BROKEN], frozenset({0})),
    Fault("502 after the event was taken, twice", [status(502)] * 2, frozenset({0, 1})),
    Fault("no answer at all, three times", hangs=3),
    Fault("404, and the letters are released later", [status(404)] * 2, released=True),
    Fault(
        "301 to another address, released later", [status(301, Location="http://x/")], released=True
    ),
)


@contextmanager
def stacks(patch: pytest.MonkeyPatch) -> Iterator[Callable[[ExitStack], Stack]]:
    """Give stacks of one AWS, each empty, whose requests time out soon."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        patch.setenv(name, "testing")
    patch.setenv("AWS_DEFAULT_REGION", REGION)
    with new_world(patch) as world:
        made: list[Stack] = []

        def fresh(servers: ExitStack) -> Stack:
            world.reset()
            forget()
            for one in made:
                one.remove()
            made[:] = [Stack(world, servers)]
            for key, value in made[0].environment().items():
                patch.setenv(key, value)
            return made[0]

        def impatient(arn: str) -> OutboundClient:
            opened = send_channels.destinations_of(arn)
            return OutboundClient(allowed=lambda: opened.allowed, timeout_s=TIMEOUT_S)

        with_time_out = cache(impatient)
        patch.setattr(send_channels, "client_of", with_time_out)
        yield fresh


def play(fresh: Callable[[ExitStack], Stack], fault: Fault) -> Seen:
    """Send five events to two destinations, one of which has the fault."""
    with ExitStack() as servers:
        stack = fresh(servers)
        stack.add("faulty", "other")
        faulty = stack.receivers["faulty"]
        faulty.orders += [*fault.answers, *[faulty.hang] * fault.hangs]
        stack.put(*several(EVENTS))
        until_empty(stack)
        set_aside = len(letters(stack).rows())
        if fault.released:
            letters(stack).release(lambda _letter: True)
            stack.pass_s(3_600)
            until_empty(stack)
        return seen(stack, fault, set_aside)


def play_crashes(fresh: Callable[[ExitStack], Stack], position: int) -> Seen:
    """The same without a fault of the receiver, but the function is killed before an AWS call."""
    with ExitStack() as servers:
        stack = fresh(servers)
        stack.add("faulty", "other")
        stack.put(*several(EVENTS))
        stack.world.trouble = Trouble(position, "before")
        for _ in range(3):
            try:
                stack.drain()
            except Crash:
                stack.show_unconfirmed()
            stack.pass_s(400)
        stack.world.trouble = None
        until_empty(stack)
        return seen(stack, Fault("killed"), 0)


def until_empty(stack: Stack) -> None:
    for _ in range(200):
        if stack.drain() == (0, 0):
            return
        stack.pass_s(30)
    raise AssertionError("messages are left in the queue")


def letters(stack: Stack) -> DeadLetters:
    return DeadLetters(
        stack.world.sqs, stack.world.dynamodb, stack.letters_url, stack.queue_url,
        "deliveries_table",
    )  # fmt: skip


def seen(stack: Stack, fault: Fault, set_aside: int) -> Seen:
    faulty, other = stack.receivers["faulty"], stack.receivers["other"]
    refused = len(fault.answers) + fault.hangs
    ids = [json.loads(one.body)["event_id"] for one in faulty.requests]
    accepted = [one for at, one in enumerate(ids) if at >= refused or at in fault.taken]
    items = stack.world.dynamodb.scan(TableName="deliveries_table")["Items"]
    possible = sum(int(one.get("possible_duplicates", {}).get("N", 0)) for one in items)
    return Seen(
        requests=len(ids),
        accepted=Counter(accepted),
        set_aside=set_aside,
        possible=possible,
        other=Counter(json.loads(one.body)["event_id"] for one in other.requests),
        wanted={f"{one.signal_id}#opened" for one in signals()},
    )


def signals() -> list[Signal]:
    return several(EVENTS)


def row(fault: Fault, one: Seen) -> str:
    other = "each once" if sorted(one.other.values()) == [1] * EVENTS else str(one.other)
    cells = [fault.name, one.requests, one.lost, one.twice, one.possible, one.set_aside, other]
    return f"| {' | '.join(map(str, cells))} |\n"


def table(fresh: Callable[[ExitStack], Stack]) -> str:
    """Return the table of all faults."""
    return HEAD + "".join(row(fault, play(fresh, fault)) for fault in FAULTS)


def main() -> None:
    """Write the table into the page."""
    with pytest.MonkeyPatch.context() as patch, stacks(patch) as fresh:
        text = PAGE.read_text(encoding="utf-8")
        write(PAGE, TABLE.sub(lambda _: table(fresh), text))


if __name__ == "__main__":
    main()
