"""What the stand-ins of a stack have in common: loopback servers in a thread, and their sockets.

A stand-in speaks the real protocol. Its public methods may be called from the test's thread; the
WebSocket is at /live, and answers as connect_websocket does.
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
PATIENCE_S = 30.0


class StandIn:
    """Servers, connected clients, what was told, and switches for what may go wrong."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="stand-in", daemon=True)
        self._runners: list[web.AppRunner] = []
        self._sockets: set[web.WebSocketResponse] = set()
        self._told: list[dict[str, Any]] = []
        self.resumes: list[int | None] = []
        """`since` of every resume that was let in."""
        self.greet = True
        self.complete = True
        """What `connected` says: False when a client missed more than a resume sends."""
        self.clock: Callable[[], int] = now_ms
        """What the greeting's cursor is taken from."""
        self.token: str | None = None
        """The token that is asked for; None: none is."""

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

    def tell(self, row: dict[str, Any], cursor: int) -> dict[str, Any]:
        """Tell the clients of an opening or a closing; a resume tells it again."""
        ended = row["status"] != "open"
        message = {
            "type": "signal_closed" if ended else "signal",
            "event_id": f"{row['id']}#{'closed' if ended else 'opened'}",
            "cursor": cursor,
            "data": row,
        }
        self._call(self._tell(message))
        return message

    def say(self, message: dict[str, Any] | str) -> None:
        """Send one frame, as it is, to every client that was let in."""
        text = message if isinstance(message, str) else json.dumps(message)
        self._call(self._send(text))

    def drop(self) -> None:
        """Close every connection, as a deployment or API Gateway's two hours do."""
        self._call(self._drop())

    def wait(self, what: Callable[[], bool], seconds: float = PATIENCE_S) -> None:
        """Wait until the stand-in has seen something."""
        until = time.monotonic() + seconds
        while not what():
            assert time.monotonic() < until, "what the test waits for did not happen"
            time.sleep(0.02)

    @property
    def connected(self) -> int:
        """Clients that were let in and greeted."""
        return len(self._sockets)

    # --- what runs in the thread --------------------------------------------------------------

    async def _start(self) -> None:
        """Listen."""
        raise NotImplementedError

    async def _chat(self, socket: web.WebSocketResponse, asked: dict[str, Any]) -> None:
        """Answer a question; here none is."""

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

    def _lets_in(self, request: web.Request) -> bool:
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

    async def _answer(self, socket: web.WebSocketResponse, asked: dict[str, Any]) -> None:
        if asked["action"] == "ping":
            await socket.send_json({"type": "keepalive"})
        elif self.token and asked.get("token") != self.token:
            await socket.send_json({"type": "refused", "data": {"message": "this is not it"}})
        elif asked["action"] == "chat":
            await self._chat(socket, asked)
        elif asked["action"] == "resume":
            await self._resume(socket, asked["since"])

    async def _resume(self, socket: web.WebSocketResponse, since: int | None) -> None:
        self.resumes.append(since)
        if not self.greet:
            return
        now = self.clock()
        data = {"message": "Connected to signal feed", "timestamp": now / 1000, "cursor": now}
        data["complete"] = self.complete
        await socket.send_json({"type": "connected", "data": data})
        self._sockets.add(socket)
        for message in self._missed(since):
            await socket.send_json(message)

    def _missed(self, since: int | None) -> list[dict[str, Any]]:
        if since is None or not self.complete:
            return []
        return [message for message in self._told if message["cursor"] >= since - OVERLAP_MS]

    async def _tell(self, message: dict[str, Any]) -> None:
        """A client hears of it by its resume or by this, whichever comes second, not by both."""
        self._told.append(message)
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
