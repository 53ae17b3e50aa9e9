"""The WebSocket endpoints: `/market/ws/...`, `/public/stream?streams=...`, and the unrouted ones.

The rules of a connection are Binance's: a ping every three minutes and a pong within ten, at most
ten messages a second from the client (pings and unsolicited pongs count), 1,024 streams.

At full speed the player's checkpoints are sent as pings too. A client answers a ping when it reads
it, so the pong confirms that everything sent before has been read. The playback is therefore as
fast as the slowest client, with at most one minute in transit.
"""

import asyncio
import contextlib
import socket
import time
from collections import deque
from typing import Final

from aiohttp import WSCloseCode, WSMsgType, web

from ..faults.schedule import Fault, Faults, ScheduledFault
from ..market.clock import Clock
from ..protocol.hub import Checkpoint, Hub, Subscriber
from ..protocol.streams import Route
from ..protocol.subscriptions import MAX_STREAMS, answer
from .ledger import Ledger

PING_EVERY_S: Final = 180.0
PONG_WITHIN_S: Final = 600.0
MAX_INCOMING: Final = 10
"""Messages a second; one more closes the connection."""
_SEND_BUFFER: Final = 262_144
"""Bytes that the kernel may buffer per connection; small, so that written means nearly read."""
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
        """Close all connections with code 1001 (going away)."""
        closing = [ws.close(code=WSCloseCode.GOING_AWAY, message=b"") for ws in self._open]
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(asyncio.gather(*closing, return_exceptions=True), timeout=1.0)

    def apply_faults(self) -> None:
        """Apply the current faults to the connections."""
        now = self._clock.now
        for row in self._faults.on(now, "stall", "disconnect", "expire"):
            fault, again = row.fault, row.fault.every_ms
            if fault.kind == "expire":
                self._expire(row, now)
            elif row.last is None or (again and now >= row.last + again):
                row.strike(now)
                for connection in self._matching(fault):
                    connection.stall() if fault.kind == "stall" else connection.subscriber.drop()

    def _matching(self, fault: Fault) -> list["_Connection"]:
        """Return the connections that receive a stream matched by the fault."""
        return [c for c in self._open.values() if self._hub.receives(c.subscriber, fault.hits)]

    def _expire(self, row: ScheduledFault, now: int) -> None:
        for ws, connection in self._open.items():
            if now - connection.opened >= row.fault.age_ms and not ws.closed:
                row.strike(now)
                closing = asyncio.create_task(ws.close(code=WSCloseCode.GOING_AWAY))
                self._closing.add(closing)
                closing.add_done_callback(self._closing.discard)

    async def serve(
        self, request: web.Request, route: Route, *, combined: bool, names: list[str]
    ) -> web.WebSocketResponse:
        """Serve one connection until it closes."""
        for row in self._faults.on(self._clock.now, "refuse"):
            row.strike(self._clock.now)
            raise _refusal(row.fault)
        ws = web.WebSocketResponse(compress=False, autoping=False, timeout=0.5)
        await ws.prepare(request)
        transport = request.transport
        if transport is None:
            return ws
        _bound(transport)
        subscriber = Subscriber(route, combined, drop=transport.abort)
        if len(set(names)) > MAX_STREAMS:
            await ws.close(code=WSCloseCode.POLICY_VIOLATION, message=b"Too many streams")
            return ws
        connection = _Connection(ws, subscriber, self._hub, self._ledger, self._clock.now)
        self._open[ws] = connection
        self._hub.join(subscriber)
        self._hub.subscribe(subscriber, names)
        try:
            await connection.run()
        finally:
            del self._open[ws]
            self._hub.leave(subscriber)
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
        subscriber: Subscriber,
        hub: Hub,
        ledger: Ledger,
        opened: int,
    ) -> None:
        """`opened`: event time, ms."""
        self.opened = opened
        self.subscriber = subscriber
        self._ws = ws
        self._hub = hub
        self._ledger = ledger
        self._pings: dict[bytes, Checkpoint | None] = {}
        self._last_pong = time.monotonic()
        self._incoming: deque[float] = deque()

    async def run(self) -> None:
        """Read until the client disconnects; write and ping meanwhile."""
        tasks = [asyncio.create_task(self._write()), asyncio.create_task(self._ping())]
        try:
            await self._read()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def release(self) -> None:
        """Complete the checkpoints that wait for this connection."""
        for checkpoint in self._pings.values():
            _reached(checkpoint)

    def stall(self) -> None:
        """Send nothing more: no messages, replies, pongs or close frame."""
        self._hub.stall(self.subscriber)
        self.release()

    async def _read(self) -> None:
        async for message in self._ws:
            if self.subscriber.stalled:
                continue
            if message.type is WSMsgType.PONG and bytes(message.data) in self._pings:
                self._last_pong = time.monotonic()
                _reached(self._pings.pop(bytes(message.data)))
                continue
            if not self._allowed():
                await self._ws.close(
                    code=WSCloseCode.POLICY_VIOLATION, message=b"Too many requests"
                )
                return
            if message.type is WSMsgType.PING:
                await self._ws.pong(message.data)
            elif message.type is WSMsgType.TEXT:
                await self._ws.send_str(answer(message.data, self.subscriber, self._hub))

    def _allowed(self) -> bool:
        now = time.monotonic()
        self._incoming.append(now)
        while self._incoming[0] <= now - 1.0:
            self._incoming.popleft()
        return len(self._incoming) <= MAX_INCOMING

    async def _write(self) -> None:
        queue, ws = self.subscriber.queue, self._ws
        with contextlib.suppress(ConnectionError):
            while True:
                self.subscriber.waiting.clear()
                while queue:
                    item = queue.popleft()
                    if isinstance(item, Checkpoint):
                        self._pings[item.token] = item
                        await ws.ping(item.token)
                        continue
                    if item.closing is not None:
                        self._ledger.note(item.closing)
                    await ws.send_str(item.text)
                await self.subscriber.waiting.wait()

    async def _ping(self) -> None:
        with contextlib.suppress(ConnectionError):
            while True:
                await asyncio.sleep(PING_EVERY_S)
                if time.monotonic() - self._last_pong > PONG_WITHIN_S:
                    self.subscriber.drop()
                    return
                if self.subscriber.stalled:
                    return
                token = b"beat-%d" % time.monotonic_ns()
                self._pings[token] = None
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
