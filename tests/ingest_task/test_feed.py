"""The feed over a real socket: subscribed when confirmed, replaced when lost."""

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from signalengine_aws.kinesis import Backoff

from ingest_task import feed as feed_module
from ingest_task.feed import CHUNK, Feed, streams_of
from tests.ingest_task.samples import T0
from tests.ingest_task.small_exchange import SmallExchange, mark, small_exchange


class Notes:
    """A listener that writes everything down."""

    def __init__(self) -> None:
        self.changed = threading.Condition()
        self.messages: list[Any] = []
        self.malformed: list[str] = []
        self.subscribed = self.lost = 0

    def on_subscribed(self) -> None:
        with self.changed:
            self.subscribed += 1
            self.changed.notify_all()

    def on_lost(self) -> None:
        with self.changed:
            self.lost += 1
            self.changed.notify_all()

    def on_message(self, data: Any) -> None:
        with self.changed:
            self.messages.append(data)
            self.changed.notify_all()

    def on_malformed(self, reason: str) -> None:
        with self.changed:
            self.malformed.append(reason)
            self.changed.notify_all()

    def wait(self, ready: Callable[["Notes"], bool], timeout: float = 10.0) -> None:
        with self.changed:
            assert self.changed.wait_for(lambda: ready(self), timeout), vars(self)


class Bench:
    """An exchange, a feed and what it heard."""

    def __init__(self, exchange: SmallExchange) -> None:
        self.exchange, self.notes, self.stop = exchange, Notes(), threading.Event()
        self.open = threading.Event()
        self.open.set()
        self.feeds: list[Feed] = []

    def feed(self, symbols: tuple[str, ...] = ("BTCUSDT", "ETHUSDT")) -> Feed:
        feed = Feed(self.exchange.ws_base, symbols, self.notes, self.open.wait, self.stop)
        feed._backoff = Backoff(first=0.001, cap=0.02)
        self.feeds.append(feed)
        feed.start()
        return feed


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    monkeypatch.setattr(feed_module, "CHUNK_PAUSE_S", 0.001)
    monkeypatch.setattr(feed_module, "_POLL_S", 0.05)
    with small_exchange() as exchange:
        bench = Bench(exchange)
        yield bench
        bench.stop.set()
        for feed in bench.feeds:
            feed.end(5.0)
            assert not feed.alive


def test_it_subscribes_to_the_market_route_and_delivers_payloads(bench: Bench) -> None:
    feed = bench.feed()
    assert feed.subscribed.wait(5)
    assert bench.exchange.subscribed == [
        ["!markPrice@arr@1s", "!forceOrder@arr", "btcusdt@kline_1m", "ethusdt@kline_1m"]
    ]
    bench.exchange.send([mark("BTCUSDT", T0)], mark("ETHUSDT", T0))
    bench.notes.wait(lambda n: len(n.messages) == 2)
    assert bench.notes.messages == [[mark("BTCUSDT", T0)], mark("ETHUSDT", T0)]


def test_many_streams_are_subscribed_to_in_chunks_each_confirmed(bench: Bench) -> None:
    symbols = tuple(f"S{n}USDT" for n in range(CHUNK + 50))
    assert bench.feed(symbols).subscribed.wait(5)
    bench.exchange.wait(lambda: len(bench.exchange.subscribed) == 2)
    first, second = bench.exchange.subscribed
    assert (len(first), len(second)) == (CHUNK, 52)
    assert first + second == streams_of(symbols)


def test_a_lost_connection_is_replaced_and_subscribed_again(bench: Bench) -> None:
    bench.feed()
    bench.notes.wait(lambda n: n.subscribed == 1)
    for times in (2, 3):
        bench.exchange.drop()
        bench.notes.wait(lambda n, times=times: n.subscribed == times)  # type: ignore[misc]  # a default binds
    assert bench.notes.lost == 2
    bench.exchange.send(mark("BTCUSDT", T0))
    bench.notes.wait(lambda n: len(n.messages) == 1)


def test_a_refused_subscription_is_tried_again_and_is_not_a_connection(bench: Bench) -> None:
    bench.exchange.confirm = False
    feed = bench.feed()
    assert not feed.subscribed.wait(0.2)
    bench.exchange.confirm = True
    assert feed.subscribed.wait(5)
    assert bench.notes.lost == 0


def test_an_exchange_that_is_not_there_yet_is_waited_for() -> None:
    stop, notes = threading.Event(), Notes()
    feed = Feed("ws://127.0.0.1:9", ("BTCUSDT",), notes, lambda _wait: True, stop)
    feed.start()
    assert not feed.subscribed.wait(0.1)
    assert feed.alive
    stop.set()
    feed.end(5.0)
    assert not feed.alive


@pytest.mark.parametrize("text", ["{broken", "[1]", "7", "", "[" * 5000])
def test_a_frame_that_is_no_message_is_counted_and_the_next_one_read(
    bench: Bench, text: str
) -> None:
    bench.feed()
    bench.notes.wait(lambda n: n.subscribed == 1)
    bench.exchange.send_text(text)
    bench.exchange.send(mark("BTCUSDT", T0))
    bench.notes.wait(lambda n: len(n.messages) == 1)
    assert len(bench.notes.malformed) == 1


def test_nothing_is_read_while_there_is_no_room(bench: Bench) -> None:
    bench.feed()
    bench.notes.wait(lambda n: n.subscribed == 1)
    bench.open.clear()
    bench.exchange.send(*[mark("BTCUSDT", T0 + n) for n in range(5)])
    with bench.notes.changed:
        assert not bench.notes.changed.wait_for(lambda: len(bench.notes.messages) > 1, 0.3)
    bench.open.set()
    bench.notes.wait(lambda n: len(n.messages) == 5)


def test_a_silent_but_living_connection_is_kept_and_a_dead_one_replaced(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed_module, "PING_AFTER_S", 0.1)
    monkeypatch.setattr(feed_module, "STALLED_AFTER_S", 0.4)
    bench.feed()
    bench.notes.wait(lambda n: n.subscribed == 1)
    with bench.notes.changed:
        assert not bench.notes.changed.wait_for(lambda: bench.notes.lost > 0, 1.0), "it answers"
    bench.exchange.freeze(1.0)
    bench.notes.wait(lambda n: n.lost == 1)
    bench.notes.wait(lambda n: n.subscribed == 2)
