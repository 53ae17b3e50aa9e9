"""Open interest: polled by minute, or requested as of each close."""

import socket
import struct
import threading
from collections.abc import Iterable, Sequence
from typing import Any

import pytest
from signalengine.exchanges.binance.exchange import BINANCE
from signalengine.intervals import MINUTE_MS
from signalengine.market_data import OpenInterest

from ingest_task.backfill import rest as rest_module
from ingest_task.backfill.open_interest import OpenInterestPoll, OpenInterestReplay
from ingest_task.backfill.rest import RestClient
from tests.ingest_task.backfill.bench import Bench
from tests.ingest_task.samples import T0


class Minutes:
    """Advances minutes when the test does, and stores the values polled."""

    def __init__(self) -> None:
        self.changed = threading.Condition()
        self.minute = T0 // MINUTE_MS
        self.values: list[OpenInterest] = []
        self.until: list[int] = []
        self.trading: tuple[str, ...] = ("BTCUSDT", "ETHUSDT")

    def on_open_interest(self, value: OpenInterest) -> None:
        with self.changed:
            self.values.append(value)
            self.changed.notify_all()

    def on_replayed_open_interest(self, values: Iterable[OpenInterest], until: int) -> None:
        with self.changed:
            self.values.extend(values)
            self.until.append(until)
            self.changed.notify_all()

    def wait_minute(self, after: int, timeout: float) -> int:
        with self.changed:
            self.changed.wait_for(lambda: self.minute > after, timeout)
            return self.minute

    def next(self) -> None:
        with self.changed:
            self.minute += 1
            self.changed.notify_all()


def test_open_interest_is_polled_once_a_symbol_and_exchange_minute(bench: Bench) -> None:
    minutes = Minutes()
    OpenInterestPoll(bench.rest, minutes, bench.stop).start()
    for rounds in (1, 2, 3):
        with minutes.changed:
            assert minutes.changed.wait_for(lambda r=rounds: len(minutes.values) == 2 * r, 5)  # type: ignore[misc]  # a default binds
        minutes.next()
    symbols = [query["symbol"] for query in bench.exchange.queries("/fapi/v1/openInterest")]
    assert symbols[:6] == ["BTCUSDT", "ETHUSDT"] * 3


def test_a_symbol_without_open_interest_is_requested_less_and_less_often(bench: Bench) -> None:
    minutes, path = Minutes(), "/fapi/v1/openInterest"
    bench.exchange.answers[path] = [(400, {}, '{"code":-1}')] * 50
    minutes.trading = ("BTCUSDT",)
    poll = OpenInterestPoll(bench.rest, minutes, bench.stop)
    for _ in range(30):
        poll._round()
    assert len(bench.exchange.queries(path)) == 4


@pytest.mark.parametrize("answer", [(200, {}, "<html>"), (200, {}, "[]"), (503, {}, "")])
def test_an_unusable_answer_refuses_no_symbol(bench: Bench, answer: Any) -> None:
    minutes, path = Minutes(), "/fapi/v1/openInterest"
    bench.exchange.answers[path] = [answer] * rest_module.TRIES * 3
    poll = OpenInterestPoll(bench.rest, minutes, bench.stop)
    while bench.exchange.answers[path]:
        poll._round()
    minutes.values.clear()
    poll._round()
    assert [value.symbol for value in minutes.values] == ["BTCUSDT", "ETHUSDT"]


BROKEN: tuple[bytes | None, ...] = (
    None,  # a reset connection
    b"",
    b"no status line\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nContent-Le",
    b'HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{"openInt',
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nabc",
    b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 5\r\n\r\nabcde",
    b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n\xff\xfe\x00",
    b"HTTP/1.1 200 OK\r\nX: " + b"a" * 70_000 + b"\r\n\r\n",
    b"HTTP/1.1 302 Found\r\nLocation: http://a..b/x\r\nContent-Length: 0\r\n\r\n",
    b"HTTP/1.1 302 Found\r\nLocation: http://[::1/x\r\nContent-Length: 0\r\n\r\n",
    b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:99999/\r\nContent-Length: 0\r\n\r\n",
)


def answer_raw(server: socket.socket, answers: Sequence[bytes | None]) -> None:
    """Answer one connection each with these bytes; None resets it."""
    for answer in answers:
        connection, _ = server.accept()
        with connection:
            connection.recv(65_536)
            if answer is None:
                linger = struct.pack("ii", 1, 0)
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            else:
                connection.sendall(answer)


def test_no_broken_answer_ends_the_poll() -> None:
    body = b'{"openInterest":"7.5","symbol":"BTCUSDT","time":1747612800000}'
    good = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body
    minutes = Minutes()
    minutes.trading = ("BTCUSDT",)
    with socket.create_server(("127.0.0.1", 0)) as server:
        args = (server, (*BROKEN, good))
        threading.Thread(target=answer_raw, args=args, daemon=True).start()
        base = f"http://127.0.0.1:{server.getsockname()[1]}"
        rest = RestClient(BINANCE.rest, base, threading.Event(), tries=1)
        poll = OpenInterestPoll(rest, minutes, threading.Event())
        for _ in BROKEN:
            poll._round()
        assert minutes.values == []
        poll._round()
    assert [value.contracts for value in minutes.values] == [7.5]


def test_a_replay_sends_one_request_a_minute_for_all_symbols(bench: Bench) -> None:
    minutes, path = Minutes(), "/_local/openInterest"
    bench.exchange.answers[path] = [(200, {}, "[]"), (404, {}, "")]
    OpenInterestReplay(bench.rest, minutes, bench.stop).start()
    for count in (1, 2, 3):
        with minutes.changed:
            assert minutes.changed.wait_for(lambda n=count: len(minutes.until) == n, 5)  # type: ignore[misc]  # a default binds
        minutes.next()
    assert minutes.until == [T0, T0 + MINUTE_MS, T0 + 2 * MINUTE_MS]
    spans = [(int(q["startTime"]), int(q["endTime"])) for q in bench.exchange.queries(path)]
    assert spans[:3] == [
        (T0 - 5 * MINUTE_MS, T0), (T0, T0 + MINUTE_MS), (T0 + MINUTE_MS, T0 + 2 * MINUTE_MS),
    ]  # fmt: skip
    assert {value.symbol for value in minutes.values} == {"BTCUSDT", "ETHUSDT"}
