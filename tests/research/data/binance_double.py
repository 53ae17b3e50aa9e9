"""A local stand-in for Binance's archive and REST history, with faults to order."""

import asyncio
from collections import Counter, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web
from signalengine.intervals import INTERVAL_MS

from research.data.bars import BarTable
from research.data.binance.budget import Timing
from tests.research.data.recordings import checksum


@dataclass
class VirtualTime:
    """A clock that only waiting moves."""

    wall_ms: int
    now: float = 0.0
    waits: list[float] = field(default_factory=list)

    async def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        until = self.now + seconds
        await asyncio.sleep(0)  # others begin their waits at the same moment
        self.now = max(self.now, until)

    def timing(self) -> Timing:
        return Timing(lambda: self.now, lambda: self.wall_ms, self.sleep, lambda: 0.5)


@dataclass(frozen=True)
class Fault:
    """An answer given instead of the right one."""

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: str = "{}"


@dataclass
class Binance:
    """Files by path under /data/, and REST history of tables and lists."""

    server_time: int
    files: dict[str, bytes] = field(default_factory=dict)
    bars: dict[tuple[str, str], BarTable] = field(default_factory=dict)
    interest: list[tuple[int, float]] = field(default_factory=list)
    funding: list[tuple[int, str]] = field(default_factory=list)
    contracts: list[dict[str, object]] = field(default_factory=list)
    """Of exchangeInfo."""
    faults: deque[Fault] = field(default_factory=deque)
    """Given to the next requests for anything."""
    cut: set[str] = field(default_factory=set)
    """Paths whose next answer breaks off half-way."""
    requested: Counter[str] = field(default_factory=Counter)
    used_weight: int = 0
    """In the running minute."""
    clock: VirtualTime | None = None
    weights: list[int] = field(default_factory=list)
    base_url: str = ""
    _minute: int = 0

    def publish(self, path: str, content: bytes) -> None:
        """Put a file with its checksum into the archive."""
        self.files[path] = content
        self.files[f"{path}.CHECKSUM"] = checksum(path.rsplit("/", 1)[-1], content).encode()

    @asynccontextmanager
    async def running(self) -> AsyncIterator["Binance"]:
        app = web.Application(middlewares=[self._faulty])
        app.router.add_get("/data/{path:.+}", self._file)
        app.router.add_get("/fapi/v1/time", self._time)
        app.router.add_get("/fapi/v1/klines", self._klines)
        app.router.add_get("/fapi/v1/exchangeInfo", self._contracts)
        app.router.add_get("/futures/data/openInterestHist", self._interest)
        app.router.add_get("/fapi/v1/fundingRate", self._funding)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        self.base_url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        try:
            yield self
        finally:
            await runner.cleanup()

    @web.middleware
    async def _faulty(self, request: web.Request, handler) -> web.StreamResponse:
        self.requested[request.path] += 1
        if self.faults:
            fault = self.faults.popleft()
            return web.Response(status=fault.status, headers=fault.headers, text=fault.body)
        return await handler(request)

    async def _file(self, request: web.Request) -> web.StreamResponse:
        path = request.match_info["path"]
        content = self.files.get(path)
        if content is None:
            return web.Response(status=404)
        if path not in self.cut:
            return web.Response(body=content)
        self.cut.discard(path)
        response = web.StreamResponse(headers={"Content-Length": str(len(content))})
        await response.prepare(request)
        await response.write(content[: len(content) // 2])
        assert request.transport is not None
        request.transport.close()
        return response

    async def _time(self, request: web.Request) -> web.Response:
        return self._answer({"serverTime": self.server_time}, 1)

    async def _contracts(self, request: web.Request) -> web.Response:
        return self._answer({"serverTime": self.server_time, "symbols": self.contracts}, 1)

    async def _klines(self, request: web.Request) -> web.Response:
        query = request.query
        table = self.bars.get((query["symbol"], query["interval"]))
        if table is None:
            return web.json_response({"code": -1121, "msg": "Invalid symbol."}, status=400)
        limit = int(query["limit"])
        found = table.between(int(query["startTime"]), int(query["endTime"]) + 1)
        rows = [
            [
                bar.open_time, str(bar.open), str(bar.high), str(bar.low), str(bar.close),
                str(bar.volume), bar.open_time + INTERVAL_MS[bar.interval] - 1,
                str(bar.quote_volume), bar.trades, str(bar.taker_buy_volume), "1", "0",
            ]
            for bar in found.bars()
        ]  # fmt: skip
        return self._answer(rows[:limit], 1 if limit < 100 else 2 if limit < 500 else 5)

    async def _interest(self, request: web.Request) -> web.Response:
        start, end = int(request.query["startTime"]), int(request.query["endTime"])
        if start < self.server_time - 30 * 86_400_000:
            return web.json_response({"code": -1130, "msg": "startTime is invalid"}, status=400)
        rows = [
            {"symbol": request.query["symbol"], "sumOpenInterest": str(value),
             "sumOpenInterestValue": "1.0", "timestamp": str(time)}
            for time, value in self.interest if start <= time <= end
        ]  # fmt: skip
        return self._answer(rows[: int(request.query["limit"])], 0)

    async def _funding(self, request: web.Request) -> web.Response:
        start, end = int(request.query["startTime"]), int(request.query["endTime"])
        rows = [
            {"symbol": request.query["symbol"], "fundingRate": rate, "fundingTime": time}
            for time, rate in self.funding if start <= time <= end
        ]  # fmt: skip
        return self._answer(rows, 0)

    def _answer(self, body: object, weight: int) -> web.Response:
        minute = int(self.clock.now // 60.0) if self.clock else 0
        if minute != self._minute:
            self._minute, self.used_weight = minute, 0
        self.used_weight += weight
        self.weights.append(weight)
        headers = {"X-MBX-USED-WEIGHT-1M": str(self.used_weight)}
        return web.json_response(body, headers=headers)
