"""A stand-in of the one address: the page at its real paths, the HTTP API and the feed.

It implements the real protocol on 127.0.0.1, in a thread of its own, and answers by the rule of
`infra/parts/site/routes.json`, as CloudFront does.
"""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from aiohttp import web
from aiohttp.typedefs import Handler
from signalengine.signals import Signal, public
from signalengine_aws.api.signal_image import signal_image
from signalengine_aws.channels.preferences import PreferenceError, read_preferences, shown
from signalengine_aws.channels.push.services import id_of
from signalengine_aws.costs.shapes import Cost
from signalengine_aws.delivery.subscriptions import Subscription

from infra.parts.site.routes import route, table
from tests import stand_in
from tests.browser import answers, records
from tests.browser.alerted import Alerts
from tests.browser.operated import Operated
from tests.stand_in import now_ms

API = f"/{table()['prefix']}"
FEED = table()["feed"]


class StandIn(stand_in.StandIn):
    """Stored signals, connected pages, and switches for failures."""

    def __init__(self, site: Path) -> None:
        super().__init__()
        self.site = site
        self._rows: dict[str, dict[str, Any]] = {}
        self.counting = True
        """The API responds with the totals of all signals."""
        self.failing = False
        """The API responds with HTTP 503."""
        self.starting = False
        """The API responds with HTTP 503 once to each request, and then not until this is False."""
        self._begun: set[str] = set()
        self.holding = False
        """The API answers nothing until this is False."""
        self.requests: list[str] = []
        """Path and query of every request to the API."""
        self.health: Literal["ok", "degraded"] = "ok"
        self.cost: Cost = answers.cost()
        self.strategies = answers.strategies()
        self.comparison = records.comparison()
        self.reports: dict[str, str] = {}
        """Files in the folder of reports, by name."""
        self.operated = Operated()
        self.chatty = True
        """Questions are answered over the WebSocket; False: they get no response."""
        self.grown = 0
        """Bars that every chart has more than at first."""
        self.missing: str | None = None
        """Files whose names begin so are not found, as those of an older version."""
        self.refusing = False
        """New WebSocket connections are refused."""
        self.page_limit = 200
        self.config: dict[str, Any] | None = None
        self.page_url = ""
        self.push_key: str | None = None
        """What browsers subscribe with; None: the stack sends no push messages."""
        self.mail: Literal["none", "open", "full"] = "none"
        """Whether everybody may ask for signals by e-mail."""
        self.mailed: list[dict[str, Any]] = []
        """Who asked for them, and what each wants."""
        self.pushed: dict[str, dict[str, Any]] = {}
        """What each subscribed browser receives, by its id."""
        self.alerts = Alerts()

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
        app = web.Application(middlewares=[self._guard])
        app.router.add_get(f"{API}/signals", self._get_signals)
        app.router.add_get(f"{API}/signals/stats", self._get_stats)
        app.router.add_get(f"{API}/signals/{{id}}", self._get_signal)
        app.router.add_get(f"{API}/signals/{{id}}/image.svg", self._get_picture)
        app.router.add_post(f"{API}/chat", self._post_chat)
        app.router.add_get(f"{API}/strategies/{{name}}", self.operated.form)
        app.router.add_route("*", f"{API}/settings/{{name}}", self.operated.answer)
        app.router.add_get(f"{API}/push/key", self._get_push_key)
        app.router.add_get(f"{API}/email/subscribe", self._get_email)
        app.router.add_post(f"{API}/email/subscribe", self._post_email)
        app.router.add_post(f"{API}/push/subscriptions", self._post_push)
        app.router.add_delete(f"{API}/push/subscriptions/{{id}}", self._delete_push)
        app.router.add_get(f"{API}/push/subscriptions/{{id}}/alerts", self.alerts.list)
        app.router.add_post(f"{API}/push/subscriptions/{{id}}/alerts", self.alerts.add)
        app.router.add_delete(f"{API}/push/subscriptions/{{id}}/alerts/{{alert}}", self.alerts.end)
        app.router.add_get(f"{API}/{{name:.+}}", self._get_other)
        app.router.add_get(FEED, self._socket)
        app.router.add_get("/config.json", self._get_config)
        app.router.add_get("/report-files/{name:.*}", self._get_report)
        app.router.add_get("/{path:.*}", self._get_file)
        port = await self._listen(app)
        self.page_url = f"http://127.0.0.1:{port}/"
        self.config = {
            "name": "local",
            "httpUrl": f"{API}/",
            "webSocketUrl": FEED,
            "telegramUrl": f"http://127.0.0.1:{port}/telegram",
        }

    async def _get_file(self, request: web.Request) -> web.FileResponse:
        target = route(request.method, request.rel_url.raw_path, request.headers.get("Accept", ""))
        file = self.site / target.path[1:]
        gone = self.missing is not None and file.name.startswith(self.missing)
        if target.kind not in ("page", "file") or gone or not file.is_file():
            raise web.HTTPNotFound
        return web.FileResponse(file, headers={"Cache-Control": "no-cache"})

    async def _get_report(self, request: web.Request) -> web.Response:
        name = request.match_info["name"]
        if name:
            return web.Response(text=self.reports[name], content_type="application/json")
        files = [{"name": one, "bytes": len(body), "time": 0} for one, body in self.reports.items()]
        return web.json_response({"reports": files})

    async def _get_config(self, _request: web.Request) -> web.Response:
        if self.config is None:
            raise web.HTTPNotFound
        return web.json_response(self.config)

    # --- the API ------------------------------------------------------------------------------

    @web.middleware
    async def _guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """The token, and failures: the common part of the API's routes."""
        if not request.path.startswith(f"{API}/"):
            return await handler(request)
        self.requests.append(request.path_qs.removeprefix(API))
        if self.failing or (self.starting and request.path_qs not in self._begun):
            self._begun.add(request.path_qs)
            return _problem(503, "no")
        while self.starting or self.holding:
            await asyncio.sleep(0.02)
        if not self._accepts(request):
            return _problem(401, "a token is needed")
        return await handler(request)

    async def _get_signal(self, request: web.Request) -> web.Response:
        row = self._rows.get(request.match_info["id"])
        return _problem(404, "no such signal") if row is None else _json(answers.explained(row))

    async def _get_picture(self, request: web.Request) -> web.Response:
        row = self._rows.get(request.match_info["id"])
        if row is None:
            return _problem(404, "no such signal")
        picture = signal_image(row, answers.bars(row), "1m", "")
        return web.Response(text=picture, content_type="image/svg+xml")

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
            case "performance/strategies":
                return _json(self.comparison)
            case "performance/what-if":
                return _json(records.what_if(rows, request.query))
            case "equity":
                return _json(answers.equity(rows, request.query))
            case "strategies":
                return _json(self.strategies)
            case "chart":
                return _json(answers.chart(request.query, self.grown))
            case "bars" if self.alerts.minutes:
                return _json({"bars": self.alerts.minutes})
            case "bars":
                return _json(answers.longer(rows, request.query))
            case "system":
                return _json(answers.system(self.cost))
            case ("top" | "events" | "gaps" | "symbols") as name:
                return _json(getattr(answers, name)())
            case name:
                return _problem(404, f"no {name}")

    async def _post_chat(self, request: web.Request) -> web.Response:
        body = await request.json()
        return _json(answers.chat(str(body["message"])))

    async def _get_push_key(self, _request: web.Request) -> web.Response:
        return _json({"key": self.push_key})

    async def _post_push(self, request: web.Request) -> web.Response:
        body = await request.json()
        try:
            changes = read_preferences(body["preferences"])
        except PreferenceError as error:
            return _problem(400, str(error))
        name = id_of(str(body["subscription"]["endpoint"]))
        self.pushed[name] = shown(Subscription(f"push:{name}", **changes))
        return _json({"id": name, "preferences": self.pushed[name]})

    async def _get_email(self, _request: web.Request) -> web.Response:
        return _json({"open": self.mail != "none", "full": self.mail == "full"})

    async def _post_email(self, request: web.Request) -> web.Response:
        body = await request.json()
        if "." not in body["address"]:
            return _problem(400, "address: expected one like ada@example.com")
        try:
            wanted = read_preferences(body["preferences"])
        except PreferenceError as error:
            return _problem(400, str(error))
        self.mailed.append({**wanted, **body})
        return _json({"message": "on its way"})

    async def _delete_push(self, request: web.Request) -> web.Response:
        name = request.match_info["id"]
        self.pushed.pop(name, None)
        return _json({"id": name})

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
    wanted = query.get("strategy")
    if row["strategy"] != wanted if wanted else row.get("shadow", False):
        return False
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
    return web.json_response(body, status=status)
