"""Price alerts of browsers in the stand-in, and the stored minutes that the page reads."""

from dataclasses import dataclass, field
from typing import Any

from aiohttp import web


@dataclass
class Alerts:
    """The alerts of subscribed browsers, as answer_push has them; a price of 1 is refused."""

    rows: list[dict[str, Any]] = field(default_factory=list)
    minutes: list[list[float]] = field(default_factory=list)
    """Closed 1m bars of every symbol, where a test stores some."""

    async def list(self, _request: web.Request) -> web.Response:
        return web.json_response({"alerts": self.rows, "count": len(self.rows), "most": 20})

    async def add(self, request: web.Request) -> web.Response:
        asked = await request.json()
        if asked["price"] == 1:
            detail = "1 is too far from the price now"
            return web.json_response({"status": 400, "detail": detail}, status=400)
        row = {"id": f"{len(self.rows):010}", "direction": "above", "since": 0, "tick_size": 0.1}
        self.rows.append({**row, **asked})
        return web.json_response({**self.rows[-1], "last": 1.0})

    async def end(self, request: web.Request) -> web.Response:
        name = request.match_info["alert"]
        self.rows = [row for row in self.rows if row["id"] != name]
        return web.json_response({"id": name})
