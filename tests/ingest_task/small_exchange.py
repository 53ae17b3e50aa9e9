"""A small exchange on loopback: Binance's paths and frames, driven by the test, with a Kinesis.

HTTP, WebSocket, the SUBSCRIBE protocol and PutRecords are real. The test decides what is sent and
when. It runs an event loop in a thread of its own.
"""

import asyncio
import base64
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from aiohttp import WSCloseCode, WSMsgType, web
from signalengine.bars.aggregator import aggregate
from signalengine.facts.stream import Bar, Fact, decode
from signalengine.intervals import INTERVAL_MS, MINUTE_MS

from tests.ingest_task.samples import T0, minute_bar

SYMBOLS = ("BTCUSDT", "ETHUSDT")


def kline(symbol: str, bar: Bar, at: int, *, closed: bool = False) -> dict[str, Any]:
    """A kline payload."""
    return {
        "e": "kline", "E": at, "s": symbol, "k": {
            "t": bar.open_time, "T": bar.close_time - 1, "s": symbol, "i": bar.interval,
            "o": str(bar.open), "h": str(bar.high), "l": str(bar.low), "c": str(bar.close),
            "v": str(bar.volume), "q": str(bar.quote_volume), "n": bar.trades, "x": closed,
            "V": str(bar.taker_buy_volume)}}  # fmt: skip


def mark(symbol: str, at: int, price: float = 100.0) -> dict[str, Any]:
    """A mark price payload; funding is due at 08:00."""
    return {
        "e": "markPriceUpdate", "E": at, "s": symbol, "p": str(price), "r": "0.0001",
        "T": T0 + 8 * 3_600_000}  # fmt: skip


def liquidation(symbol: str, at: int, usd: float) -> dict[str, Any]:
    """A liquidated long."""
    order = {"s": symbol, "S": "SELL", "ap": str(usd), "z": "1"}
    return {"e": "forceOrder", "E": at, "o": order}


class SmallExchange:
    """State the test may change at any time, and the requests received."""

    def __init__(self) -> None:
        self.now = T0
        self.first_minute = -70
        self.hidden: set[tuple[str, int]] = set()
        """(symbol, minute) that REST does not have."""
        self.answers: dict[str, list[tuple[int, dict[str, str], str]]] = {}
        """Answers to give instead, by path, first in first out."""
        self.requests: list[tuple[str, dict[str, str]]] = []
        self.subscribed: list[list[str]] = []
        self.unsubscribed: list[list[str]] = []
        self.statuses = dict.fromkeys(SYMBOLS, "TRADING")
        self.hours: dict[str, int] = {}
        self.ticks: dict[str, str] = {}
        self.volumes: dict[str, float] = {}
        self.confirm = True
        self.records: list[Fact] = []
        self.kinesis_away = False
        self.port = 0
        self.changed = threading.Condition()
        self._sockets: list[web.WebSocketResponse] = []
        self._loop: asyncio.AbstractEventLoop | None = None

    @property
    def rest_base(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def ws_base(self) -> str:
        return f"ws://127.0.0.1:{self.port}"

    # --- what a test does ---

    def wait(self, ready: Callable[[], bool], timeout: float = 10.0) -> None:
        """Wait until something is true of the requests, subscriptions or records."""
        with self.changed:
            assert self.changed.wait_for(ready, timeout), (self.requests[-5:], self.subscribed)

    def send(self, *payloads: Any) -> None:
        """Stream payloads, each under its name, in order."""
        for data in payloads:
            self.send_text(json.dumps({"stream": "any", "data": data}))

    def send_text(self, text: str) -> None:
        """Stream a frame as it is."""
        self._do(self._send([text]))

    def send_texts(self, texts: list[str]) -> None:
        """Stream many frames as they are."""
        self._do(self._send(texts))

    def drop(self) -> None:
        """Close every connection."""
        self._do(self._drop())

    def freeze(self, seconds: float) -> None:
        """Do nothing at all for a while, not even answer a ping."""
        assert self._loop is not None
        self._loop.call_soon_threadsafe(time.sleep, seconds)

    def minute(self, symbol: str, minute: int) -> None:
        """Stream a whole minute of a symbol: forming, and closed just after its end."""
        bar = minute_bar(symbol, minute)
        self.send(
            kline(symbol, bar, bar.open_time + 500),
            kline(symbol, bar, bar.close_time + 10, closed=True),
        )

    def queries(self, path: str) -> list[dict[str, str]]:
        """The queries of a path."""
        with self.changed:
            return [query for name, query in self.requests if name == path]

    # --- the server ---

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_get("/market/stream", self._stream)
        app.router.add_post("/", self._kinesis)
        app.router.add_get("/{path:.*}", self._rest)
        return app

    def _do(self, work: Any) -> None:
        assert self._loop is not None
        asyncio.run_coroutine_threadsafe(work, self._loop).result(5)

    def _note(self, change: Callable[[], None]) -> None:
        with self.changed:
            change()
            self.changed.notify_all()

    async def _send(self, texts: list[str]) -> None:
        for socket in list(self._sockets):
            with suppress(ConnectionError):  # it is just going
                for text in texts:
                    await socket.send_str(text)

    async def _drop(self) -> None:
        for socket in list(self._sockets):
            await socket.close(code=WSCloseCode.GOING_AWAY)

    async def _stream(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        async for message in socket:
            if message.type is not WSMsgType.TEXT:
                break
            request_ = json.loads(message.data)
            if not self.confirm:
                await socket.send_json({"code": 2, "msg": "Invalid request", "id": request_["id"]})
                continue
            if socket not in self._sockets:
                self._sockets.append(socket)
            subscribes = request_["method"] == "SUBSCRIBE"
            names = self.subscribed if subscribes else self.unsubscribed
            self._note(lambda names=names, request_=request_: names.append(request_["params"]))  # type: ignore[misc]  # defaults bind
            await socket.send_json({"result": None, "id": request_["id"]})
        if socket in self._sockets:
            self._sockets.remove(socket)
        return socket

    async def _rest(self, request: web.Request) -> web.Response:
        path, query = request.path, dict(request.query)
        self._note(lambda: self.requests.append((path, query)))
        if self.answers.get(path):
            status, headers, body = self.answers[path].pop(0)
            return web.Response(status=status, headers=headers, text=body)
        match path:
            case "/fapi/v1/time":
                data: Any = {"serverTime": self.now}
            case "/fapi/v1/exchangeInfo":
                listed = self.statuses.items()
                data = {"symbols": [_listing(s, how, self.ticks.get(s)) for s, how in listed]}
            case "/fapi/v1/fundingInfo":
                data = [{"symbol": s, "fundingIntervalHours": h} for s, h in self.hours.items()]
            case "/fapi/v1/ticker/24hr":
                data = [{"symbol": s, "quoteVolume": str(v)} for s, v in self.volumes.items()]
            case "/fapi/v1/klines":
                data = self._klines(query)
            case "/fapi/v1/openInterest":
                data = {"openInterest": "5000", "symbol": query["symbol"], "time": self.now}
            case "/_local/openInterest":
                row = {"sumOpenInterest": "5000", "timestamp": int(query["endTime"])}
                data = [row | {"symbol": symbol} for symbol in SYMBOLS]
            case "/fapi/v1/fundingRate":
                due = -(-int(query["startTime"]) // 3_600_000) * 3_600_000
                row = {"symbol": query["symbol"], "fundingTime": due + 7, "fundingRate": "0.0004"}
                data = [row]
            case _:
                return web.json_response({"code": -1, "msg": "unknown path"}, status=404)
        return web.json_response(data, headers={"X-MBX-USED-WEIGHT-1M": "1"})

    def _klines(self, query: dict[str, str]) -> list[list[Any]]:
        symbol, interval, limit = query["symbol"], query["interval"], int(query["limit"])
        span, end = INTERVAL_MS[interval], min(int(query["endTime"]), self.now)
        count = span // MINUTE_MS
        rows = []
        for start in range(T0 + self.first_minute * MINUTE_MS, end + 1, MINUTE_MS):
            first = (start - T0) // MINUTE_MS
            if start % span or start < int(query.get("startTime", "0")):
                continue
            if interval == "1m" and (symbol, first) in self.hidden:
                continue
            parts = [minute_bar(symbol, n) for n in range(first, first + count)]
            rows.append(_row(aggregate(interval, parts)))
        return rows[:limit] if "startTime" in query else rows[-limit:]

    async def _kinesis(self, request: web.Request) -> web.Response:
        if self.kinesis_away:
            return web.json_response({"__type": "InternalFailure"}, status=500)
        body = json.loads(await request.read())
        facts = [decode(base64.b64decode(record["Data"])) for record in body["Records"]]
        self._note(lambda: self.records.extend(facts))
        rows = [{"SequenceNumber": str(n), "ShardId": "0"} for n in range(len(facts))]
        return web.json_response({"FailedRecordCount": 0, "Records": rows})


def _listing(symbol: str, status: str, tick: str | None) -> dict[str, Any]:
    sizes = [] if tick is None else [{"filterType": "PRICE_FILTER", "tickSize": tick}]
    return {
        "symbol": symbol, "contractType": "PERPETUAL", "status": status, "quoteAsset": "USDT",
        "underlyingType": "COIN", "filters": sizes}  # fmt: skip


def _row(bar: Bar) -> list[Any]:
    return [
        bar.open_time, str(bar.open), str(bar.high), str(bar.low), str(bar.close), str(bar.volume),
        bar.close_time - 1, str(bar.quote_volume), bar.trades, str(bar.taker_buy_volume), "0", "0",
    ]  # fmt: skip


@contextmanager
def small_exchange() -> Iterator[SmallExchange]:
    """Run an exchange for the length of the block."""
    exchange = SmallExchange()
    started = threading.Event()
    loop = asyncio.new_event_loop()

    async def start() -> web.AppRunner:
        runner = web.AppRunner(exchange.app(), shutdown_timeout=0.2)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        exchange.port = runner.addresses[0][1]
        return runner

    def run() -> None:
        asyncio.set_event_loop(loop)
        runner = loop.run_until_complete(start())
        exchange._loop = loop
        started.set()
        loop.run_forever()
        loop.run_until_complete(exchange._drop())
        loop.run_until_complete(runner.cleanup())
        loop.close()

    thread = threading.Thread(target=run, name="small-exchange")
    thread.start()
    assert started.wait(10)
    try:
        yield exchange
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
