"""The common part of the stand-ins of a stack: loopback servers in a thread, and their sockets.

A stand-in implements the real protocol. Its public methods may be called from the test's thread;
the WebSocket responds as connect_websocket does.
"""

import asyncio
import json
import threading
import time
from collections.abc import Awaitable, Callable
from typing import Any, Self, TypeVar

from aiohttp import WSMsgType, web

T = TypeVar("T")
OVERLAP_MS = 60_000
CALL_TIMEOUT_S = 30.0
WAIT_S = 30.0


class StandIn:
    """Servers, connected clients, published messages, and switches for failures."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="stand-in", daemon=True)
        self._runners: list[web.AppRunner] = []
        self._sockets: set[web.WebSocketResponse] = set()
        self._published: list[dict[str, Any]] = []
        self.resumes: list[int | None] = []
        """`since` of every accepted resume."""
        self.greet = True
        self.complete = True
        """The field of `connected`: False when a client missed more than a resume sends."""
        self.clock: Callable[[], int] = now_ms
        """The source of the greeting's cursor."""
        self.token: str | None = None
        """The required token; None: no token is required."""

    def __enter__(self) -> Self:
        self._thread.start()
        self._call(self._start())
        return self

    def __exit__(self, *_: object) -> None:
        self._call(self._stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(CALL_TIMEOUT_S)
        self._loop.close()

    # --- called by tests ----------------------------------------------------------------------

    def publish(self, row: dict[str, Any], cursor: int) -> dict[str, Any]:
        """Send an opening, its last step or a closing, and again after a resume."""
        kind, name = "signal", "opened"
        if row["status"] != "open":
            kind, name = "signal_closed", "closed"
        elif row.get("progress"):
            kind, name = "signal_progress", row["progress"][-1]["name"]
        message = {
            "type": kind,
            "event_id": f"{row['id']}#{name}",
            "cursor": cursor,
            "data": row,
        }
        self._call(self._publish(message))
        return message

    def send(self, message: dict[str, Any] | str) -> None:
        """Send one frame, as it is, to every accepted client."""
        text = message if isinstance(message, str) else json.dumps(message)
        self._call(self._send(text))

    def drop(self) -> None:
        """Close every connection, as a deployment or API Gateway's two hours do."""
        self._call(self._drop())

    def wait(self, condition: Callable[[], bool], seconds: float = WAIT_S) -> None:
        """Wait until a condition holds."""
        until = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < until, "the condition did not become true in time"
            time.sleep(0.02)

    @property
    def connected(self) -> int:
        """Number of accepted clients."""
        return len(self._sockets)

    # --- runs in the thread -------------------------------------------------------------------

    async def _start(self) -> None:
        """Listen."""
        raise NotImplementedError

    async def _chat(self, socket: web.WebSocketResponse, request: dict[str, Any]) -> None:
        """Answer a question; by default, with nothing."""

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

    def _accepts(self, request: web.Request) -> bool:
        return not self.token or request.headers.get("Authorization") == f"Bearer {self.token}"

    async def _socket(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        try:
            async for frame in socket:
                if frame.type is WSMsgType.TEXT:
                    await self._answer(socket, json.loads(frame.data))
        finally:
            self._sockets.discard(socket)
        return socket

    async def _answer(self, socket: web.WebSocketResponse, request: dict[str, Any]) -> None:
        if request["action"] == "ping":
            await socket.send_json({"type": "keepalive"})
        elif self.token and request.get("token") != self.token:
            await socket.send_json({"type": "refused", "data": {"message": "this is not it"}})
        elif request["action"] == "chat":
            await self._chat(socket, request)
        elif request["action"] == "resume":
            await self._resume(socket, request["since"])

    async def _resume(self, socket: web.WebSocketResponse, since: int | None) -> None:
        self.resumes.append(since)
        if not self.greet:
            return
        now = self.clock()
        data = {"message": "Connected to signal feed", "timestamp": now / 1000, "cursor": now}
        data |= {"complete": self.complete, "events": self._missed(since), "next": None}
        await socket.send_json({"type": "connected", "data": data})
        self._sockets.add(socket)

    def _missed(self, since: int | None) -> list[dict[str, Any]]:
        if since is None or not self.complete:
            return []
        return [message for message in self._published if message["cursor"] >= since - OVERLAP_MS]

    async def _publish(self, message: dict[str, Any]) -> None:
        """Send a message to the connected clients; later ones receive it by their resume."""
        self._published.append(message)
        await self._send(json.dumps(message))

    async def _send(self, text: str) -> None:
        for socket in list(self._sockets):
            await socket.send_str(text)

    async def _drop(self) -> None:
        for socket in list(self._sockets):
            self._sockets.discard(socket)
            await socket.close(code=1001)

    def _call(self, work: Awaitable[T]) -> T:
        async def run() -> T:
            return await work

        return asyncio.run_coroutine_threadsafe(run(), self._loop).result(CALL_TIMEOUT_S)


def now_ms() -> int:
    return time.time_ns() // 1_000_000
