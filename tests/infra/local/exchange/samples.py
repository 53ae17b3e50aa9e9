"""Small markets, a server in a thread, and a client's first moves."""

import asyncio
import contextlib
import json
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests
import websocket

from infra.local.exchange.market.bars import MINUTE_MS
from infra.local.exchange.market.recording import RecordedMarket, Request
from infra.local.exchange.market.simulation import SimulatedMarket
from infra.local.exchange.market.source import Source
from infra.local.exchange.server import Exchange
from infra.local.operator_requests import operator_session

MIDNIGHT = 1_747_612_800_000
"""2025-05-19 00:00 UTC."""
TIMEOUT_S = 60.0


def kline_rows(start: int, count: int, price: float = 100.0) -> list[list[Any]]:
    """Return archive rows of `count` minutes: each rises 0.3, after a dip of 0.2."""
    rows = []
    for index in range(count):
        o = round(price + 0.3 * index, 1)
        h, lo, c = round(o + 0.5, 1), round(o - 0.2, 1), round(o + 0.3, 1)
        t = start + index * MINUTE_MS
        volume = 10.0 + index % 7
        quote = round(volume * o, 3)
        taken = round(4.5 * o, 3)
        rows.append([t, o, h, lo, c, volume, t + 59_999, quote, 42, 4.5, taken, 0])
    return rows


def write_klines(
    folder: Path, symbol: str, rows: Sequence[Sequence[Any]], header: str = ""
) -> Path:
    """Write rows as an archive file."""
    file = folder / f"{symbol}-1m-2025-05.csv"
    lines = [header] if header else []
    file.write_text("\n".join([*lines, *(",".join(map(str, row)) for row in rows)]) + "\n")
    return file


def recorded(
    folder: Path, start: int | None = None, end: int | None = None, symbols: str = ""
) -> RecordedMarket:
    """Open the recordings in a folder."""
    names = tuple(symbols.split(",")) if symbols else None
    return RecordedMarket(Request(folder, names, start, end, "1"), notice=lambda line: None)


def two_symbols(folder: Path, past: int = 120, minutes: int = 30) -> RecordedMarket:
    """Return a recording of AAAUSDT and BBBUSDT that plays from midnight."""
    for symbol, price in (("AAAUSDT", 100.0), ("BBBUSDT", 50.0)):
        start = MIDNIGHT - past * MINUTE_MS
        write_klines(folder, symbol, kline_rows(start, past + minutes, price))
    return recorded(folder, MIDNIGHT)


def simulated(symbols: str = "BTCUSDT", minutes: int = 30, seed: str = "7") -> SimulatedMarket:
    """Return a simulation with half a day of past."""
    end = MIDNIGHT + minutes * MINUTE_MS
    return SimulatedMarket(tuple(symbols.split(",")), MIDNIGHT, end, seed, past_minutes=720)


class Server:
    """An exchange that runs in a thread, and clients for it."""

    def __init__(self, exchange: Exchange, port: int) -> None:
        self.exchange = exchange
        self.port = port
        self.operator = operator_session(exchange.token)
        """A client that sends the token of the operator's endpoints."""
        self._clients: list[websocket.WebSocket] = []

    def get(self, path: str, **parameters: Any) -> requests.Response:
        """GET a REST path."""
        return self.operator.get(self.url(path), params=parameters, timeout=TIMEOUT_S)

    def url(self, path: str) -> str:
        """Return the address of a path."""
        return f"http://127.0.0.1:{self.port}{path}"

    def status(self) -> dict[str, Any]:
        """Return the answer of `/_local/status`."""
        answer: dict[str, Any] = self.get("/_local/status").json()
        return answer

    def connect(self, path: str) -> websocket.WebSocket:
        """Open a WebSocket; it is closed with the server, if not before."""
        client = websocket.create_connection(f"ws://127.0.0.1:{self.port}{path}", timeout=TIMEOUT_S)
        self._clients.append(client)
        return client

    def hang_up(self) -> None:
        """Cut all connections that are still there."""
        for client in self._clients:
            client.shutdown()

    def until(
        self,
        reached: Callable[[dict[str, Any]], bool],
        meanwhile: Callable[[], object] = lambda: None,
    ) -> dict[str, Any]:
        """Poll the status until it is as expected; `meanwhile` is called between polls."""
        give_up = time.monotonic() + TIMEOUT_S
        while not reached(status := self.status()):
            assert time.monotonic() < give_up, status
            meanwhile()
        return status


@contextmanager
def served(source: Source, speed: float | None = None) -> Iterator[Server]:
    """Serve a market (at full speed) while the block lasts."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()

    def wait_for(coroutine: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(coroutine, loop).result(TIMEOUT_S)

    async def made() -> Exchange:
        return Exchange(source, speed)

    exchange = wait_for(made())
    server = Server(exchange, wait_for(exchange.start(0)))
    try:
        yield server
    finally:
        server.hang_up()
        server.operator.close()
        wait_for(exchange.stop())
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


def read(ws: websocket.WebSocket) -> Any:
    """Return the next message, parsed."""
    return json.loads(ws.recv())


def read_until(ws: websocket.WebSocket, last: Callable[[Any], bool]) -> list[Any]:
    """Return all messages up to and with the first for which `last` holds."""
    messages = [read(ws)]
    while not last(messages[-1]):
        messages.append(read(ws))
    return messages


def drain(ws: websocket.WebSocket, silence_s: float = 0.2) -> list[Any]:
    """Return the messages until none has come for a while; pings are answered meanwhile."""
    ws.settimeout(silence_s)
    messages = []
    with contextlib.suppress(websocket.WebSocketTimeoutException):
        while True:
            messages.append(read(ws))
    return messages


def is_closing(message: Any, symbol: str, close_time: int, interval: str = "1m") -> bool:
    """Return whether a payload is the closing kline of that bar."""
    if not isinstance(message, dict) or message.get("e") != "kline":
        return False
    bar = message["k"]
    return (bar["x"], bar["s"], bar["i"], bar["T"] + 1) == (True, symbol, interval, close_time)


def request(ws: websocket.WebSocket, text: str) -> Any:
    """Send a control frame and return the reply (a message without a stream or event)."""
    ws.send(text)
    while True:
        message = read(ws)
        if isinstance(message, dict) and "e" not in message and "stream" not in message:
            return message
