"""A stack's HTTP and WebSocket API on a loopback port, in a thread, for the commands to ask.

It answers the documents it is given, refuses what it is told to refuse, pages lists by a cursor,
and remembers what it was asked.
"""

import asyncio
import json
import threading
import time
from collections.abc import Awaitable, Callable
from typing import Any, Self, TypeVar

from aiohttp import WSMsgType, web

from tests.cli.documents import everything

T = TypeVar("T")
CALL_TIMEOUT_S = 10.0
LISTS = ("signals", "decisions", "events", "gaps")


class Stack:
    """A stand-in; its public methods may be called from the test's thread."""

    def __init__(self) -> None:
        self.documents = everything()
        self.refusals: dict[str, list[tuple[int, dict[str, Any], dict[str, str]]]] = {}
        """By path: what comes before the document, in order; the last one stays."""
        self.texts = {"/metrics": "# TYPE signals_emitted_total counter\n"}
        self.token: str | None = None
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.headers: list[dict[str, str]] = []
        self.resumes: list[int | None] = []
        self.greet = True
        self._told: list[dict[str, Any]] = []
        self._sockets: set[web.WebSocketResponse] = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="stack", daemon=True)
        self.port = 0

    def __enter__(self) -> Self:
        self._thread.start()
        self._call(self._start())
        return self

    def __exit__(self, *_: object) -> None:
        self._call(self._stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(CALL_TIMEOUT_S)
        self._loop.close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/stage"

    @property
    def websocket(self) -> str:
        return f"ws://127.0.0.1:{self.port}/live"

    @property
    def connected(self) -> int:
        return len(self._sockets)

    def refuse(
        self, path: str, status: int, detail: str = "", times: int = 1, **headers: str
    ) -> None:
        """Answer this path with an error so many times."""
        problem = {"type": "about:blank", "title": "no", "status": status, "detail": detail}
        self.refusals[path] = [(status, problem, headers)] * times

    def commit(self, row: dict[str, Any], cursor: int) -> dict[str, Any]:
        """Tell the connected clients of an opening or closing; a resume tells it again."""
        closed = row["status"] != "open"
        message = {
            "type": "signal_closed" if closed else "signal",
            "event_id": f"{row['id']}#{'closed' if closed else 'opened'}",
            "cursor": cursor,
            "data": row,
        }
        self._told.append(message)
        self.say(message)
        return message

    def say(self, message: dict[str, Any]) -> None:
        self._call(self._send(message))

    def drop(self) -> None:
        """Close every connection, as a deployment does."""
        self._call(self._drop())

    def wait(self, what: Callable[[], bool], seconds: float = 10.0) -> None:
        until = time.monotonic() + seconds
        while not what():
            assert time.monotonic() < until, "the command did not do what the test waits for"
            time.sleep(0.02)

    async def _start(self) -> None:
        app = web.Application()
        app.router.add_get("/live", self._socket)
        app.router.add_get("/{tail:.*}", self._get)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.port = self._runner.addresses[0][1]

    async def _stop(self) -> None:
        await self._drop()
        await self._runner.cleanup()

    async def _get(self, request: web.Request) -> web.Response:
        path = request.path.removeprefix("/stage")
        self.asked.append((path, dict(request.query)))
        self.headers.append(dict(request.headers))
        if self.token and request.headers.get("Authorization") != f"Bearer {self.token}":
            return web.json_response({"detail": "a token is needed"}, status=401)
        waiting = self.refusals.get(path, [])
        if waiting:
            status, body, headers = waiting.pop()
            return web.json_response(body, status=status, headers=headers)
        if path in self.texts:
            return web.Response(text=self.texts[path])
        if path not in self.documents:
            return web.json_response({"detail": "no such path; see /openapi.json"}, status=404)
        return web.json_response(self._page(path, request))

    def _page(self, path: str, request: web.Request) -> Any:
        name, document = path.removeprefix("/"), self.documents[path]
        if name not in LISTS:
            return document
        start = int(request.query.get("cursor", "0"))
        end = start + int(request.query["limit"])
        rows = document[name][start:end]
        more = str(end) if end < len(document[name]) else None
        return {**document, name: rows, "count": len(rows), "cursor": more}

    async def _socket(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        async for frame in socket:
            if frame.type is WSMsgType.TEXT:
                await self._answer(socket, json.loads(frame.data))
        self._sockets.discard(socket)
        return socket

    async def _answer(self, socket: web.WebSocketResponse, asked: dict[str, Any]) -> None:
        if asked["action"] != "resume" or not self.greet:
            return
        since = asked["since"]
        self.resumes.append(since)
        data = {"message": "hello", "timestamp": 1.0, "cursor": 1_000, "complete": True}
        await socket.send_json({"type": "connected", "data": data})
        self._sockets.add(socket)
        for message in self._told:
            if since is not None and message["cursor"] >= since - 60_000:
                await socket.send_json(message)

    async def _send(self, message: dict[str, Any]) -> None:
        for socket in list(self._sockets):
            await socket.send_json(message)

    async def _drop(self) -> None:
        for socket in list(self._sockets):
            self._sockets.discard(socket)
            await socket.close(code=1001)

    def _call(self, work: Awaitable[T]) -> T:
        async def run() -> T:
            return await work

        return asyncio.run_coroutine_threadsafe(run(), self._loop).result(CALL_TIMEOUT_S)
