"""Small fakes of the ports: each stores what it is given, and `journal` has the calls in order."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from signalengine.decisions import Decided
from signalengine.errors import TransientError
from signalengine.facts.lots import ContractSizes
from signalengine.facts.stream import Bar
from signalengine.settlement import StoredBar
from signalengine.signals import Cooldown, Evaluation, Settlement, Signal, Step, settled
from signalengine.stats.performance import Performance
from signalengine.strategy.parameter_set import ParameterSet
from signalengine_aws import ports
from signalengine_aws.delivery.deliveries import SENDER, ConflictError, Delivery
from signalengine_aws.delivery.notifications import LANGUAGE, Notification
from signalengine_aws.delivery.pacing import AddressState, SendLimits
from signalengine_aws.delivery.queue import QueueMessage
from signalengine_aws.delivery.subscriptions import Subscription
from signalengine_aws.messaging.sns import Message, Publication
from signalengine_aws.messaging.websockets import GoneError
from signalengine_aws.runtime.clock import day_of
from signalengine_aws.stores.connections import TooManyResumesError
from signalengine_aws.stores.decisions import Commit
from signalengine_aws.stores.log.entry import unpack
from signalengine_aws.stores.log.log import Appended, Numbered
from signalengine_aws.stores.pagination import Chunk, Place, Span
from signalengine_aws.stores.recent_signals import Known
from signalengine_aws.stores.signals import StoredSignal
from signalengine_aws.stores.state import Progress, StoredState

from tests.telegram_samples import NOON

Journal = list[tuple[Any, ...]]


@dataclass
class MemoryCheckpoints:
    """Checkpoints by symbol."""

    journal: Journal = field(default_factory=list)
    items: dict[str, StoredState] = field(default_factory=dict)

    def of(self, symbols: Iterable[str]) -> dict[str, StoredState]:
        return {symbol: self.items[symbol] for symbol in symbols if symbol in self.items}

    def put(self, symbol: str, state: StoredState) -> bool:
        known = self.items.get(symbol)
        done = known is None or known.entry < state.entry
        self.journal.append(("state", symbol, state.entry, done))
        if done:
            self.items[symbol] = state
        return done


@dataclass
class MemoryGroups:
    """Groups of so many symbols."""

    size: int = 16
    symbols: list[str] = field(default_factory=list)

    def of(self, symbols: Iterable[str]) -> dict[str, int]:
        known = self.symbols
        return {one: known.index(one) // self.size for one in symbols if one in known}

    def members(self, group: int) -> list[str]:
        return self.symbols[group * self.size : (group + 1) * self.size]

    def add(self, symbols: Collection[str]) -> None:
        self.symbols += [one for one in symbols if one not in self.symbols]


@dataclass
class MemoryLog:
    """Logs by group; `faults` by group are raised, before anything is appended."""

    journal: Journal = field(default_factory=list)
    items: dict[tuple[int, int], bytes] = field(default_factory=dict)
    longer: dict[tuple[str, str, int], Bar] = field(default_factory=dict)
    faults: dict[int, Exception] = field(default_factory=dict)
    before_append: Callable[[int], None] = lambda _group: None

    def append(self, group: int, number: int, data: bytes) -> Appended:
        self.before_append(group)
        if group in self.faults:
            raise self.faults[group]
        known = self.items.get((group, number))
        if known is not None:
            return Appended.SAME if known == data else Appended.TAKEN
        self.journal.append(("entry", group, number))
        self.items[group, number] = data
        return Appended.NEW

    def last(self, group: int) -> Numbered | None:
        return next(iter(self.after(group, 0)[::-1]), None)

    def after(self, group: int, number: int) -> list[Numbered]:
        keys = sorted(key for key in self.items if key[0] == group and key[1] > number)
        return [Numbered(place, self.items[group, place], group) for _, place in keys]

    def put_bars(self, group: int, number: int, bars: Mapping[str, Bar]) -> None:
        self.journal.append(("bars", group, number))
        self.longer |= {(s, bar.interval, bar.open_time): bar for s, bar in bars.items()}

    def bars(self) -> dict[tuple[str, str, int], Bar]:
        """Everything that can be read."""
        found = dict(self.longer)
        for data in self.items.values():
            entry = unpack(data)
            for symbol in entry.members:
                for _, bar in entry.minutes(symbol):
                    found[symbol, "1m", bar.open_time] = bar
        return found


@dataclass
class MemoryMinutes:
    """Stored 1m bars by symbol; `faults` by symbol are raised. `since` is that of the last read."""

    items: dict[str, list[StoredBar]] = field(default_factory=dict)
    faults: dict[str, Exception] = field(default_factory=dict)
    reads: int = 0
    since: int = 0

    def minutes(self, symbol: str, since: int, until: int) -> list[StoredBar]:
        self.reads += 1
        self.since = since
        if symbol in self.faults:
            raise self.faults[symbol]
        rows = self.items.get(symbol, [])
        return [bar for bar in rows if since <= bar.open_time < until]


@dataclass
class MemoryEvaluations:
    """Evaluations by symbol and close; also the log of a day, newest first."""

    journal: Journal = field(default_factory=list)
    items: dict[tuple[str, int], Evaluation] = field(default_factory=dict)
    reads: int = 0

    def put(self, evaluation: Evaluation) -> bool:
        key = (evaluation.symbol, evaluation.close_time)
        self.journal.append(("evaluation", *key))
        return self.items.setdefault(key, evaluation) is evaluation

    def of_day(self, _day: str, span: Span, _after: Place | None, limit: int) -> Chunk[Evaluation]:
        self.reads += 1
        rows = [one for one in self.items.values() if one.close_time in span][:limit]
        places = [Place(one.close_time, one.symbol) for one in rows]
        return Chunk(list(zip(places, rows, strict=True)), None, len(rows))


@dataclass
class MemoryDecisions:
    """Decisions by symbol and close, and cooldowns; `before_commit` is a place to race."""

    items: dict[tuple[str, int], Decided] = field(default_factory=dict)
    cooldowns: dict[str, Cooldown] = field(default_factory=dict)
    before_commit: Callable[[], None] = lambda: None

    def cooldown(self, symbol: str) -> Cooldown | None:
        return self.cooldowns.get(symbol)

    def commit(self, decided: Decided, read: Cooldown | None) -> Commit:
        self.before_commit()
        key = (decided.decision.symbol, decided.decision.close_time)
        if key in self.items:
            return Commit.ALREADY
        if self.cooldowns.get(key[0]) != read:
            return Commit.CONTESTED
        self.items[key] = decided
        self.cooldowns[key[0]] = decided.cooldown
        return Commit.DONE


@dataclass
class MemoryRecent:
    """Recent signals; `answers` are returned in turn, the last one for ever."""

    answers: list[Known]
    reads: int = 0

    newest: Signal | None = None
    """Open."""

    def read(self, _evaluation: Evaluation, _policy: ParameterSet) -> Known:
        self.reads += 1
        return self.answers[min(self.reads, len(self.answers)) - 1]

    def newest_open(self, cooldown: Cooldown, _time: int) -> Signal | None:
        return self.newest if cooldown.signal_id is not None else None


@dataclass
class MemorySignals:
    """Stored signals: open ones, their closing, and the outbox."""

    journal: Journal = field(default_factory=list)
    items: dict[str, StoredSignal] = field(default_factory=dict)
    now: int = NOON
    reads: int = 0

    def add(self, signal: Signal, *pending: Publication, at: int | None = None) -> None:
        stored = StoredSignal(signal, self.now if at is None else at, frozenset(pending))
        self.items[signal.signal_id] = stored

    def open(self) -> list[StoredSignal]:
        self.reads += 1
        return [one for one in self.items.values() if one.signal.settlement is None]

    def changed(self, day: str, since: int, limit: int) -> list[StoredSignal]:
        rows = [one for one in self.items.values() if one.updated_at >= since]
        rows = [one for one in rows if day_of(one.updated_at) == day]
        return sorted(rows, key=lambda one: one.updated_at)[:limit]

    def advance(self, signal: Signal, steps: Sequence[Step]) -> bool:
        stored = self.items[signal.signal_id]
        known = stored.signal.progress
        if stored.signal.settlement is not None or len(known) != len(signal.progress):
            return False
        names = [step.name for step in steps[len(known) :]]
        self.journal.append(("advance", signal.signal_id, *names))
        changed = replace(stored.signal, progress=tuple(steps))
        pending = stored.pending | set(names)
        self.items[signal.signal_id] = replace(
            stored, signal=changed, pending=pending, updated_at=self.now
        )
        return True

    def close(self, signal: Signal, settlement: Settlement) -> bool:
        stored = self.items[signal.signal_id]
        first = stored.signal.settlement is None
        self.journal.append(("close", signal.signal_id, settlement.outcome.value, first))
        if first:
            changed = settled(stored.signal, settlement)
            self.items[signal.signal_id] = replace(stored, signal=changed, updated_at=self.now)
        return first

    def read(self, signal_id: str) -> StoredSignal | None:
        return self.items.get(signal_id)

    def waiting(self, limit: int) -> list[StoredSignal]:
        return [one for one in self.items.values() if one.pending][:limit]

    def published(self, signal_id: str, kind: Publication) -> None:
        self.journal.append(("published", signal_id, kind))
        stored = self.items[signal_id]
        self.items[signal_id] = replace(stored, pending=stored.pending - {kind})


@dataclass
class MemoryTopic:
    """Published messages; `fault` is raised instead."""

    journal: Journal = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)
    fault: Exception | None = None

    def publish(self, message: Message) -> None:
        if self.fault is not None:
            raise self.fault
        self.journal.append(("publish", message.body["event_id"]))
        self.messages.append(message)


@dataclass
class MemoryFeed:
    """The newest heartbeat, and the progress of compute_features."""

    journal: Journal = field(default_factory=list)
    beat: dict[str, Any] | None = None
    stored: Progress = field(default_factory=Progress)
    races: list[Progress] = field(default_factory=list)
    """What others store, each before one of the next writes of a progress."""
    reads: int = 0
    sizes: ContractSizes = field(default_factory=ContractSizes)

    def heartbeat(self) -> dict[str, Any] | None:
        return self.beat

    def put_heartbeat(self, body: Mapping[str, Any], over: int | None = None) -> bool:
        if over is not None and over != (self.beat or {"time": 0})["time"]:
            return False
        self.journal.append(("heartbeat", body["time"]))
        self.beat = dict(body)
        return True

    def put_contracts(self, sizes: ContractSizes) -> None:
        self.sizes = sizes

    def progress(self) -> int:
        return self.read_progress().close_time

    def read_progress(self) -> Progress:
        self.reads += 1
        return self.stored

    def put_progress(self, progress: Progress, over: Progress | None) -> bool:
        self.stored = self.races.pop(0) if self.races else self.stored
        done = over in (None, self.stored)
        self.stored = progress if done else self.stored
        return done


@dataclass
class MemoryPerformance:
    """Rows by stats key and name."""

    rows: dict[tuple[str, str], Performance] = field(default_factory=dict)

    def read(self, stats_key: str, symbol: str) -> Performance:
        return self.rows.get((stats_key, symbol), Performance.empty())


@dataclass
class MemoryConnections:
    """Marks by connection id."""

    journal: Journal = field(default_factory=list)
    marks: dict[str, str] = field(default_factory=dict)
    fault: Exception | None = None
    pending: set[str] = field(default_factory=set)
    counts: int = 0
    """How often they were counted."""
    reads: int = 0
    """How often they were listed."""
    spent: set[str] = field(default_factory=set)
    """Connections that may not resume."""

    def open(self, connection_id: str) -> None:
        self.pending.add(connection_id)

    def greet(self, connection_id: str, *, expired: bool) -> bool:
        lost = expired and connection_id not in self.marks
        if connection_id not in self.pending and not lost:
            return False
        self.journal.append(("greet", connection_id))
        self.pending.discard(connection_id)
        self.marks[connection_id] = ""
        return True

    def is_pending(self, connection_id: str) -> bool:
        return connection_id in self.pending

    def resume(self, connection_id: str, mark: str) -> None:
        if connection_id in self.spent:
            raise TooManyResumesError("a connection resumes once in 30 s")
        self.journal.append(("add", connection_id))
        self.pending.discard(connection_id)
        self.marks[connection_id] = mark

    def remove(self, connection_id: str) -> None:
        self.journal.append(("remove", connection_id))
        if self.fault is not None:
            raise self.fault
        self.marks.pop(connection_id, None)
        self.pending.discard(connection_id)

    def is_counted(self, connection_id: str) -> bool:
        return connection_id in self.marks or connection_id in self.pending

    def count(self) -> int:
        self.counts += 1
        return len(self.marks | dict.fromkeys(self.pending))

    def all(self) -> dict[str, str]:
        self.reads += 1
        return dict(self.marks)


@dataclass
class MemorySockets:
    """Posts by connection id; `gone` clients have left, `faults` are raised."""

    journal: Journal = field(default_factory=list)
    posts: dict[str, list[bytes]] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)
    faults: dict[str, Exception] = field(default_factory=dict)
    closed: dict[str, int] = field(default_factory=dict)
    """How many looks at a connection still find it closed."""
    unseen: set[str] = field(default_factory=set)
    """Connections at which a look fails."""
    ended: list[str] = field(default_factory=list)
    """Connections that were ended from here."""

    def close(self, connection_id: str) -> None:
        if connection_id in self.gone:
            raise GoneError(connection_id)
        self.ended.append(connection_id)

    def check(self, connection_id: str) -> None:
        if connection_id in self.unseen:
            raise TransientError("throttled")
        self.closed[connection_id] = self.closed.get(connection_id, 0) - 1
        if self.closed[connection_id] >= 0:
            raise GoneError(connection_id)

    def post(self, connection_id: str, data: bytes) -> None:
        self.journal.append(("post", connection_id))
        if connection_id in self.gone:
            raise GoneError(connection_id)
        if connection_id in self.faults:
            raise self.faults[connection_id]
        self.posts.setdefault(connection_id, []).append(data)


@dataclass
class MemoryPosters:
    """Shards that were passed on; `faults` are raised by the number of the call."""

    shards: list[tuple[bytes, tuple[str, ...]]] = field(default_factory=list)
    faults: dict[int, Exception] = field(default_factory=dict)
    calls: int = 0

    def post(self, data: bytes, clients: Sequence[str]) -> None:
        self.calls += 1
        if self.calls - 1 in self.faults:
            raise self.faults[self.calls - 1]
        self.shards.append((data, tuple(clients)))


class ManualClock:
    """A wall clock (ms) that moves only when a test moves it."""

    def __init__(self, now: int = NOON) -> None:
        self.now = now

    def __call__(self) -> int:
        return self.now

    def pass_s(self, seconds: float) -> None:
        self.now += round(seconds * 1000)


class MemoryQueue:
    """Stores hidden messages with their seconds, and dead letters with their reasons."""

    def __init__(self) -> None:
        self.hidden: list[tuple[str, int]] = []
        self.dead_letters: list[tuple[str, str]] = []
        self.letters: list[QueueMessage] = []
        self.forwarded: list[str] = []

    def forward(self, bodies: Sequence[str]) -> None:
        self.forwarded += bodies

    def hide(self, message: QueueMessage, seconds: int) -> None:
        self.hidden.append((message.message_id, seconds))

    def dead_letter(self, message: QueueMessage, reason: str) -> None:
        self.dead_letters.append((message.message_id, reason))
        self.letters.append(message)


class MemoryDeliveries:
    """Deliveries in two dictionaries, with the versions of the real store.

    `before_save` is called with each delivery about to be saved: a place to crash or to race.
    """

    def __init__(self) -> None:
        self.items: dict[tuple[str, str], Delivery] = {}
        self.paces: dict[str, AddressState] = {}
        self.audiences: dict[str, tuple[str, ...]] = {}
        self.before_save: Callable[[Delivery], None] = lambda _delivery: None

    def get(self, event_id: str, channel: str) -> Delivery | None:
        return self.items.get((event_id, channel))

    def save(self, delivery: Delivery) -> Delivery:
        self.before_save(delivery)
        key = (delivery.event_id, delivery.channel)
        if (self.items[key].version if key in self.items else 0) != delivery.version:
            raise ConflictError("memory")
        self.items[key] = replace(delivery, version=delivery.version + 1)
        return self.items[key]

    def save_together(
        self, deliveries: Sequence[Delivery], state: AddressState | None = None
    ) -> None:
        for one in deliveries:
            self.before_save(one)
        known = [self.items.get((one.event_id, one.channel)) for one in deliveries]
        read = [(one.version if one else 0) for one in known]
        moved = state is not None and self.address_state(state.channel).version != state.version
        if moved or read != [one.version for one in deliveries]:
            raise ConflictError("memory")
        for one in deliveries:
            self.items[one.event_id, one.channel] = replace(one, version=one.version + 1)
        if state is not None:
            self.save_address_state(state)

    def address_state(self, channel: str) -> AddressState:
        return self.paces.get(channel, AddressState(channel))

    def address_states(self) -> list[AddressState]:
        return [one for one in self.paces.values() if not one.channel.endswith(f":{SENDER}")]

    def save_address_state(self, state: AddressState) -> AddressState:
        if self.address_state(state.channel).version != state.version:
            raise ConflictError("memory")
        self.paces[state.channel] = replace(state, version=state.version + 1)
        return self.paces[state.channel]

    def audience(self, event_id: str) -> tuple[str, ...] | None:
        return self.audiences.get(event_id)

    def save_audience(self, event_id: str, channels: tuple[str, ...]) -> None:
        if event_id in self.audiences:
            raise ConflictError("memory")
        self.audiences[event_id] = channels


class MemorySubscriptions:
    """Subscriptions in a dictionary, with the versions of the real store."""

    def __init__(self, *preferences: Subscription) -> None:
        self.items = {one.channel: one for one in preferences}
        self.before_save: Callable[[Subscription], None] = lambda _preferences: None

    def get(self, channel: str) -> Subscription | None:
        return self.items.get(channel)

    def all(self, _channels: Collection[str] | None = None) -> list[Subscription]:
        return list(self.items.values())

    def save(self, preferences: Subscription) -> Subscription:
        self.before_save(preferences)
        known = self.items.get(preferences.channel)
        if (known.version if known else 0) != preferences.version:
            raise ConflictError("memory")
        self.items[preferences.channel] = replace(preferences, version=preferences.version + 1)
        return self.items[preferences.channel]


@dataclass
class MemoryChannel:
    """A second channel: plain text, three messages a second, receipts that are no numbers.

    `faults` are raised by the next sends; with `deliver_then_fail` after the message was accepted.
    """

    faults: list[Exception] = field(default_factory=list)
    deliver_then_fail: bool = False
    missing: str | None = None
    credentials: str = "first"
    sent: list[tuple[str, str, str | None, bool]] = field(default_factory=list)

    @property
    def name(self) -> str:
        return "memory"

    def limits(self, _address: str) -> SendLimits:
        return SendLimits(spacing_ms=333)

    def limited_as(self, address: str) -> str:
        return address

    def render(self, notification: Notification, language: str) -> str:
        signal = notification.signal
        text = notification.words if signal is None else f"{notification.kind} {signal.symbol}"
        return text if language == LANGUAGE else f"{language}: {text}"

    def send(self, address: str, message: str, *, reply_to: str | None, silent: bool) -> str:
        fault = self.faults.pop(0) if self.faults else None
        if fault is not None and not self.deliver_then_fail:
            raise fault
        self.sent.append((address, message, reply_to, silent))
        if fault is not None:
            raise fault
        return f"post-{len(self.sent)}"


def conforming() -> Iterator[object]:
    """Yield each fake as the port that it stands for: the type checker compares them."""
    states: ports.Checkpoints = MemoryCheckpoints()
    groups: ports.Groups = MemoryGroups()
    folded: ports.Log = MemoryLog()
    minutes: ports.MinuteBars = MemoryMinutes()
    evaluations: ports.Evaluations = MemoryEvaluations()
    log: ports.EvaluationLog = MemoryEvaluations()
    decisions: ports.Decisions = MemoryDecisions()
    recent: ports.RecentSignals = MemoryRecent([])
    signals: ports.Signals = MemorySignals()
    closings: ports.Closings = MemorySignals()
    outbox: ports.Outbox = MemorySignals()
    topic: ports.Topic = MemoryTopic()
    feed: ports.Feed = MemoryFeed()
    performance: ports.PerformanceRows = MemoryPerformance()
    connections: ports.Connections = MemoryConnections()
    pending: ports.PendingConnections = MemoryConnections()
    sockets: ports.NewSockets = MemorySockets()
    posters: ports.Posters = MemoryPosters()
    channel: ports.Channel[str] = MemoryChannel()
    deliveries: ports.Deliveries = MemoryDeliveries()
    subscriptions: ports.Subscriptions = MemorySubscriptions()
    queue: ports.Queue = MemoryQueue()
    yield from (states, groups, folded, minutes, evaluations)
    yield from (log, decisions, recent, signals, closings)
    yield from (outbox, topic, feed, performance, connections, pending, sockets, posters)
    yield from (channel, deliveries, subscriptions, queue)
