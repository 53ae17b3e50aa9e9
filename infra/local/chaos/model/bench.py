"""Runs schedules, each against the undisturbed run of its market, and comes to rest after them."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from signalengine.facts.stream import encode
from signalengine_aws.delivery.subscriptions import DynamoSubscriptions, Subscription

from .invariants.items import stored_signals
from .invariants.outcomes import Outcome, outcome, violations
from .invariants.watch import Watch
from .market import begins, heartbeat, market, policy
from .photographs import Photograph, go_on, restored, taken
from .processes import Processes, seed_jitter
from .rest import come_to_rest, drain
from .schedules.families import FAMILIES, Family
from .schedules.schedule import CHATS, Gap, Schedule
from .services.account import Account, Count
from .services.outside import Arrivals
from .services.receivers import DESTINATIONS, ReceiverServer
from .services.telegram import TelegramServer
from .world import World


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a schedule."""

    violations: tuple[str, ...]
    count: Count = field(default_factory=Count)
    signals: int = 0
    duplicates: int = 0
    """Messages that arrived twice, inside the known window."""
    settled_ms: tuple[int, ...] = ()
    """From each deciding bar's close until the outcome was stored, in minutes by the clock."""
    published_ms: tuple[int, ...] = ()
    """From when an opening or closing was stored until it was published."""


@dataclass(slots=True)
class _Base:
    """Where a family begins in a market, and what an undisturbed run leaves."""

    photograph: Photograph
    expected: Outcome


class Bench:
    """Runs schedules one after the other; use it inside `installed`."""

    def __init__(self) -> None:
        self.account = Account(begins(0))
        self.arrivals = Arrivals()
        telegram = TelegramServer(self.account, self.arrivals)
        receivers = ReceiverServer(self.account, self.arrivals)
        self.processes = Processes(self.account, telegram, receivers)
        self._market = 0
        self._warm: dict[int, Photograph] = {}
        self._bases: dict[tuple[int, str], _Base] = {}

    @contextmanager
    def installed(self) -> Iterator["Bench"]:
        """Make the functions of this process use this bench's account."""
        with self.processes.installed(lambda: policy(self._market)):
            yield self

    def run(self, schedule: Schedule) -> Verdict:
        """Play a schedule, come to rest, and check."""
        family = FAMILIES[schedule.family]
        base = self._base(schedule.market, schedule.family)
        world = self._world(schedule.market, family, base.photograph)
        watch = Watch(world, policy(schedule.market))
        watch.begin()
        world.play(schedule)
        come_to_rest(world, family)
        watch.end()
        left = violations(world, base.expected, family.functions, schedule.market)
        found = (*watch.violations, *left)
        sent = [(one.event_id, one.channel) for one in self.arrivals.sent]
        return Verdict(
            violations=tuple(dict.fromkeys(found)),
            count=self.account.count,
            signals=len(stored_signals(world)),
            duplicates=len(sent) - len(set(sent)),
            settled_ms=tuple(watch.times.settled),
            published_ms=tuple(watch.times.published),
        )

    def begun(self, number: int, name: str) -> World:
        """Return the world of a market where a family of schedules begins."""
        photograph = self._base(number, name).photograph
        return self._world(number, FAMILIES[name], photograph)

    def played(self, number: int, minutes: int) -> World:
        """Return the world of a market after so many undisturbed minutes of all functions.

        A client is connected, and the ledger has an entry.
        """
        family = FAMILIES["by hand"]
        world = self._world(number, family, self._warmed(number))
        world.connect("client")
        world.step(Gap())
        for _ in range(minutes):
            world.feed()
            drain(world, family.functions)
        return world

    def empty(self, number: int) -> World:
        """Return a world without anything stored, before a market's warm-up."""
        nothing: Photograph = Photograph(
            {name: {} for name in self.account.dynamodb.tables}, begins(number), 0
        )
        return self._world(number, FAMILIES["by hand"], nothing)

    def _base(self, number: int, name: str) -> _Base:
        """Return where a family begins: played, and then run to its end, once."""
        if (number, name) not in self._bases:
            family = FAMILIES[name]
            world = self._world(number, family, self._warmed(number))
            world.play(Schedule(number, family.before, name))
            begin = taken(world)
            while world.minute < family.minutes - 1:
                world.feed()
                drain(world, family.functions)
            come_to_rest(world, family)
            self._bases[number, name] = _Base(begin, outcome(world, number))
        return self._bases[number, name]

    def _warmed(self, number: int) -> Photograph:
        """Return the tables after the warm-up, with subscriptions."""
        if number not in self._warm:
            world = self.empty(number)
            for fact in market(number).history:
                world.stream.put("history", fact.symbol, encode(fact))
            world.stream.put(
                "heartbeat", "heartbeat", heartbeat(market(number).minutes[:1], begins(number))
            )
            drain(world, FAMILIES["fold"].functions | {"track_signals"})
            for channel in (f"telegram:{CHATS[0]}", *DESTINATIONS):
                DynamoSubscriptions("subscriptions_table").save(Subscription(channel))
            tables = self.account.dynamodb.photograph()
            self._warm[number] = Photograph(tables, begins(number), self.account.numbers)
        return self._warm[number]

    def _world(self, number: int, family: Family, photograph: Photograph) -> World:
        """Return a world of a market that goes on from a photograph."""
        self.account.dynamodb.written = lambda *_: None
        self.account.on_publish = lambda _: None
        self._market = number
        restored(photograph, self.account, self.arrivals)
        self.processes.end_all()
        seed_jitter(number)
        world = World(self.account, self.arrivals, self.processes, market(number), family.minutes)
        go_on(photograph, world)
        return world
