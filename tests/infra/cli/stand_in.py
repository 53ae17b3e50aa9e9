"""A fake stack for the commands: HTTP and WebSocket API on a loopback port, in a thread.

It answers with given documents and errors, pages lists by a cursor, and records its requests.
"""

from typing import Any

from aiohttp import web

from tests.infra.cli.documents import everything
from tests.stand_in import StandIn

LISTS = ("signals", "decisions", "events", "gaps")


class Stack(StandIn):
    """A stack of documents."""

    def __init__(self) -> None:
        super().__init__()
        self.clock = lambda: 1_000
        self.documents = everything()
        self.refusals: dict[str, list[tuple[int, dict[str, Any], dict[str, str]]]] = {}
        """By path: what comes before the document, in order; the last one stays."""
        self.texts = {"/metrics": "# TYPE signals_emitted_total counter\n"}
        self.requests: list[tuple[str, dict[str, str]]] = []
        self.headers: list[dict[str, str]] = []
        self.port = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/stage"

    @property
    def websocket(self) -> str:
        return f"ws://127.0.0.1:{self.port}/live"

    def refuse(
        self, path: str, status: int, detail: str = "", times: int = 1, **headers: str
    ) -> None:
        """Answer this path with an error so many times."""
        problem = {"type": "about:blank", "title": "no", "status": status, "detail": detail}
        self.refusals[path] = [(status, problem, headers)] * times

    async def _start(self) -> None:
        app = web.Application()
        app.router.add_get("/live", self._socket)
        app.router.add_get("/{tail:.*}", self._get)
        self.port = await self._listen(app)

    async def _get(self, request: web.Request) -> web.Response:
        path = request.path.removeprefix("/stage")
        self.requests.append((path, dict(request.query)))
        self.headers.append(dict(request.headers))
        if not self._accepts(request):
            return web.json_response({"detail": "a token is needed"}, status=401)
        waiting = self.refusals.get(path, [])
        if waiting:
            status, body, headers = waiting.pop()
            return web.json_response(body, status=status, headers=headers)
        if path in self.texts:
            return web.Response(text=self.texts[path])
        if path not in self.documents:
            return web.json_response({"detail": "no such path; see /openapi.json"}, status=404)
        return web.json_response(self._page(path, request))

    def _page(self, path: str, request: web.Request) -> Any:
        name, document = path.removeprefix("/"), self.documents[path]
        if name not in LISTS:
            return document
        start = int(request.query.get("cursor", "0"))
        end = start + int(request.query["limit"])
        rows = document[name][start:end]
        more = str(end) if end < len(document[name]) else None
        return {**document, name: rows, "count": len(rows), "cursor": more}
