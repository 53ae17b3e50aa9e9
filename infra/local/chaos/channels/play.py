"""One fault of one channel: signals are sent until the queue is empty, and the results counted."""

import os
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any, Final

from signalengine_aws.channels.email import wiring
from signalengine_aws.delivery.subscriptions import DynamoSubscriptions, Subscription, change

from infra.local.chaos.model.bench import Bench
from infra.local.chaos.model.invariants.items import due, number, stored_signals
from infra.local.chaos.model.invariants.watch import Watch
from infra.local.chaos.model.market import policy
from infra.local.chaos.model.processes import CHANNELS_SECRET
from infra.local.chaos.model.schedules.schedule import Run
from infra.local.chaos.model.services.account import CHANNELS_QUEUE, LETTERS
from infra.local.chaos.model.services.receivers import DESTINATIONS
from infra.local.chaos.model.world import World

from .faults import Trouble
from .stand_ins import TABLE, Attempt, StandIns

MARKET: Final = 2
"""Of the model: one with openings and a closing."""
ROUNDS: Final = 60
_ID: Final = re.compile(r"\b[0-9a-f]{24}\b")
_ENDED: Final = re.compile(r"\b(TP HIT|SL HIT|EXPIRED)\b")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of the messages of one fault. Numbers are of events."""

    channel: str
    trouble: Trouble
    attempts: tuple[Attempt, ...]
    sent: int
    arrived: int
    twice: int
    possible: int
    """Of the messages that arrived twice, those that are counted as possible duplicates."""
    set_aside: int
    left: int
    """Not sent any more: the address has ended."""
    lost: int

    @property
    def disturbed(self) -> tuple[Attempt, ...]:
        """Return the attempts at the first message."""
        first = self.attempts[0].event
        return tuple(one for one in self.attempts if one.event == first)


class Trial:
    """Plays faults against the stand-ins; use it inside `running`."""

    def __init__(self) -> None:
        self._bench = Bench()
        account = self._bench.account
        self.stand_ins = StandIns(lambda: account.now, self._wait, self._event)
        self._bench.processes.receivers = self.stand_ins

    def _wait(self, seconds: float) -> None:
        self._bench.account.now += round(seconds * 1000)

    def _event(self) -> str:
        """Return the event whose delivery is under way: there is one address."""
        (event,) = self._bench.account.hub.current.leases.values()
        return event

    @contextmanager
    def running(self) -> Iterator["Trial"]:
        """Run the stand-ins, and make the functions of this process send to them."""
        transport_of = wiring.transport_of
        with ExitStack() as stack:
            stack.enter_context(self._bench.installed())
            os.environ["CHANNELS_DIGEST_AFTER_S"] = "30"  # as deployed: no burst is played here
            stack.enter_context(self.stand_ins.running())
            stack.callback(setattr, wiring, "transport_of", transport_of)
            wiring.transport_of = self.stand_ins.transport  # type: ignore[assignment]  # not cached
            yield self

    def play(self, channel: str, trouble: Trouble) -> Outcome:
        """Send signals to one address whose first message fails; return what became of them."""
        world = self._bench.begun(MARKET, "channels")
        world.account.secrets[CHANNELS_SECRET] = self.stand_ins.secret()
        key = self._subscribe(world, channel)
        self.stand_ins.attempts.clear()
        begin = len(self.stand_ins.server.arrivals.all)
        self.stand_ins.order(channel, trouble)
        watch = Watch(world, policy(MARKET))
        watch.begin()
        _until_empty(world)
        watch.end()
        if watch.violations:
            raise RuntimeError(watch.violations[0])
        attempts = tuple(self.stand_ins.attempts)
        arrived = [one.to_dict() for one in self.stand_ins.server.arrivals.all[begin:]]
        return _outcome(world, channel, key, trouble, attempts, Counter(map(event_of, arrived)))

    def _subscribe(self, world: World, channel: str) -> str:
        """Subscribe the channel's one address, and no other; return its channel key."""
        subscriptions, now = DynamoSubscriptions(TABLE), world.account.now
        for other in DESTINATIONS:
            stored = subscriptions.get(other) or Subscription(other)
            change(subscriptions, stored, now, active=False)
        key = self.stand_ins.key(channel)
        subscriptions.save(Subscription(key))
        return key


def _until_empty(world: World) -> None:
    """Invoke the function whenever a message of the queue is visible."""
    queue = world.account.queues
    for _ in range(ROUNDS):
        if not queue[CHANNELS_QUEUE]:
            return
        first = min(one.visible_at for one in queue[CHANNELS_QUEUE])
        world.account.now = max(world.account.now, first)
        world.run([Run("send_channels")], 0)
        if world.errors:
            raise RuntimeError(world.errors[0])
    raise RuntimeError(f"the queue is not empty after {ROUNDS} invocations")


def event_of(arrival: Mapping[str, Any]) -> str:
    """Return the event that a message at a stand-in is about."""
    (signal_id,) = set(_ID.findall(arrival["text"]))
    return f"{signal_id}#{'closed' if _ENDED.search(arrival['text']) else 'opened'}"


def _outcome(
    world: World,
    channel: str,
    key: str,
    trouble: Trouble,
    attempts: tuple[Attempt, ...],
    arrived: Counter[str],
) -> Outcome:
    events = list(due(stored_signals(world)))
    rows = world.account.dynamodb.tables["deliveries_table"].items
    stored = {event: rows.get((event.encode(), key.encode()), {}) for event in events}
    status = Counter(one.get("status", {}).get("S", "none") for one in stored.values())
    twice = [event for event in events if arrived[event] > 1]
    letters = len(world.account.queues[LETTERS])
    left = status["failed"] + status["none"] + status["suppressed"] - letters
    return Outcome(
        channel, trouble, attempts,
        sent=len(events),
        arrived=sum(arrived[event] > 0 for event in events),
        twice=len(twice),
        possible=sum(number(stored[event], "possible_duplicates") > 0 for event in twice),
        set_aside=letters,
        left=left,
        lost=sum(not arrived[event] for event in events) - letters - left,
    )  # fmt: skip
