"""The WebSocket endpoints: `/market/ws/...`, `/public/stream?streams=...`, and the unrouted ones.

The rules of a connection are Binance's: a ping every three minutes and a pong within ten, at most
ten messages a second from the client (pings and unsolicited pongs count), 1,024 streams.

At full speed the player's checkpoints travel as pings too. A client answers a ping when it comes
to it in its reading, so the pong says: everything before has been read. That makes the play as
fast as the slowest listener, with at most one minute of it under way.
"""

import asyncio
import contextlib
import socket
import time
from collections import deque
from typing import Final

from aiohttp import WSCloseCode, WSMsgType, web

from ..faults.schedule import Fault, Faults, Set
from ..market.clock import Clock
from ..protocol.hub import Checkpoint, Hub, Listener
from ..protocol.streams import Route
from ..protocol.subscriptions import MAX_STREAMS, answer
from .ledger import Ledger

PING_EVERY_S: Final = 180.0
PONG_WITHIN_S: Final = 600.0
MAX_INCOMING: Final = 10
"""Messages a second; one more closes the connection."""
_SEND_BUFFER: Final = 262_144
"""Bytes the kernel may hold for a connection: what is written is soon read."""
_ROUTES: Final[tuple[tuple[str, Route], ...]] = (
    ("/market", "market"), ("/public", "public"), ("", ""),
)  # fmt: skip


class Sockets:
    """All WebSocket connections of the exchange."""

    def __init__(self, hub: Hub, ledger: Ledger, clock: Clock, faults: Faults) -> None:
        self._hub = hub
        self._ledger = ledger
        self._clock = clock
        self._faults = faults
        self._open: dict[web.WebSocketResponse, _Connection] = {}
        self._closing: set[asyncio.Task[bool]] = set()

    def routes(self) -> list[web.RouteDef]:
        """Return the endpoints, raw (`/ws`) and combined (`/stream`), of each route."""
        out = []
        for prefix, route in _ROUTES:
            raw, combined = _Endpoint(self, route, False), _Endpoint(self, route, True)
            out.append(web.get(prefix + "/ws", raw.handle))
            out.append(web.get(prefix + "/ws/{streams:.*}", raw.handle))
            out.append(web.get(prefix + "/stream", combined.handle))
        return out

    async def close(self) -> None:
        """Close all connections: the server is going away."""
        closing = [ws.close(code=WSCloseCode.GOING_AWAY, message=b"") for ws in self._open]
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(asyncio.gather(*closing, return_exceptions=True), timeout=1.0)

    def strike(self) -> None:
        """Do to the connections what the faults of this moment ask for."""
        now = self._clock.now
        for row in self._faults.on(now, "stall", "disconnect", "expire"):
            fault, again = row.fault, row.fault.every_ms
            if fault.kind == "expire":
                self._expire(row, now)
            elif row.last is None or (again and now >= row.last + again):
                row.strike(now)
                for connection in self._meant(fault):
                    connection.stall() if fault.kind == "stall" else connection.listener.drop()

    def _meant(self, fault: Fault) -> list["_Connection"]:
        """Return the connections that receive a stream the fault means."""
        return [c for c in self._open.values() if self._hub.receives(c.listener, fault.hits)]

    def _expire(self, row: Set, now: int) -> None:
        for ws, connection in self._open.items():
            if now - connection.opened >= row.fault.age_ms and not ws.closed:
                row.strike(now)
                closing = asyncio.create_task(ws.close(code=WSCloseCode.GOING_AWAY))
                self._closing.add(closing)
                closing.add_done_callback(self._closing.discard)

    async def serve(
        self, request: web.Request, route: Route, *, combined: bool, names: list[str]
    ) -> web.WebSocketResponse:
        """Serve one connection to its end."""
        for row in self._faults.on(self._clock.now, "refuse"):
            row.strike(self._clock.now)
            raise _refusal(row.fault)
        ws = web.WebSocketResponse(compress=False, autoping=False, timeout=0.5)
        await ws.prepare(request)
        transport = request.transport
        if transport is None:
            return ws
        _bound(transport)
        listener = Listener(route, combined, drop=transport.abort)
        if len(set(names)) > MAX_STREAMS:
            await ws.close(code=WSCloseCode.POLICY_VIOLATION, message=b"Too many streams")
            return ws
        connection = _Connection(ws, listener, self._hub, self._ledger, self._clock.now)
        self._open[ws] = connection
        self._hub.join(listener)
        self._hub.subscribe(listener, names)
        try:
            await connection.run()
        finally:
            del self._open[ws]
            self._hub.leave(listener)
            connection.release()
        return ws


class _Endpoint:
    """One path: a route, raw or combined."""

    def __init__(self, sockets: Sockets, route: Route, combined: bool) -> None:
        self._sockets = sockets
        self._route = route
        self._combined = combined

    async def handle(self, request: web.Request) -> web.WebSocketResponse:
        """Upgrade to a WebSocket subscribed to the streams that the URL names."""
        listed = request.query.get("streams", "") if self._combined else ""
        listed = listed or request.match_info.get("streams", "")
        names = [name for name in listed.split("/") if name]
        return await self._sockets.serve(request, self._route, combined=self._combined, names=names)


class _Connection:
    """Reading, writing and pinging of one connection."""

    def __init__(
        self,
        ws: web.WebSocketResponse,
        listener: Listener,
        hub: Hub,
        ledger: Ledger,
        opened: int,
    ) -> None:
        """`opened`: exchange time."""
        self.opened = opened
        self.listener = listener
        self._ws = ws
        self._hub = hub
        self._ledger = ledger
        self._asked: dict[bytes, Checkpoint | None] = {}
        self._last_pong = time.monotonic()
        self._incoming: deque[float] = deque()

    async def run(self) -> None:
        """Read until the client goes; write and ping meanwhile."""
        tasks = [asyncio.create_task(self._write()), asyncio.create_task(self._beat())]
        try:
            await self._read()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def release(self) -> None:
        """Let go of whoever waits for this connection at a checkpoint."""
        for checkpoint in self._asked.values():
            _reached(checkpoint)

    def stall(self) -> None:
        """Say nothing more: neither messages, nor replies, nor pongs, nor goodbye."""
        self._hub.stall(self.listener)
        self.release()

    async def _read(self) -> None:
        async for message in self._ws:
            if self.listener.stalled:
                continue
            if message.type is WSMsgType.PONG and bytes(message.data) in self._asked:
                self._last_pong = time.monotonic()
                _reached(self._asked.pop(bytes(message.data)))
                continue
            if not self._allowed():
                await self._ws.close(
                    code=WSCloseCode.POLICY_VIOLATION, message=b"Too many requests"
                )
                return
            if message.type is WSMsgType.PING:
                await self._ws.pong(message.data)
            elif message.type is WSMsgType.TEXT:
                await self._ws.send_str(answer(message.data, self.listener, self._hub))

    def _allowed(self) -> bool:
        now = time.monotonic()
        self._incoming.append(now)
        while self._incoming[0] <= now - 1.0:
            self._incoming.popleft()
        return len(self._incoming) <= MAX_INCOMING

    async def _write(self) -> None:
        queue, ws = self.listener.queue, self._ws
        with contextlib.suppress(ConnectionError):
            while True:
                self.listener.waiting.clear()
                while queue:
                    item = queue.popleft()
                    if isinstance(item, Checkpoint):
                        self._asked[item.token] = item
                        await ws.ping(item.token)
                        continue
                    if item.closing is not None:
                        self._ledger.note(item.closing)
                    await ws.send_str(item.text)
                await self.listener.waiting.wait()

    async def _beat(self) -> None:
        with contextlib.suppress(ConnectionError):
            while True:
                await asyncio.sleep(PING_EVERY_S)
                if time.monotonic() - self._last_pong > PONG_WITHIN_S:
                    self.listener.drop()
                    return
                if self.listener.stalled:
                    return
                token = b"beat-%d" % time.monotonic_ns()
                self._asked[token] = None
                await self._ws.ping(token)


def _reached(checkpoint: Checkpoint | None) -> None:
    if checkpoint is not None and not checkpoint.reached.done():
        checkpoint.reached.set_result(None)


def _refusal(fault: Fault) -> web.HTTPException:
    status = int(fault.status)
    answer = web.HTTPServiceUnavailable() if status == 503 else web.HTTPForbidden()
    answer.set_status(status)
    return answer


def _bound(transport: asyncio.Transport) -> None:
    """Bound what the kernel buffers for a connection, so that written means nearly read."""
    raw = transport.get_extra_info("socket")
    if raw is not None:
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SEND_BUFFER)
