"""The feed over a real socket: subscribed when confirmed, replaced when lost."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from signalengine.exchanges.binance.exchange import BINANCE
from signalengine.exchanges.binance.streams import BinanceStreams
from signalengine.market_data import StreamMessage
from signalengine_aws.messaging.kinesis import Backoff

from ingest_task.connections import connection as connection_module
from ingest_task.connections import feed as feed_module
from ingest_task.connections.feed import Feed, shards_of
from tests.ingest_task.samples import T0
from tests.ingest_task.small_exchange import SmallExchange, mark, small_exchange

PROTOCOL = BINANCE.streams
COMMON, LIMITS = PROTOCOL.common, PROTOCOL.limits
SYMBOLS = frozenset({"BTCUSDT", "ETHUSDT"})


def marks(payload: dict[str, Any]) -> StreamMessage | None:
    """The message of a payload."""
    return PROTOCOL.parse(payload, SYMBOLS)


class Notes:
    """A listener that records everything."""

    def __init__(self) -> None:
        self.changed = threading.Condition()
        self.messages: list[Any] = []
        """Payloads, parsed."""
        self.malformed: list[str] = []
        self.subscribed = self.lost = 0
        self.up: list[tuple[int, str]] = []

    def on_up(self, shard: int, why: str) -> None:
        with self.changed:
            self.subscribed += 1
            self.up.append((shard, why))
            self.changed.notify_all()

    def on_lost(self, shard: int, reason: str) -> None:
        with self.changed:
            self.lost += 1
            self.changed.notify_all()

    def on_message(self, data: Any, shard: int = 0) -> None:
        with self.changed:
            self.messages.append(PROTOCOL.parse(data, SYMBOLS))
            self.changed.notify_all()

    def on_malformed(self, reason: str) -> None:
        with self.changed:
            self.malformed.append(reason)
            self.changed.notify_all()

    def wait(self, ready: Callable[["Notes"], bool], timeout: float = 10.0) -> None:
        with self.changed:
            assert self.changed.wait_for(lambda: ready(self), timeout), vars(self)


class Bench:
    """An exchange, a feed and the messages it delivered."""

    def __init__(self, exchange: SmallExchange) -> None:
        self.exchange, self.notes, self.stop = exchange, Notes(), threading.Event()
        self.open = threading.Event()
        self.open.set()
        self.feeds: list[Feed] = []

    def feed(self, symbols: tuple[str, ...] = ("BTCUSDT", "ETHUSDT"), **options: Any) -> Feed:
        feed = Feed(
            PROTOCOL, self.exchange.ws_base, symbols, self.notes, self.open.wait, self.stop,
            **options,
        )  # fmt: skip
        for shard in feed.shards:
            shard._backoff = Backoff(first=0.001, cap=0.02)
        self.feeds.append(feed)
        feed.start()
        return feed


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    monkeypatch.setattr(BinanceStreams, "limits", replace(LIMITS, request_interval_s=0.001))
    monkeypatch.setattr(connection_module, "_POLL_S", 0.05)
    with small_exchange() as exchange:
        bench = Bench(exchange)
        yield bench
        bench.stop.set()
        for feed in bench.feeds:
            feed.end(5.0)
            assert not feed.alive


def test_it_subscribes_to_the_market_route_and_delivers_payloads(bench: Bench) -> None:
    feed = bench.feed()
    assert feed.wait_subscribed(5)
    assert bench.exchange.subscribed == [[*COMMON, "btcusdt@kline_1m", "ethusdt@kline_1m"]]
    bench.exchange.send([mark("BTCUSDT", T0)], mark("ETHUSDT", T0))
    bench.notes.wait(lambda n: len(n.messages) == 2)
    assert bench.notes.messages == [marks(mark("BTCUSDT", T0)), marks(mark("ETHUSDT", T0))]


def test_many_streams_are_subscribed_to_in_chunks_each_confirmed(bench: Bench) -> None:
    symbols = tuple(f"S{n}USDT" for n in range(LIMITS.streams_per_request + 50))
    assert bench.feed(symbols).wait_subscribed(5)
    bench.exchange.wait(lambda: len(bench.exchange.subscribed) == 2)
    first, second = bench.exchange.subscribed
    assert (len(first), len(second)) == (LIMITS.streams_per_request, 53)
    assert [first + second] == shards_of(PROTOCOL, symbols, LIMITS.streams)


def test_a_lost_connection_is_replaced_and_subscribed_again(bench: Bench) -> None:
    bench.feed()
    bench.notes.wait(lambda n: n.subscribed == 1)
    for times in (2, 3):
        bench.exchange.drop()
        bench.notes.wait(lambda n, times=times: n.subscribed == times)  # type: ignore[misc]  # a default binds
    assert bench.notes.lost == 2
    bench.exchange.send(mark("BTCUSDT", T0))
    bench.notes.wait(lambda n: len(n.messages) == 1)


def test_a_refused_subscription_is_retried_and_is_not_a_connection(bench: Bench) -> None:
    bench.exchange.confirm = False
    feed = bench.feed()
    assert not feed.wait_subscribed(0.2)
    bench.exchange.confirm = True
    assert feed.wait_subscribed(5)
    assert bench.notes.lost == 0


def test_the_feed_waits_for_an_exchange_that_cannot_be_reached_yet() -> None:
    stop, notes = threading.Event(), Notes()
    feed = Feed(PROTOCOL, "ws://127.0.0.1:9", ("BTCUSDT",), notes, lambda _wait: True, stop)
    feed.start()
    assert not feed.wait_subscribed(0.1)
    assert feed.alive
    stop.set()
    feed.end(5.0)
    assert not feed.alive


@pytest.mark.parametrize("text", ["{broken", "[1]", "7", "", "[" * 5000])
def test_a_frame_that_is_not_a_message_is_counted_and_the_next_one_read(
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


@pytest.mark.slow
def test_a_silent_connection_that_answers_pings_stays_and_a_dead_one_is_replaced(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection_module, "PING_AFTER_S", 0.1)
    monkeypatch.setattr(connection_module, "STALLED_AFTER_S", 1.5)
    bench.feed()
    bench.notes.wait(lambda n: n.subscribed == 1)
    with bench.notes.changed:
        assert not bench.notes.changed.wait_for(lambda: bench.notes.lost > 0, 2.0), "it answers"
    bench.exchange.freeze(3.0)
    bench.notes.wait(lambda n: n.lost == 1)
    bench.notes.wait(lambda n: n.subscribed == 2)


# --- several connections, and one after the other ------------------------------------------------


def test_streams_are_spread_over_connections_the_common_ones_on_the_first(bench: Bench) -> None:
    feed = bench.feed(("AUSDT", "BUSDT", "CUSDT", "DUSDT"), per_connection=4)
    assert feed.wait_subscribed(5)
    assert sorted(bench.exchange.subscribed) == [
        [*COMMON, "ausdt@kline_1m"],
        ["busdt@kline_1m", "cusdt@kline_1m", "dusdt@kline_1m"],
    ]
    assert sorted(bench.notes.up) == [(0, "started"), (1, "started")]
    assert (feed.connections, feed.shard_of("AUSDT"), feed.shard_of("CUSDT")) == (2, 0, 1)


@pytest.mark.slow
def test_a_connection_is_replaced_before_it_is_too_old_and_nothing_is_lost(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed_module, "OVERLAP_S", 0.3)
    feed = bench.feed(lifetime_s=1.0)
    bench.notes.wait(lambda n: n.subscribed == 1)
    sent = 0
    while bench.notes.subscribed < 3:
        bench.exchange.send(mark("BTCUSDT", T0 + sent))
        sent += 1
        assert feed.alive
    bench.exchange.send(mark("BTCUSDT", T0 + sent))
    bench.notes.wait(lambda n: marks(mark("BTCUSDT", T0 + sent)) in n.messages)
    assert bench.notes.up == [(0, "started"), (0, "planned"), (0, "planned")]
    received = {message[0].event_time - T0 for message in bench.notes.messages}
    assert received == set(range(sent + 1)), "each once, or twice where both are read"
    assert bench.notes.lost == 0


def test_a_silent_connection_is_replaced_on_demand(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed_module, "OVERLAP_S", 0.01)
    feed = bench.feed()
    assert feed.wait_subscribed(5)
    feed.replace(0, "mark silent")
    bench.notes.wait(lambda n: n.up[-1] == (0, "mark silent"))
    assert bench.notes.lost == 0


def test_changes_during_a_hand_over_are_sent_to_the_new_connection(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed_module, "OVERLAP_S", 0.01)

    class Changing(Notes):
        """Changes what is followed when the new connection is open and not yet in use."""

        def on_up(self, shard: int, why: str) -> None:
            if why == "mark silent":
                feed.follow("CUSDT")
                feed.unfollow("BUSDT")
            super().on_up(shard, why)

    bench.notes = Changing()
    feed = bench.feed(("AUSDT", "BUSDT"))
    assert feed.wait_subscribed(30)
    feed.replace(0, "mark silent")
    bench.exchange.wait(lambda: ["cusdt@kline_1m"] in bench.exchange.subscribed[2:], 30.0)
    bench.exchange.wait(lambda: ["busdt@kline_1m"] in bench.exchange.unsubscribed, 30.0)
    bench.notes.wait(lambda n: n.subscribed == 2)


def test_symbols_come_and_go_while_it_runs(bench: Bench) -> None:
    feed = bench.feed(("AUSDT",), per_connection=5)
    assert feed.wait_subscribed(5)
    assert feed.follow("BUSDT") == 0
    assert feed.follow("CUSDT") == 1, "the first connection is full"
    bench.exchange.wait(lambda: len(bench.exchange.subscribed) == 3)
    assert sorted(bench.exchange.subscribed[1:]) == [["busdt@kline_1m"], ["cusdt@kline_1m"]]
    feed.unfollow("BUSDT")
    feed.renew("AUSDT")
    bench.exchange.wait(lambda: ["ausdt@kline_1m"] in bench.exchange.subscribed)
    assert bench.exchange.unsubscribed == [["busdt@kline_1m"], ["ausdt@kline_1m"]]
    bench.exchange.drop()
    bench.exchange.wait(lambda: [*COMMON, "ausdt@kline_1m"] in bench.exchange.subscribed[3:])


def test_a_frame_too_large_to_be_a_message_is_not_parsed(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        BinanceStreams, "limits", replace(LIMITS, frame_bytes=1_000, request_interval_s=0.001)
    )
    bench.feed()
    bench.notes.wait(lambda n: n.subscribed == 1)
    bench.exchange.send_text('{"stream":"x","data":"' + "x" * 2_000 + '"}')
    bench.exchange.send(mark("BTCUSDT", T0))
    bench.notes.wait(lambda n: len(n.messages) == 1)
    assert "2024 bytes" in bench.notes.malformed[0]
