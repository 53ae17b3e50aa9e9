"""Who listens to what, and the queue in front of each listener.

Everything that is told to anybody goes through `Hub.publish`, and there through whatever was put
in between (`disturbance`). A listener's queue is bounded: with
a clock that runs by the wall a listener that falls behind is dropped, as Binance does it; at full
speed the player waits at a checkpoint instead, and nobody is dropped.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from typing import Protocol

from .streams import Kind, Route, Stream, parse

MAX_QUEUE = 20_000
"""Messages a listener may be behind; about a minute of 500 symbols."""


@dataclass(frozen=True, slots=True)
class Closing:
    """Marks a message as the closing kline of a 1m bar."""

    symbol: str
    close_time: int


@dataclass(frozen=True, slots=True)
class Message:
    """A payload (JSON, unless something broke it) on its way to a stream's listeners."""

    stream: Stream
    text: str
    closing: Closing | None = None


class Between(Protocol):
    """What stands between the announcer and the queues; false while it lets everything pass."""

    def __bool__(self) -> bool: ...

    def told(self, message: Message) -> Iterable[Message]:
        """Return what is told instead of a message."""
        ...


@dataclass(frozen=True, slots=True)
class Told:
    """A message in a queue."""

    text: str
    closing: Closing | None = None


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A place in a queue; `reached` is done once the listener has read up to it, or is gone."""

    token: bytes
    reached: asyncio.Future[None]


@dataclass(eq=False, slots=True)
class Listener:
    """One connection: its route, what it subscribed to in order, its queue."""

    route: Route
    combined: bool
    drop: Callable[[], None]
    subscriptions: dict[str, None] = field(default_factory=dict)
    queue: deque[Told | Checkpoint] = field(default_factory=deque)
    waiting: asyncio.Event = field(default_factory=asyncio.Event)
    fresh: bool = False
    """Something was queued since the last checkpoint."""
    stalled: bool = False
    """Nothing is written to it any more, and nobody waits for it."""

    def push(self, item: Told | Checkpoint) -> None:
        """Queue a message or a checkpoint."""
        self.queue.append(item)
        self.fresh = isinstance(item, Told)
        self.waiting.set()


class Hub:
    """All listeners, by stream."""

    def __init__(
        self, symbols: Collection[str], *, patient: bool, between: Between | None = None
    ) -> None:
        """`patient`: never drop a listener, the player waits for all at checkpoints."""
        self._symbols = symbols
        self._patient = patient
        self._between = between
        self._listeners: dict[Listener, None] = {}
        self._by_stream: dict[str, dict[Listener, None]] = {}
        self._streams: dict[Kind, dict[str, Stream]] = {}
        self._tokens = 0
        self.klines_wanted = asyncio.Event()
        """Set while somebody receives klines."""

    def __len__(self) -> int:
        return len(self._listeners)

    def join(self, listener: Listener) -> None:
        """Let a connection in."""
        self._listeners[listener] = None

    def leave(self, listener: Listener) -> None:
        """Forget a connection; whoever waits for it waits no more."""
        self._listeners.pop(listener, None)
        self.unsubscribe(listener, list(listener.subscriptions))
        self._let_go(listener)

    def subscribe(self, listener: Listener, names: Iterable[str]) -> None:
        """Note subscriptions; those that do not exist on this route never bring anything."""
        for name in names:
            listener.subscriptions[name] = None
            stream = parse(name, self._symbols)
            if stream is not None and stream.reaches(listener.route):
                self._by_stream.setdefault(name, {})[listener] = None
                self._streams.setdefault(stream.kind, {})[name] = stream
        self._look()

    def unsubscribe(self, listener: Listener, names: Iterable[str]) -> None:
        """Forget subscriptions; unknown ones are none."""
        for name in names:
            listener.subscriptions.pop(name, None)
            listeners = self._by_stream.get(name, {})
            listeners.pop(listener, None)
            if not listeners and self._by_stream.pop(name, None) is not None:
                for streams in self._streams.values():
                    streams.pop(name, None)
        self._look()

    def receives(self, listener: Listener, meant: Callable[[Stream], bool]) -> bool:
        """Return whether a listener receives one of the streams meant."""
        return any(
            listener in self._by_stream.get(name, ())
            and (stream := parse(name, self._symbols)) is not None
            and meant(stream)
            for name in listener.subscriptions
        )

    def streams(self, kind: Kind) -> list[Stream]:
        """Return the streams of a kind that somebody receives."""
        return list(self._streams.get(kind, {}).values())

    def publish(self, name: str, payload: str, closing: Closing | None = None) -> None:
        """Tell a payload (JSON) to everybody who receives the stream of that name."""
        stream = parse(name, self._symbols) if self._between else None
        if self._between is None or stream is None:
            self._queue(name, payload, closing)
            return
        for message in self._between.told(Message(stream, payload, closing)):
            self.tell(message)

    def tell(self, message: Message) -> None:
        """Tell a message as it is, with nothing in between."""
        self._queue(message.stream.name, message.text, message.closing)

    def stall(self, listener: Listener) -> None:
        """Write nothing more to a listener; whoever waits for it waits no more."""
        listener.stalled = True
        self._let_go(listener)

    def _queue(self, name: str, payload: str, closing: Closing | None) -> None:
        raw, combined = None, None
        for listener in list(self._by_stream.get(name, ())):
            if listener.stalled:
                continue
            if listener.combined:
                combined = combined or Told(f'{{"stream":"{name}","data":{payload}}}', closing)
                listener.push(combined)
            else:
                raw = raw or Told(payload, closing)
                listener.push(raw)
            if not self._patient and len(listener.queue) > MAX_QUEUE:
                listener.drop()

    def checkpoint(self) -> list[asyncio.Future[None]]:
        """Return what to await until all listeners have read what was told, or have gone."""
        reached = []
        for listener in self._listeners:
            if listener.fresh and not listener.stalled:
                self._tokens += 1
                checkpoint = Checkpoint(
                    b"%d" % self._tokens, asyncio.get_running_loop().create_future()
                )
                listener.push(checkpoint)
                reached.append(checkpoint.reached)
        return reached

    def _let_go(self, listener: Listener) -> None:
        for item in listener.queue:
            if isinstance(item, Checkpoint) and not item.reached.done():
                item.reached.set_result(None)
        listener.queue.clear()

    def _look(self) -> None:
        if self._streams.get("kline"):
            self.klines_wanted.set()
        else:
            self.klines_wanted.clear()
