"""A stand-in of the HTTP and WebSocket API, and of the website the page is served from.

It speaks the real protocol on 127.0.0.1, in a thread of its own. The site and the API have
different origins, as they have on AWS, and the site lies below a path, as a bucket's does.
"""

import asyncio
import json
import threading
import time
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any, Literal, Self, TypeVar

from aiohttp import WSMsgType, web
from aiohttp.typedefs import Handler
from signalengine.signals import Signal, public

from tests.browser import answers

T = TypeVar("T")
OVERLAP_MS = 60_000
CALL_TIMEOUT_S = 10.0
CORS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Headers": "Authorization, Content-Type",
    "Access-Control-Allow-Methods": "GET, POST",
}


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
        """The API answers 503."""
        self.token: str | None = None
        """The bearer token that the API asks for; None: it asks for none."""
        self.asked: list[str] = []
        """Path and query of every request to the API."""
        self.health: Literal["ok", "degraded"] = "ok"
        self.chatty = True
        """Questions are answered over the WebSocket; False: it says nothing to them."""
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
        api = web.Application(middlewares=[self._guard])
        api.router.add_get("/stage/signals", self._get_signals)
        api.router.add_get("/stage/signals/{id}", self._get_signal)
        api.router.add_post("/stage/chat", self._post_chat)
        api.router.add_get("/stage/{name}", self._get_other)
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

    @web.middleware
    async def _guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Preflights, the token, and failures: what API Gateway and every route have in common."""
        if request.path == "/live":
            return await handler(request)
        if request.method == "OPTIONS":
            return web.Response(headers=CORS)
        self.asked.append(request.path_qs.removeprefix("/stage"))
        if self.failing:
            return _problem(503, "no")
        if self.token and request.headers.get("Authorization") != f"Bearer {self.token}":
            return _problem(401, "a token is needed")
        answer = await handler(request)
        answer.headers.update(CORS)
        return answer

    async def _get_signal(self, request: web.Request) -> web.Response:
        row = self._rows.get(request.match_info["id"])
        return _problem(404, "no such signal") if row is None else _json(answers.explained(row))

    async def _get_other(self, request: web.Request) -> web.Response:
        rows = list(self._rows.values())
        match request.match_info["name"]:
            case "health":
                return _json(answers.health(self.health))
            case "performance":
                return _json(answers.performance(rows, request.query))
            case "equity":
                return _json(answers.equity(rows))
            case ("top" | "events" | "system" | "gaps") as name:
                return _json(getattr(answers, name)())
            case name:
                return _problem(404, f"no {name}")

    async def _post_chat(self, request: web.Request) -> web.Response:
        body = await request.json()
        return _json(answers.chat(str(body["message"])))

    async def _get_signals(self, request: web.Request) -> web.Response:
        rows = sorted(self._rows.values(), key=lambda row: -row["close_time"])
        rows = [row for row in rows if _wanted(row, request.query)]
        start = int(request.query.get("cursor", "0"))
        end = start + min(self.page_limit, int(request.query["limit"]))
        shown = rows[start:end]
        more = str(end) if end < len(rows) else None
        body = {"signals": shown, "count": len(shown), "cursor": more}
        return _json(body)

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
        if asked["action"] == "chat" and self.chatty:
            await self._chat(socket, asked)
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

    async def _chat(self, socket: web.WebSocketResponse, asked: dict[str, Any]) -> None:
        answer = answers.chat(asked["message"])
        for word in str(answer["answer"]).split(" "):
            await socket.send_json({"type": "chat", "id": asked["id"], "delta": word + " "})
        await socket.send_json({"type": "chat_done", "id": asked["id"], **answer})

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


def _wanted(row: dict[str, Any], query: Mapping[str, str]) -> bool:
    status = query.get("status")
    ended = row["status"] != "open"
    return (
        query.get("symbol") in (None, row["symbol"])
        and query.get("direction") in (None, row["direction"])
        and (status in (None, row["status"]) or (status == "closed" and ended))
        and int(row["close_time"]) >= int(query.get("from", "0"))
    )


def _json(body: Mapping[str, Any]) -> web.Response:
    return web.json_response(body)


def _problem(status: int, detail: str) -> web.Response:
    body = {"title": "refused", "status": status, "detail": detail}
    return web.json_response(body, status=status, headers=CORS)


def now_ms() -> int:
    return time.time_ns() // 1_000_000
