"""`/_local/...`: what the people who run the exchange ask, and Binance does not know.

* `GET /_local/status`: state of the play, its clock, how many closing klines were sent;
* `POST /_local/pace` with `{"until": ms}` (null: no limit): how far a full-speed play may go;
* `GET /_local/sent`: when each closing 1m kline was first written to a socket (wall ms).
"""

from typing import Any

from aiohttp import web

from .hub import Hub
from .ledger import Ledger
from .pace import Pace
from .tape import Tape


class Control:
    """The control endpoints of one exchange."""

    def __init__(self, tape: Tape, hub: Hub, ledger: Ledger, pace: Pace) -> None:
        self._tape = tape
        self._hub = hub
        self._ledger = ledger
        self._pace = pace

    def routes(self) -> list[web.RouteDef]:
        """Return the endpoints."""
        return [
            web.get("/_local/status", self._answer_status),
            web.get("/_local/sent", self._answer_sent),
            web.post("/_local/pace", self._set_pace),
        ]

    def status(self) -> dict[str, Any]:
        """Return where the play is."""
        clock = self._tape.clock
        return {
            "state": clock.state,
            "now": clock.now,
            "start": self._tape.start,
            "end": self._tape.end,
            "speed": "max" if clock.speed is None else clock.speed,
            "market": self._tape.market,
            "symbols": list(self._tape.instruments),
            "connections": len(self._hub),
            "bars_sent": dict(self._ledger.counts),
        }

    async def _answer_status(self, _request: web.Request) -> web.Response:
        return web.json_response(self.status())

    async def _set_pace(self, request: web.Request) -> web.Response:
        body = await request.json()
        until = body.get("until") if isinstance(body, dict) else ""
        if isinstance(until, bool) or not isinstance(until, int | None):
            raise web.HTTPBadRequest(text='{"until": ms or null} is needed')
        self._pace.allow_until(until)
        return web.json_response(self.status())

    async def _answer_sent(self, _request: web.Request) -> web.Response:
        return web.json_response(self._ledger.written)
