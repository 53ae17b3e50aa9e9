"""Ports: what the use cases and the delivery need of the outside, as Protocols.

The adapters (`stores`, `messaging`, `channels`) satisfy them without importing them, and so do the
small fakes of the tests. Everything may raise TransientError and PermanentError.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

    from signalengine.decisions import Decided
    from signalengine.facts.lots import ContractSizes
    from signalengine.facts.stream import Bar
    from signalengine.settlement import Position, StoredBar
    from signalengine.signals import Cooldown, Evaluation, Settlement, Signal, Step
    from signalengine.stats.performance import Performance
    from signalengine.strategy.lifecycle import Registered, Running
    from signalengine.strategy.parameter_set import ParameterSet
    from signalengine.strategy.set_states import Buffer
    from signalengine.strategy.sets import StrategySet

    from .application.deploy_site import SiteFile
    from .chat.engine import Answer
    from .delivery.deliveries import Delivery
    from .delivery.notifications import Notification
    from .delivery.pacing import AddressState, SendLimits
    from .delivery.queue import QueueMessage
    from .delivery.subscriptions import Subscription
    from .messaging.sns import Message, Publication
    from .stores.decisions import Commit
    from .stores.log.log import Appended, Numbered
    from .stores.log.replay import SavedSets
    from .stores.pagination import Chunk, Place, Span
    from .stores.rate_limits import Limit
    from .stores.recent_signals import Known
    from .stores.signals import StoredSignal
    from .stores.state import Progress, StoredState

Rendered = TypeVar("Rendered")

# --- from facts to signals -----------------------------------------------------------------------


class Checkpoints(Protocol):
    """States of symbols, each as it was after an entry of its group's log."""

    def of(self, symbols: Iterable[str], /) -> dict[str, StoredState]: ...

    def put(self, symbol: str, state: StoredState, /) -> bool:
        """Store a state; False when one of the same entry or a newer one is stored."""
        ...


class SetStates(Protocol):
    """Buffers of parameter sets, each as it was after an entry of its symbol's log."""

    def of(self, sets: Sequence[StrategySet], closes: Mapping[str, int], /) -> SavedSets:
        """Return the buffers of sets, with all stored bars up to these closes (ms) of symbols."""
        ...

    def put(
        self, one: StrategySet, symbol: str, buffer: Buffer, entry: int, /, *, again: bool = False
    ) -> bool:
        """Store a buffer; False when one of the same entry (but `again`) or a newer is stored."""
        ...


class Registry(Protocol):
    """The registered parameter sets."""

    def read(self) -> dict[str, Registered]:
        """Return all sets by name; always `classic`."""
        ...

    def change(
        self, name: str, who: str, to: Callable[[Registered | None], Registered], /
    ) -> Registered:
        """Store what `to` makes of a set, and that; raises what `to` raises."""
        ...


class Sets(Protocol):
    """The parameter sets of the stack."""

    def running(self) -> Running:
        """Return those that run; the same object until that changes."""
        ...

    def park(self, name: str, reason: str, /) -> None:
        """Stop running a set; raises nothing."""
        ...


class Groups(Protocol):
    """The group of each symbol, for ever the same."""

    def of(self, symbols: Iterable[str], /) -> dict[str, int]:
        """Return the group of each symbol that has one."""
        ...

    def members(self, group: int, /) -> list[str]: ...

    def add(self, symbols: Collection[str], /) -> None:
        """Give symbols a group that have none."""
        ...


class Log(Protocol):
    """The logs of groups: entries 1, 2, 3, …, each written once."""

    def append(self, group: int, number: int, data: bytes, /) -> Appended: ...

    def last(self, group: int, /) -> Numbered | None: ...

    def after(self, group: int, number: int, /) -> list[Numbered]: ...

    def put_bars(self, group: int, number: int, bars: Mapping[str, Bar], /) -> None:
        """Store bars of one longer interval that close together, of an entry; again is harmless."""
        ...


class MinuteBars(Protocol):
    """Stored 1m bars."""

    def minutes(self, symbol: str, since: int, until: int, /) -> list[StoredBar]:
        """Return the bars that open in [since, until) (exchange ms), in order."""
        ...


class Evaluations(Protocol):
    """Accepts evaluations: the first one stored of a close stays."""

    def put(self, evaluation: Evaluation, /) -> bool:
        """Store an evaluation; False when that close has one."""
        ...


class EvaluationLog(Protocol):
    """Stored evaluations, by UTC day."""

    def of_day(
        self, day: str, span: Span, after: Place | None, limit: int, /
    ) -> Chunk[Evaluation]: ...


class Decisions(Protocol):
    """Decisions, cooldowns and opened signals, committed in one transaction."""

    def cooldown(self, symbol: str, /) -> Cooldown | None: ...

    def commit(self, decided: Decided, read: Cooldown | None, /) -> Commit:
        """Store what was decided if the cooldown is still the one that was read."""
        ...


class RecentSignals(Protocol):
    """Signals that a policy's protections look at."""

    def read(self, evaluation: Evaluation, policy: ParameterSet, /) -> Known: ...

    def newest_open(self, cooldown: Cooldown, time: int, /) -> Signal | None:
        """Return the newest signal of a symbol if it is open at a time (exchange ms)."""
        ...


# --- from signals to messages --------------------------------------------------------------------


class ClosesOfSet(Protocol):
    """A parameter set's evaluations by close."""

    def of_close(self, time: int, /) -> list[Evaluation]:
        """Return those of all symbols at a close (ms)."""
        ...


class FeedOfSymbols(Protocol):
    """Which symbols trade, and how far they are folded."""

    def trading(self) -> frozenset[str]:
        """Return the symbols whose bars are to come; none before the first heartbeat."""
        ...

    def progress(self) -> int:
        """Return the close (ms) up to which bars are stored; 0 before the first."""
        ...


class Signals(Protocol):
    """Stored signals."""

    def open(self) -> list[StoredSignal]: ...

    def changed(self, day: str, since: int, limit: int, /) -> list[StoredSignal]:
        """Return up to `limit` signals changed on a wall day at or after `since`, in order."""
        ...


class Closings(Protocol):
    """Stores the progress of signals and closes them, each once."""

    def advance(self, signal: Signal, steps: Sequence[Step], /) -> bool:
        """Store all steps of an open signal; False when it changed since it was read."""
        ...

    def close(self, signal: Signal, settlement: Settlement, /) -> bool:
        """Close an open signal; False when it was closed before."""
        ...


class Positions(Protocol):
    """How far the bars of signals that are open for long are folded."""

    def of(self, signals: Iterable[Signal], /) -> dict[str, Position]:
        """Return the stored positions by the signals' ids."""
        ...

    def put(self, signal: Signal, position: Position, /) -> None: ...


class Outbox(Protocol):
    """Signals with notifications that are committed and not yet published."""

    def read(self, signal_id: str, /) -> StoredSignal | None: ...

    def waiting(self, limit: int, /) -> list[StoredSignal]:
        """Return up to `limit` signals that have waited too long, the longest first."""
        ...

    def published(self, signal_id: str, kind: Publication, /) -> None:
        """Remove a published notification; a repeat changes nothing."""
        ...


class Topic(Protocol):
    """The topic that everything is published on."""

    def publish(self, message: Message, /) -> None: ...


class Feed(Protocol):
    """The state of the feed: its newest heartbeat, and how far bars are stored."""

    def heartbeat(self) -> dict[str, Any] | None: ...

    def put_heartbeat(self, body: Mapping[str, Any], over: int | None, /) -> bool:
        """Return False when another heartbeat is stored than the one of time `over` (0: none).

        None: whatever is stored is replaced.
        """
        ...

    def put_contracts(self, sizes: ContractSizes, /) -> None: ...


class FoldProgress(Protocol):
    """How far bars are folded, as compute_features stores it."""

    def read_progress(self) -> Progress: ...

    def put_progress(self, progress: Progress, over: Progress, /) -> bool:
        """Store a progress; False when the stored one is not `over` any more."""
        ...


class PerformanceRows(Protocol):
    """Closed signals, counted by symbol and by day."""

    def read(self, stats_key: str, symbol: str, /) -> Performance: ...


# --- WebSocket clients and chat ------------------------------------------------------------------


class Connections(Protocol):
    """WebSocket connections; those registered have the mark of the token their client showed."""

    def open(self, connection_id: str, /) -> None: ...

    def resume(self, connection_id: str, mark: str, /) -> None:
        """Register a client; raises TooManyResumesError."""
        ...

    def remove(self, connection_id: str, /) -> None: ...

    def count(self) -> int: ...

    def all(self) -> dict[str, str]:
        """Return the marks of registered clients by connection id."""
        ...


class CountedConnections(Connections, Protocol):
    """WebSocket connections, of which there is a limit."""

    def is_counted(self, connection_id: str, /) -> bool:
        """Return whether `count` includes a connection."""
        ...


class PendingConnections(Protocol):
    """WebSocket connections whose clients have sent nothing yet."""

    def greet(self, connection_id: str, /, *, expired: bool) -> bool:
        """Register a pending client; returns whether this did it.

        One that is `expired` is registered if it is no longer stored, too: it has to be connected.
        """
        ...

    def is_pending(self, connection_id: str, /) -> bool: ...

    def remove(self, connection_id: str, /) -> None: ...


class Sockets(Protocol):
    """Posts to WebSocket clients."""

    def post(self, connection_id: str, data: bytes, /) -> None:
        """Raises GoneError when this client has left."""
        ...


class ClosableSockets(Sockets, Protocol):
    """Posts to WebSocket clients, and ends connections."""

    def close(self, connection_id: str, /) -> None:
        """Raises GoneError when this client has left."""
        ...


class NewSockets(Sockets, Protocol):
    """Posts to WebSocket clients that have just connected."""

    def check(self, connection_id: str, /) -> None:
        """Raises GoneError unless this client's connection is open."""
        ...


class Posters(Protocol):
    """Other invocations, which post to a part of the clients."""

    def post(self, data: bytes, clients: Sequence[str], /) -> None:
        """Start one; it ends later, whatever happens to it."""
        ...


class ClientAuth(Protocol):
    """Checks the API token that WebSocket clients show."""

    def admit(self, connection_id: str, given: str | None, /) -> str:
        """Return the mark to store of an accepted token; raises AccessError."""
        ...

    def unauthenticated(self, marks: Mapping[str, str], /) -> set[str]:
        """Return the connections whose mark is not of the current token."""
        ...


class StreamingChat(Protocol):
    """Answers questions piece by piece."""

    def stream(
        self, caller: str, message: Any, history: Sequence[Mapping[str, Any]], /
    ) -> Iterator[str | Answer]: ...


class RateLimits(Protocol):
    """Counts calls."""

    def take(self, caller: str, limit: Limit, /) -> int:
        """Return the number of calls so far, this one included; raises TooManyCallsError."""
        ...


# --- delivery ------------------------------------------------------------------------------------


class Channel(Protocol[Rendered]):
    """One way to deliver notifications: its client, its rendering, its limits.

    `send` raises the errors of `delivery.errors` and no others.
    """

    @property
    def name(self) -> str:
        """The first part of this channel's keys, as in `name:address`."""
        ...

    @property
    def missing(self) -> str | None:
        """What is not configured, as a stored reason; None when messages can be sent."""
        ...

    @property
    def credentials(self) -> str:
        """A digest of what the service knows the sender by: another one may be accepted."""
        ...

    def limits(self, address: str, /) -> SendLimits: ...

    def limited_as(self, address: str, /) -> str:
        """Return the address whose limits a part of it shares; itself for one that is no part."""
        ...

    def render(self, notification: Notification, language: str, /) -> Rendered:
        """Return the message in a language such as "en"; one without texts is English."""
        ...

    def send(
        self, address: str, message: Rendered, /, *, reply_to: str | None, silent: bool
    ) -> str:
        """Send a message and return its receipt; `reply_to` is the receipt of another."""
        ...


class Deliveries(Protocol):
    """Deliveries by event and address, the addresses, and the audiences; writes are conditional."""

    def get(self, event_id: str, channel: str, /) -> Delivery | None: ...

    def save(self, delivery: Delivery, /) -> Delivery:
        """Store it if its version is still the stored one (0: absent), else ConflictError."""
        ...

    def save_together(
        self, deliveries: Sequence[Delivery], state: AddressState | None = None, /
    ) -> None:
        """As `save`, all of them or none."""
        ...

    def address_state(self, channel: str, /) -> AddressState: ...

    def save_address_state(self, state: AddressState, /) -> AddressState:
        """As `save`."""
        ...

    def audience(self, event_id: str, /) -> tuple[str, ...] | None:
        """Return the channel keys of an event's audience; None before it is determined."""
        ...

    def save_audience(self, event_id: str, channels: tuple[str, ...], /) -> None:
        """Store an audience, once; ConflictError when there is one."""
        ...


class Subscriptions(Protocol):
    """The preferences of addresses; writes are conditional."""

    def get(self, channel: str, /) -> Subscription | None: ...

    def all(self, channels: Collection[str] | None = None, /) -> list[Subscription]:
        """Return those of the named channels at least; None: of all."""
        ...

    def save(self, preferences: Subscription, /) -> Subscription:
        """Store it if its version is still the stored one (0: absent), else ConflictError."""
        ...


class Forwarding(Protocol):
    """Puts messages into a channel's queue."""

    def forward(self, bodies: Sequence[str], /) -> None:
        """Raises TransientError unless all of them were accepted."""
        ...


class Queue(Forwarding, Protocol):
    """A channel's queue."""

    def hide(self, message: QueueMessage, seconds: int, /) -> None:
        """Leave the message in the queue, invisible for `seconds`."""
        ...

    def dead_letter(self, message: QueueMessage, reason: str, /) -> None:
        """Put the message on the queue of dead letters, with the reason."""
        ...


# --- the dashboard's files -----------------------------------------------------------------------


class Site(Protocol):
    """The files of the dashboard, where browsers read them."""

    def archive(self, bucket: str, key: str, /) -> bytes:
        """Return the zip that the files come from."""
        ...

    def read(self, name: str, /) -> bytes: ...

    def put(self, file: SiteFile, /) -> None: ...

    def names(self) -> list[str]: ...

    def remove(self, name: str, /) -> None: ...
