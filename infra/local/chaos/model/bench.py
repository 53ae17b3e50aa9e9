"""Runs schedules, each against the undisturbed run of its market, and comes to rest after them."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

from signalengine.facts.stream import encode
from signalengine_aws.delivery.subscriptions import DynamoSubscriptions, Subscription

from .invariants import Outcome, Watch, outcome, stored_signals, violations
from .market import begins, market, policy
from .processes import Processes, seed_jitter
from .schedule import CHATS, MINUTES, STREAMED, Run, Schedule
from .services.account import TELEGRAM_QUEUE, Account, Count
from .services.dynamodb import Photograph
from .services.telegram import TelegramServer
from .world import SHARDS, World

ROUNDS: Final = 200
"""Rounds in which a world has to come to rest."""
REPUBLISH_MS: Final = 130_000
CHUNK: Final = 3
"""Minutes that are fed at once when a schedule is over."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a schedule."""

    violations: tuple[str, ...]
    count: Count = field(default_factory=Count)
    signals: int = 0
    duplicates: int = 0
    """Telegram messages that arrived twice, inside the known window."""


@dataclass(slots=True)
class _Base:
    """A market after its warm-up, and what an undisturbed run leaves."""

    photograph: Photograph
    expected: Outcome


class Bench:
    """Runs schedules one after the other; use it inside `installed`."""

    def __init__(self) -> None:
        self.account = Account(begins(0))
        self.telegram = TelegramServer(self.account)
        self.processes = Processes(self.account, self.telegram)
        self._bases: dict[int, _Base] = {}

    @contextmanager
    def installed(self) -> Iterator["Bench"]:
        """Make the functions of this process use this bench's account."""
        with self.processes.installed(policy()):
            yield self

    def run(self, schedule: Schedule) -> Verdict:
        """Play a schedule, come to rest, and check."""
        base = self._base(schedule.market)
        world = self._world(schedule.market, base.photograph)
        watch = Watch(world)
        watch.begin()
        world.play(schedule)
        come_to_rest(world)
        watch.world.account.dynamodb.written = lambda *_: None
        found = (*watch.violations, *violations(world, base.expected))
        sent = [(one.event_id, one.chat_id) for one in self.telegram.sent]
        return Verdict(
            violations=tuple(dict.fromkeys(found)),
            count=self.account.count,
            signals=len(stored_signals(world)),
            duplicates=len(sent) - len(set(sent)),
        )

    def _base(self, number: int) -> _Base:
        if number not in self._bases:
            photograph = self._warm(number)
            world = self._world(number, photograph)
            while world.minute < MINUTES:
                world.feed()
                drain(world)
            come_to_rest(world)
            self._bases[number] = _Base(photograph, outcome(world))
        return self._bases[number]

    def _warm(self, number: int) -> Photograph:
        """Return the tables after the warm-up, without its bars, and with subscriptions."""
        world = self._world(number, {name: {} for name in self.account.dynamodb.tables})
        for fact in market(number, MINUTES).history:
            world.put("history", fact.symbol, encode(fact))
        drain(world)
        subscriptions = DynamoSubscriptions("subscriptions_table")
        subscriptions.save(Subscription(f"telegram:{CHATS[0]}"))
        return self.account.dynamodb.photograph() | {"bars_table": {}}

    def _world(self, number: int, photograph: Photograph) -> World:
        self.account.dynamodb.written = lambda *_: None
        self.account.reset(photograph, begins(number))
        self.telegram.sent.clear()
        self.processes.end_all()
        seed_jitter(number)
        return World(self.account, self.telegram, self.processes, market(number, MINUTES))


def drain(world: World, functions: Sequence[str] = STREAMED) -> None:
    """Run everything that has something to do, without faults, until nothing has."""
    for _ in range(ROUNDS):
        busy = sum(
            world.run([Run(function, shard)], 0)
            for function in functions
            for shard in range(SHARDS)
        )
        busy += world.run([Run("broadcast")], 0)
        busy += world.run([Run("send_telegram")], 0)
        if not busy and not _wait(world):
            return
    world.errors.append(f"no rest after {ROUNDS} rounds")


def _wait(world: World) -> bool:
    """Let the time pass until a message of the queue is visible; False when there is none."""
    queue = world.account.queues[TELEGRAM_QUEUE]
    world.account.now = max(
        world.account.now, min((one.visible_at for one in queue), default=world.account.now)
    )
    return bool(queue)


def come_to_rest(world: World) -> None:
    """Feed the rest of the market, and heal everything."""
    world.release_all()
    drain(world)
    while world.minute < MINUTES - 1:
        for _ in range(min(CHUNK, MINUTES - 1 - world.minute)):
            world.feed()
        drain(world)
    _sweep(world)
    world.beat()
    drain(world)
    world.account.now += REPUBLISH_MS
    world.run([Run("publish_signals", scheduled=True)], 0)
    drain(world)
    for name in world.people:
        world.connect(name)


def _sweep(world: World) -> None:
    """The last minute is tracked before it is folded: only the sweep can settle with it."""
    world.feed()
    drain(world, ("track_signals",))
    drain(world, ("compute_features", "score_events"))
    world.run([Run("track_signals", scheduled=True)], 0)
    drain(world)
