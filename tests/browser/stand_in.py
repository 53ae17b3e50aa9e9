"""A stand-in of the HTTP and WebSocket API, and of the website the page is served from.

It speaks the real protocol on 127.0.0.1, in a thread of its own. The site and the API have
different origins, as they have on AWS, and the site lies below a path, as a bucket's does.
"""

import asyncio
import json
import threading
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Self, TypeVar

from aiohttp import WSMsgType, web
from signalengine.signals import Signal, public

T = TypeVar("T")
OVERLAP_MS = 60_000
CALL_TIMEOUT_S = 10.0


class StandIn:
    """Stored signals, connected pages, and switches for what may go wrong.

    Public methods may be called from the test's thread.
    """

    def __init__(self, site: Path) -> None:
        self._site = site
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="stand-in")
        self._runners: list[web.AppRunner] = []
        self._sockets: set[web.WebSocketResponse] = set()
        self._rows: dict[str, dict[str, Any]] = {}
        self._told: list[dict[str, Any]] = []
        self.resumes: list[int | None] = []
        """`since` of every resume heard."""
        self.greet = True
        self.complete = True
        """What `connected` says: False when a page missed more than a resume sends."""
        self.failing = False
        """GET /signals answers 503."""
        self.refusing = False
        """New WebSocket connections are refused."""
        self.page_limit = 200
        self.config: dict[str, Any] | None = None
        self.page_url = ""

    def __enter__(self) -> Self:
        self._thread.start()
        self._call(self._start())
        return self

    def __exit__(self, *_: object) -> None:
        self._call(self._stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(CALL_TIMEOUT_S)
        self._loop.close()

    # --- what a test does ---------------------------------------------------------------------

    def store(self, *signals: Signal) -> None:
        """Put signals into the table without telling anyone."""
        for signal in signals:
            self._rows[signal.signal_id] = public(signal)

    def commit(self, signal: Signal, **changes: Any) -> dict[str, Any]:
        """Store an opening or a closing and tell the connected pages; returns the message."""
        row = public(signal) | changes
        self._rows[str(row["id"])] = row
        ended = row["status"] != "open"
        message = {
            "type": "signal_closed" if ended else "signal",
            "event_id": f"{row['id']}#{'closed' if ended else 'opened'}",
            "cursor": now_ms(),
            "data": row,
        }
        self._told.append(message)
        self.say(message)
        return message

    def say(self, message: dict[str, Any] | str) -> None:
        """Send one frame, as it is, to every connected page."""
        text = message if isinstance(message, str) else json.dumps(message)
        self._call(self._send(text))

    def say_status(self, **data: Any) -> None:
        self.say({"type": "status", "data": {"market": "simulated", **data}})

    def drop(self) -> None:
        """Close every connection, as a deployment or API Gateway's two hours do."""
        self._call(self._drop())

    def wait(self, what: Callable[[], bool], seconds: float = 10.0) -> None:
        """Wait until the stand-in has seen something."""
        until = time.monotonic() + seconds
        while not what():
            assert time.monotonic() < until, "the page did not do what the test waits for"
            time.sleep(0.02)

    @property
    def connected(self) -> int:
        return len(self._sockets)

    # --- the site -----------------------------------------------------------------------------

    async def _start(self) -> None:
        api = web.Application()
        api.router.add_get("/stage/signals", self._get_signals)
        api.router.add_get("/live", self._socket)
        api_port = await self._listen(api)
        site = web.Application()
        site.router.add_get("/bucket/config.json", self._get_config)
        site.router.add_static("/bucket/", self._site)
        site_port = await self._listen(site)
        self.page_url = f"http://127.0.0.1:{site_port}/bucket/index.html"
        self.config = {
            "name": "local",
            "httpUrl": f"http://127.0.0.1:{api_port}/stage/",
            "webSocketUrl": f"ws://127.0.0.1:{api_port}/live",
            "telegramUrl": f"http://127.0.0.1:{api_port}/chat",
        }

    async def _listen(self, app: web.Application) -> int:
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
        await runner.setup()
        self._runners.append(runner)
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        port: int = runner.addresses[0][1]
        return port

    async def _stop(self) -> None:
        await self._drop()
        for runner in self._runners:
            await runner.cleanup()

    async def _get_config(self, _request: web.Request) -> web.Response:
        if self.config is None:
            raise web.HTTPNotFound
        return web.json_response(self.config)

    # --- the API ------------------------------------------------------------------------------

    async def _get_signals(self, request: web.Request) -> web.Response:
        cors = {"Access-Control-Allow-Origin": "*"}
        if self.failing:
            return web.json_response({"title": "no"}, status=503, headers=cors)
        rows = sorted(self._rows.values(), key=lambda row: -row["close_time"])
        start = int(request.query.get("cursor", "0"))
        end = start + min(self.page_limit, int(request.query["limit"]))
        shown = rows[start:end]
        more = str(end) if end < len(rows) else None
        body = {"signals": shown, "count": len(shown), "cursor": more}
        return web.json_response(body, headers=cors)

    async def _socket(self, request: web.Request) -> web.WebSocketResponse:
        if self.refusing:
            raise web.HTTPServiceUnavailable
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self._sockets.add(socket)
        try:
            async for frame in socket:
                if frame.type is WSMsgType.TEXT:
                    await self._answer(socket, json.loads(frame.data))
        finally:
            self._sockets.discard(socket)
        return socket

    async def _answer(self, socket: web.WebSocketResponse, asked: dict[str, Any]) -> None:
        if asked["action"] == "ping":
            await socket.send_json({"type": "keepalive"})
        if asked["action"] != "resume":
            return
        since = asked["since"]
        self.resumes.append(since)
        if not self.greet:
            return
        now = now_ms()
        data = {"message": "Connected to signal feed", "timestamp": now / 1000, "cursor": now}
        data["complete"] = self.complete
        await socket.send_json({"type": "connected", "data": data})
        if not self.complete:
            return
        for message in self._told:
            if since is not None and message["cursor"] >= since - OVERLAP_MS:
                await socket.send_json(message)

    async def _send(self, text: str) -> None:
        for socket in list(self._sockets):
            await socket.send_str(text)

    async def _drop(self) -> None:
        for socket in list(self._sockets):
            await socket.close(code=1001)

    def _call(self, work: Awaitable[T]) -> T:
        async def run() -> T:
            return await work

        return asyncio.run_coroutine_threadsafe(run(), self._loop).result(CALL_TIMEOUT_S)


def now_ms() -> int:
    return time.time_ns() // 1_000_000
