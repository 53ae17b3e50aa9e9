"""A stand-in of the HTTP and WebSocket API, and of the website the page is served from.

It implements the real protocol on 127.0.0.1, in a thread of its own. The site and the API have
different origins, as they have on AWS, and the site lies below a path, as a bucket's does.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from aiohttp import web
from aiohttp.typedefs import Handler
from signalengine.signals import Signal, public
from signalengine_aws.costs.shapes import Cost

from tests import stand_in
from tests.browser import answers
from tests.stand_in import now_ms

CORS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Headers": "Authorization, Content-Type",
    "Access-Control-Allow-Methods": "GET, POST",
}


class StandIn(stand_in.StandIn):
    """Stored signals, connected pages, and switches for failures."""

    def __init__(self, site: Path) -> None:
        super().__init__()
        self._site = site
        self._rows: dict[str, dict[str, Any]] = {}
        self.counting = True
        """The API responds with the totals of all signals."""
        self.failing = False
        """The API responds with HTTP 503."""
        self.requests: list[str] = []
        """Path and query of every request to the API."""
        self.health: Literal["ok", "degraded"] = "ok"
        self.cost: Cost = answers.cost()
        self.chatty = True
        """Questions are answered over the WebSocket; False: they get no response."""
        self.refusing = False
        """New WebSocket connections are refused."""
        self.page_limit = 200
        self.config: dict[str, Any] | None = None
        self.page_url = ""

    # --- called by tests ----------------------------------------------------------------------

    def store(self, *signals: Signal) -> None:
        """Put signals into the table without publishing them."""
        for signal in signals:
            self._rows[signal.signal_id] = public(signal)

    def commit(self, signal: Signal, **changes: Any) -> dict[str, Any]:
        """Store an opening or a closing and publish it; returns the message."""
        row = public(signal) | changes
        self._rows[str(row["id"])] = row
        return self.publish(row, now_ms())

    def send_status(self, **data: Any) -> None:
        self.send({"type": "status", "data": {"market": "simulated", **data}})

    # --- the site -----------------------------------------------------------------------------

    async def _start(self) -> None:
        api = web.Application(middlewares=[self._guard])
        api.router.add_get("/stage/signals", self._get_signals)
        api.router.add_get("/stage/signals/stats", self._get_stats)
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

    async def _get_config(self, _request: web.Request) -> web.Response:
        if self.config is None:
            raise web.HTTPNotFound
        return web.json_response(self.config)

    # --- the API ------------------------------------------------------------------------------

    @web.middleware
    async def _guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Preflights, the token, and failures: the common part of all routes."""
        if request.path == "/live":
            return await handler(request)
        if request.method == "OPTIONS":
            return web.Response(headers=CORS)
        self.requests.append(request.path_qs.removeprefix("/stage"))
        if self.failing:
            return _problem(503, "no")
        if not self._accepts(request):
            return _problem(401, "a token is needed")
        answer = await handler(request)
        answer.headers.update(CORS)
        return answer

    async def _get_signal(self, request: web.Request) -> web.Response:
        row = self._rows.get(request.match_info["id"])
        return _problem(404, "no such signal") if row is None else _json(answers.explained(row))

    async def _get_stats(self, _request: web.Request) -> web.Response:
        rows = list(self._rows.values())
        return _json(answers.totals(rows)) if self.counting else _problem(503, "no")

    async def _get_other(self, request: web.Request) -> web.Response:
        rows = list(self._rows.values())
        match request.match_info["name"]:
            case "health":
                return _json(answers.health(self.health))
            case "performance":
                return _json(answers.performance(rows, request.query))
            case "equity":
                return _json(answers.equity(rows))
            case "bars":
                return _json(answers.longer(rows, request.query))
            case "system":
                return _json(answers.system(self.cost))
            case ("top" | "events" | "gaps") as name:
                return _json(getattr(answers, name)())
            case name:
                return _problem(404, f"no {name}")

    async def _post_chat(self, request: web.Request) -> web.Response:
        body = await request.json()
        return _json(answers.chat(str(body["message"])))

    async def _get_signals(self, request: web.Request) -> web.Response:
        rows = sorted(self._rows.values(), key=lambda row: -row["close_time"])
        rows = [row for row in rows if _matches(row, request.query)]
        start = int(request.query.get("cursor", "0"))
        end = start + min(self.page_limit, int(request.query["limit"]))
        shown = rows[start:end]
        more = str(end) if end < len(rows) else None
        body = {"signals": shown, "count": len(shown), "cursor": more}
        return _json(body)

    async def _socket(self, request: web.Request) -> web.WebSocketResponse:
        if self.refusing:
            raise web.HTTPServiceUnavailable
        return await super()._socket(request)

    async def _chat(self, socket: web.WebSocketResponse, request: dict[str, Any]) -> None:
        if not self.chatty:
            return
        answer = answers.chat(request["message"])
        for word in str(answer["answer"]).split(" "):
            await socket.send_json({"type": "chat", "id": request["id"], "delta": word + " "})
        await socket.send_json({"type": "chat_done", "id": request["id"], **answer})


def _matches(row: dict[str, Any], query: Mapping[str, str]) -> bool:
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
