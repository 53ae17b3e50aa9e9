"""`/_local/...`: endpoints for the operator of the exchange, which Binance does not have.

They want the token of this run (`infra.local.operator_requests`), except for the open interest,
which is market data that the ingest task reads.

* `GET /_local/status`: state of the playback, its clock, how many closing klines were sent;
* `POST /_local/pace` with `{"until": ms}` (null: no limit): how far a full-speed playback may go;
* `GET /_local/openInterest?startTime=..&endTime=..`: all symbols' open interest at the ends of
  minutes, rows as in `openInterestHist`; the answer does not depend on the time of the request,
  so that replays are reproducible;
* `POST /_local/faults` with a fault or a list of them, `GET` for the scheduled ones and how often
  each took effect, `DELETE` to clear them: see `faults`;
* `GET /_local/sent`: when each closing 1m kline was first written to a socket (wall ms).
"""

from typing import Any, Final

from aiohttp import web

from ..faults.schedule import Faults, read_fault
from ..market.bars import DAY_MS, MINUTE_MS
from ..market.instruments import shortest
from ..playback.market_state import MarketState
from ..playback.pace import Pace
from ..protocol.hub import Hub
from ..protocol.parameters import Parameters, RefusalError
from .ledger import Ledger

OPEN_INTEREST: Final = "/_local/openInterest"


class OperatorApi:
    """The operator's endpoints of one exchange."""

    def __init__(
        self, state: MarketState, hub: Hub, ledger: Ledger, pace: Pace, faults: Faults
    ) -> None:
        self._faults = faults
        self._state = state
        self._hub = hub
        self._ledger = ledger
        self._pace = pace

    def routes(self) -> list[web.RouteDef]:
        """Return the endpoints."""
        return [
            web.get("/_local/status", self._answer_status),
            web.get("/_local/sent", self._answer_sent),
            web.get(OPEN_INTEREST, self._answer_open_interest),
            web.post("/_local/pace", self._set_pace),
            web.get("/_local/faults", self._list_faults),
            web.post("/_local/faults", self._set_faults),
            web.delete("/_local/faults", self._clear_faults),
        ]

    def status(self) -> dict[str, Any]:
        """Return the state of the playback."""
        clock = self._state.clock
        return {
            "state": clock.state,
            "now": clock.now,
            "start": self._state.start,
            "end": self._state.end,
            "speed": "max" if clock.speed is None else clock.speed,
            "market": self._state.market,
            "symbols": list(self._state.instruments),
            "connections": len(self._hub),
            "bars_sent": dict(self._ledger.counts),
        }

    async def _answer_status(self, _request: web.Request) -> web.Response:
        return web.json_response(self.status())

    async def _answer_open_interest(self, request: web.Request) -> web.Response:
        try:
            start, end = Parameters(request.query, ()).times()
        except RefusalError as error:
            raise web.HTTPBadRequest(text=str(error)) from error
        if start is None or end is None or end - start > DAY_MS:
            raise web.HTTPBadRequest(text="startTime and endTime are needed, at most a day apart")
        rows = [
            {"symbol": symbol, "sumOpenInterest": shortest(value), "timestamp": stamp}
            for symbol in self._state.instruments
            for stamp, value, _ in self._state.interests(symbol, MINUTE_MS, start, end)
        ]
        return web.json_response(rows)

    async def _set_pace(self, request: web.Request) -> web.Response:
        body = await request.json()
        until = body.get("until") if isinstance(body, dict) else ""
        if isinstance(until, bool) or not isinstance(until, int | None):
            raise web.HTTPBadRequest(text='{"until": ms or null} is needed')
        self._pace.allow_until(until)
        return web.json_response(self.status())

    async def _list_faults(self, _request: web.Request) -> web.Response:
        return web.json_response([row.to_dict() for row in self._faults.rows])

    async def _set_faults(self, request: web.Request) -> web.Response:
        try:
            body = await request.json()
            rows = body if isinstance(body, list) else [body]
            faults = [read_fault(row, self._state.clock.now) for row in rows]
        except ValueError as error:
            raise web.HTTPBadRequest(text=str(error)) from error
        for fault in faults:
            self._faults.add(fault)
        return await self._list_faults(request)

    async def _clear_faults(self, request: web.Request) -> web.Response:
        self._faults.clear()
        return await self._list_faults(request)

    async def _answer_sent(self, _request: web.Request) -> web.Response:
        return web.json_response(self._ledger.written)
