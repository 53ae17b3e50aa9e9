"""The server: one source, its clock, and its WebSocket and REST endpoints, on loopback only."""

import asyncio

from aiohttp import web

from infra.local.operator_requests import new_token, only_this_machine

from .endpoints.ledger import Ledger
from .endpoints.operator import OPEN_INTEREST, OperatorApi
from .endpoints.rest import Rest
from .endpoints.sockets import Sockets
from .faults.disturbance import Disturbance
from .faults.schedule import Faults
from .market.clock import Clock
from .market.source import Source
from .playback.market_state import MarketState
from .playback.pace import Pace
from .playback.player import Player
from .protocol.hub import Hub

HOST = "127.0.0.1"
_LONGEST_URL = 65_536
"""1,024 stream names fit in it."""


class Exchange:
    """A running exchange.

    Output to clients passes three places: `Hub.publish` (stream messages), `Rest` (answers) and
    `Sockets` (connections). Faults are applied there, and in `MarketState`.
    """

    def __init__(self, source: Source, speed: float | None, updates: int | None = None) -> None:
        """`speed`: event seconds per wall second, None for as fast as the clients read.

        `updates`: kline updates per minute, None for as many as the speed allows.
        """
        self.token = new_token()
        """What the operator's requests have to carry."""
        self.clock = Clock(source.start, speed)
        self.faults = Faults()
        self.state = MarketState(source, self.clock, self.faults)
        self._disturbance = Disturbance(self.faults, self.clock)
        self.hub = Hub(source.instruments, lossless=speed is None, message_filter=self._disturbance)
        self.ledger = Ledger(list(source.instruments))
        self._pace = Pace()
        self._player = Player(
            source, self.state, self.clock, self.hub, self._pace, self._apply_faults, updates
        )
        self._sockets = Sockets(self.hub, self.ledger, self.clock, self.faults)
        self._runner: web.AppRunner | None = None
        self._play: asyncio.Task[None] | None = None

    async def start(self, port: int) -> int:
        """Listen on loopback and return the port (a free one for 0)."""
        app = web.Application(
            middlewares=[only_this_machine(self.token, open_paths=(OPEN_INTEREST,))]
        )
        operator = OperatorApi(self.state, self.hub, self.ledger, self._pace, self.faults)
        app.add_routes(operator.routes())
        app.add_routes(self._sockets.routes())
        app.add_routes(Rest(self.state, self.faults).routes())
        self._runner = web.AppRunner(
            app,
            access_log=None,
            shutdown_timeout=0.5,
            max_line_size=_LONGEST_URL,
            max_field_size=_LONGEST_URL,
        )
        await self._runner.setup()
        await web.TCPSite(self._runner, HOST, port).start()
        self._play = asyncio.create_task(self._player.run())
        address: tuple[str, int] = self._runner.addresses[0]
        return address[1]

    def _apply_faults(self) -> None:
        """Apply the due faults to connections, and send delayed messages that are due."""
        self._sockets.apply_faults()
        for message in self._disturbance.due():
            self.hub.send(message)

    async def broken(self) -> None:
        """Wait for ever; raise the error if the playback fails."""
        if self._play is None:
            raise RuntimeError("the exchange was not started")
        await asyncio.shield(self._play)
        await asyncio.Event().wait()

    async def stop(self) -> None:
        """Stop the playback, close all connections, stop listening."""
        if self._play is not None:
            self._play.cancel()
            await asyncio.gather(self._play, return_exceptions=True)  # `broken` raises its error
        await self._sockets.close()
        if self._runner is not None:
            await self._runner.cleanup()
