"""Subscriptions, and a queue for each subscriber.

Every stream message goes through `Hub.publish`, and there through the filter (`disturbance`).
A queue is bounded: at a finite speed a subscriber that falls behind is dropped, as Binance does; at
full speed the player waits at a checkpoint instead, and no subscriber is dropped.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from typing import Protocol

from .streams import Kind, Route, Stream, parse

MAX_QUEUE = 20_000
"""Messages a subscriber may be behind; about a minute of 500 symbols."""


@dataclass(frozen=True, slots=True)
class Closing:
    """Marks a message as the closing kline of a 1m bar."""

    symbol: str
    close_time: int


@dataclass(frozen=True, slots=True)
class Message:
    """A payload (JSON, unless something broke it) for a stream's subscribers."""

    stream: Stream
    text: str
    closing: Closing | None = None


class MessageFilter(Protocol):
    """Changes messages before they are queued; false while it passes everything."""

    def __bool__(self) -> bool: ...

    def apply(self, message: Message) -> Iterable[Message]:
        """Return the messages to send instead of this one."""
        ...


@dataclass(frozen=True, slots=True)
class QueuedMessage:
    """A message in a queue."""

    text: str
    closing: Closing | None = None


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A place in a queue; `reached` completes when the subscriber has read it, or has left."""

    token: bytes
    reached: asyncio.Future[None]


@dataclass(eq=False, slots=True)
class Subscriber:
    """One connection: its route, its subscriptions in order, its queue."""

    route: Route
    combined: bool
    drop: Callable[[], None]
    subscriptions: dict[str, None] = field(default_factory=dict)
    queue: deque[QueuedMessage | Checkpoint] = field(default_factory=deque)
    waiting: asyncio.Event = field(default_factory=asyncio.Event)
    fresh: bool = False
    """A message was queued since the last checkpoint."""
    stalled: bool = False
    """Nothing is written to it any more, and the player does not wait for it."""

    def push(self, item: QueuedMessage | Checkpoint) -> None:
        """Queue a message or a checkpoint."""
        self.queue.append(item)
        self.fresh = isinstance(item, QueuedMessage)
        self.waiting.set()


class Hub:
    """All subscribers, by stream."""

    def __init__(
        self,
        symbols: Collection[str],
        *,
        lossless: bool,
        message_filter: MessageFilter | None = None,
    ) -> None:
        """`lossless`: never drop a subscriber; the player waits for all at checkpoints."""
        self._symbols = symbols
        self._lossless = lossless
        self._filter = message_filter
        self._subscribers: dict[Subscriber, None] = {}
        self._by_stream: dict[str, dict[Subscriber, None]] = {}
        self._streams: dict[Kind, dict[str, Stream]] = {}
        self._tokens = 0
        self.klines_subscribed = asyncio.Event()
        """Set while a subscriber receives klines."""

    def __len__(self) -> int:
        return len(self._subscribers)

    def join(self, subscriber: Subscriber) -> None:
        """Add a connection."""
        self._subscribers[subscriber] = None

    def leave(self, subscriber: Subscriber) -> None:
        """Remove a connection; its checkpoints complete."""
        self._subscribers.pop(subscriber, None)
        self.unsubscribe(subscriber, list(subscriber.subscriptions))
        self._release(subscriber)

    def subscribe(self, subscriber: Subscriber, names: Iterable[str]) -> None:
        """Add subscriptions; streams that do not exist on this route are silently ignored."""
        for name in names:
            subscriber.subscriptions[name] = None
            stream = parse(name, self._symbols)
            if stream is not None and stream.reaches(subscriber.route):
                self._by_stream.setdefault(name, {})[subscriber] = None
                self._streams.setdefault(stream.kind, {})[name] = stream
        self._update_event()

    def unsubscribe(self, subscriber: Subscriber, names: Iterable[str]) -> None:
        """Remove subscriptions; unknown names are ignored."""
        for name in names:
            subscriber.subscriptions.pop(name, None)
            subscribers = self._by_stream.get(name, {})
            subscribers.pop(subscriber, None)
            if not subscribers and self._by_stream.pop(name, None) is not None:
                for streams in self._streams.values():
                    streams.pop(name, None)
        self._update_event()

    def receives(self, subscriber: Subscriber, matches: Callable[[Stream], bool]) -> bool:
        """Return whether a subscriber receives a stream for which `matches` is true."""
        return any(
            subscriber in self._by_stream.get(name, ())
            and (stream := parse(name, self._symbols)) is not None
            and matches(stream)
            for name in subscriber.subscriptions
        )

    def streams(self, kind: Kind) -> list[Stream]:
        """Return the streams of a kind that have subscribers."""
        return list(self._streams.get(kind, {}).values())

    def publish(self, name: str, payload: str, closing: Closing | None = None) -> None:
        """Queue a payload (JSON) for the subscribers of a stream."""
        stream = parse(name, self._symbols) if self._filter else None
        if self._filter is None or stream is None:
            self._queue(name, payload, closing)
            return
        for message in self._filter.apply(Message(stream, payload, closing)):
            self.send(message)

    def send(self, message: Message) -> None:
        """Queue a message without the filter."""
        self._queue(message.stream.name, message.text, message.closing)

    def stall(self, subscriber: Subscriber) -> None:
        """Write nothing more to a subscriber; its checkpoints complete."""
        subscriber.stalled = True
        self._release(subscriber)

    def _queue(self, name: str, payload: str, closing: Closing | None) -> None:
        raw, combined = None, None
        for subscriber in list(self._by_stream.get(name, ())):
            if subscriber.stalled:
                continue
            if subscriber.combined:
                combined = combined or QueuedMessage(
                    f'{{"stream":"{name}","data":{payload}}}', closing
                )
                subscriber.push(combined)
            else:
                raw = raw or QueuedMessage(payload, closing)
                subscriber.push(raw)
            if not self._lossless and len(subscriber.queue) > MAX_QUEUE:
                subscriber.drop()

    def checkpoint(self) -> list[asyncio.Future[None]]:
        """Return futures that complete when all subscribers have read everything, or have left."""
        reached = []
        for subscriber in self._subscribers:
            if subscriber.fresh and not subscriber.stalled:
                self._tokens += 1
                checkpoint = Checkpoint(
                    b"%d" % self._tokens, asyncio.get_running_loop().create_future()
                )
                subscriber.push(checkpoint)
                reached.append(checkpoint.reached)
        return reached

    def _release(self, subscriber: Subscriber) -> None:
        for item in subscriber.queue:
            if isinstance(item, Checkpoint) and not item.reached.done():
                item.reached.set_result(None)
        subscriber.queue.clear()

    def _update_event(self) -> None:
        if self._streams.get("kline"):
            self.klines_subscribed.set()
        else:
            self.klines_subscribed.clear()
