"""The public addresses of a stack on a loopback port, in a thread: `/health` and a WebSocket."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from tests.served import served

OK = {"status": "ok", "components": {"database": "ok", "feed": "ok"}}


@dataclass
class PublicApi:
    """What it answers, and what it was sent. `behaviour` of the WebSocket: see `_socket`."""

    behaviour: str = "posts"
    received_at: int = 0
    health: Any = field(default_factory=lambda: dict(OK))
    health_status: int = 200
    sent: list[Any] = field(default_factory=list)
    port: int = 0

    @property
    def http(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def websocket(self) -> str:
        return f"ws://127.0.0.1:{self.port}/live"

    async def _health(self, _: web.Request) -> web.Response:
        if isinstance(self.health, str):
            return web.Response(text=self.health, status=self.health_status)
        return web.json_response(self.health, status=self.health_status)

    async def _socket(self, request: web.Request) -> web.StreamResponse:
        if self.behaviour == "forbids":
            return web.Response(status=403)
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self.sent.append(await socket.receive_json())
        if self.behaviour == "refuses":
            await socket.send_json({"type": "refused", "data": {"message": "not the token"}})
        elif self.behaviour == "posts":
            await socket.send_str("no JSON")
            await socket.send_json(["no object"])
            await socket.send_json({"type": "connected", "data": {}})
            await socket.send_json({"type": "status", "data": {"received_at": self.received_at}})
        if self.behaviour == "leaves":
            await socket.close()
        else:
            await socket.receive()  # until the client closes
        return socket


@contextmanager
def running_api() -> Iterator[PublicApi]:
    """Run one until the block ends."""
    api = PublicApi()
    with served([web.get("/health", api._health), web.get("/live", api._socket)]) as api.port:
        yield api
