"""A whole market with synthetic prices: messages at the rates and in the form of Binance's.

Each symbol publishes its forming 1m bar four times a second, the most that Binance's 250 ms allow
(four small contracts recorded in 2021 had an update every other second), and its closed bar right
after the minute's end; `!markPrice@arr@1s` contains all of them, 100 KB every second.
"""

import asyncio
import json
import time
from collections.abc import Iterator
from typing import Any, Final

from aiohttp import web

from infra.local.operator_requests import new_token, only_this_machine

HOST: Final = "127.0.0.1"
MINUTE_MS: Final = 60_000
TICKS_S: Final = 4
_INTERVALS: Final = {"1m": 1, "5m": 5, "15m": 15, "1h": 60, "4h": 240, "1d": 1440}


def symbols(count: int) -> list[str]:
    """Return the names of the market's contracts."""
    return [f"L{n:03d}USDT" for n in range(count)]


class Market:
    """Serves REST and streams; `sent_at` is the wall time (s) of each symbol's closing klines."""

    def __init__(self, count: int) -> None:
        self.symbols = symbols(count)
        self.sent_at: dict[tuple[str, int], float] = {}
        self.messages = 0
        self.port = 0
        self._following: dict[web.WebSocketResponse, set[str]] = {}
        self._runner: web.AppRunner | None = None
        self._play: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Listen, and start publishing."""
        app = web.Application(middlewares=[only_this_machine(new_token())])
        app.add_routes([
            web.get("/market/stream", self._stream),
            web.get("/fapi/v1/time", _time),
            web.get("/fapi/v1/exchangeInfo", self._info),
            web.get("/fapi/v1/klines", _klines),
            web.get("/fapi/v1/openInterest", _open_interest),
            web.get("/fapi/v1/ticker/24hr", self._tickers),
            web.get("/fapi/v1/premiumIndex", _nothing),
            web.get("/fapi/v1/fundingRate", _nothing),
            web.get("/fapi/v1/fundingInfo", _nothing),
        ])  # fmt: skip
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)
        await self._runner.setup()
        await web.TCPSite(self._runner, HOST, 0).start()
        self.port = self._runner.addresses[0][1]
        self._play = asyncio.create_task(self._publish_loop())

    async def stop(self) -> None:
        """Stop publishing and listening."""
        if self._play is not None:
            self._play.cancel()
            await asyncio.gather(self._play, return_exceptions=True)
        for ws in list(self._following):
            await ws.close()
        if self._runner is not None:
            await self._runner.cleanup()

    async def _stream(self, request: web.Request) -> web.WebSocketResponse:
        ws = web.WebSocketResponse(compress=False)
        await ws.prepare(request)
        names = self._following[ws] = set()
        try:
            async for message in ws:
                options = json.loads(message.data)
                change = names.update if options["method"] == "SUBSCRIBE" else (
                    names.difference_update)  # fmt: skip
                change(options.get("params", ()))
                await ws.send_str(json.dumps({"result": None, "id": options["id"]}))
        finally:
            del self._following[ws]
        return ws

    async def _publish_loop(self) -> None:
        """Publish the due messages four times a second."""
        loop = asyncio.get_running_loop()
        step = 1.0 / TICKS_S
        due, number = loop.time(), 0
        while True:
            now = time.time_ns() // 1_000_000
            await self._klines_at(now)
            if number % TICKS_S == 0:
                await self._publish("!markPrice@arr@1s", _marks(self.symbols, now))
            number += 1
            due += step
            await asyncio.sleep(max(0.0, due - loop.time()))

    async def _klines_at(self, now: int) -> None:
        """Publish the forming bars, or right after a minute's end the closed ones."""
        start = now - now % MINUTE_MS
        if now - start < 1_000 // TICKS_S:
            for symbol in self.symbols:
                self.sent_at[symbol, start] = time.time()
                text = _kline(symbol, start - MINUTE_MS, now, closed=True)
                await self._publish(f"{symbol.lower()}@kline_1m", text)
            return
        for symbol in self.symbols:
            text = _kline(symbol, start, now, closed=False)
            await self._publish(f"{symbol.lower()}@kline_1m", text)

    async def _publish(self, name: str, payload: str) -> None:
        frame = f'{{"stream":"{name}","data":{payload}}}'
        for ws, names in list(self._following.items()):
            if name in names and not ws.closed:
                self.messages += 1
                await ws.send_str(frame)

    async def _info(self, _request: web.Request) -> web.Response:
        return web.json_response({"serverTime": _now(), "symbols": [
            {"symbol": s, "pair": s, "contractType": "PERPETUAL", "status": "TRADING",
             "baseAsset": s[:-4], "quoteAsset": "USDT", "marginAsset": "USDT",
             "underlyingType": "COIN", "onboardDate": 1_568_000_000_000, "filters": []}
            for s in self.symbols
        ]})  # fmt: skip

    async def _tickers(self, _request: web.Request) -> web.Response:
        return web.json_response([
            {"symbol": s, "lastPrice": "100.0", "quoteVolume": f"{1e9 / (n + 1):.2f}"}
            for n, s in enumerate(self.symbols)
        ])  # fmt: skip


def _now() -> int:
    return time.time_ns() // 1_000_000


async def _time(_request: web.Request) -> web.Response:
    return web.json_response({"serverTime": _now()})


async def _nothing(_request: web.Request) -> web.Response:
    return web.json_response([])


async def _open_interest(request: web.Request) -> web.Response:
    symbol = request.query["symbol"]
    return web.json_response({"symbol": symbol, "openInterest": "81000.123", "time": _now()})


async def _klines(request: web.Request) -> web.Response:
    """Answer similar closed bars, oldest first."""
    span = _INTERVALS[request.query["interval"]] * MINUTE_MS
    limit, now = int(request.query.get("limit", "500")), _now()
    last = (int(request.query.get("endTime", now)) + 1) // span * span
    first = int(request.query.get("startTime", last - limit * span))
    rows = [
        _row(at, span) for at in range(-(-first // span) * span, last, span) if at + span <= now
    ]
    return web.json_response(rows[:limit] if "startTime" in request.query else rows[-limit:])


def _row(at: int, span: int) -> list[Any]:
    o, high, low, close, volume, quote = _prices(at)
    return [at, o, high, low, close, volume, at + span - 1, quote, 120, "60.0", "6000.0", "0"]


def _prices(at: int) -> tuple[str, str, str, str, str, str]:
    """Return prices that change slightly from minute to minute."""
    base = 100.0 + (at // MINUTE_MS % 97) / 10.0
    return (
        f"{base:.4f}", f"{base + 0.4:.4f}", f"{base - 0.3:.4f}", f"{base + 0.1:.4f}", "123.456",
        f"{base * 123.456:.4f}",
    )  # fmt: skip


def _kline(symbol: str, start: int, now: int, *, closed: bool) -> str:
    o, high, low, close, volume, quote = _prices(start)
    return (
        f'{{"e":"kline","E":{now},"s":"{symbol}","k":{{"t":{start},"T":{start + 59_999},'
        f'"s":"{symbol}","i":"1m","f":5000000,"L":5000120,"o":"{o}","c":"{close}","h":"{high}",'
        f'"l":"{low}","v":"{volume}","n":120,"x":{"true" if closed else "false"},"q":"{quote}",'
        f'"V":"60.0","Q":"6000.0","B":"0"}}}}'
    )


def _marks(names: list[str], now: int) -> str:
    due = now - now % 28_800_000 + 28_800_000
    return f"[{','.join(_mark(names, now, due))}]"


def _mark(names: list[str], now: int, due: int) -> Iterator[str]:
    for name in names:
        yield (
            f'{{"e":"markPriceUpdate","E":{now},"s":"{name}","p":"100.10000000",'
            f'"ap":"100.10000000","i":"100.11000000","P":"100.09000000","r":"0.00010000",'
            f'"T":{due},"st":1}}'
        )
