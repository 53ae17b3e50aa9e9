"""The operator's endpoints in the stand-in, and one set in full."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from tests.browser.samples import NOON

TOKEN = "operator-token-of-the-page"
ID = "0123456789abcdef01234567"
FIELDS: list[dict[str, Any]] = [
    {
        "kind": "parameter", "name": "days", "value": 10, "default": 20, "differs": True,
        "least": 5, "most": 60, "whole": True, "unit": "", "about": "length of the channel, days",
    },
    {
        "kind": "rule", "name": "fee_bps", "value": 5, "default": 5, "differs": False,
        "least": 0, "most": 999, "whole": False, "unit": "bp",
        "about": "Fee of one side, of a market order: longer than a phone, and a drawer, are wide.",
    },
]  # fmt: skip
HISTORY = [
    {"at": NOON, "before": None, "status": "shadow", "why": "reacts sooner", "reason": "",
     "evidence": "", "digest": "0f3c58a1d2b4"},
]  # fmt: skip
SUBSCRIBER: dict[str, Any] = {
    "id": ID, "channel": "telegram", "address": "•••", "stored": True, "active": True,
    "since": None, "symbols": ["BTCUSDT"], "strategies": [], "direction": None, "min_score": 0.6,
    "opened": "on", "closed": "off", "quiet": [22, 7], "timezone": "UTC", "language": "en",
    "muted_until": None, "left_at": None, "moved": False, "parked_until": NOON,
    "parked_reason": "the bot was blocked", "last_sent": NOON, "refusals": 0,
}  # fmt: skip
ALARM = {
    "name": "FeedSilent", "about": "A stream is silent", "threshold": "above 60 in 5 of 5 × 1 min",
    "state": "alarm", "since": NOON, "runbook": "docs/runbook.md#feedsilent",
}  # fmt: skip


def form(name: str, **changes: Any) -> dict[str, Any]:
    strategy, _, label = name.partition("@")
    return {
        "name": name, "strategy": strategy, "set": label or "default", "status": "shadow",
        "since": NOON, "reason": "", "digest": "0f3c58a1d2b4", "evidence": "", "problem": "",
        "about": "A new high of some days.", "every": "1d", "intervals": ["1d"], "features": [],
        "needs": [], "warm_up": {"1d": 120}, "editable": True, "fields": FIELDS,
        "history": HISTORY, **changes,
    }  # fmt: skip


SYMBOLS = ("BTCUSDT", "ETHUSDT", "SOLUSDT")


def preview(asked: Mapping[str, Any]) -> dict[str, Any]:
    """One symbol a request, of three that are followed; no state of SOLUSDT is stored."""
    symbols = [*asked["symbols"]] or [*SYMBOLS]
    first, rest = symbols[:1], symbols[1:]
    unknown = [one for one in first if one == "SOLUSDT"]
    done = [one for one in first if one not in unknown]

    def of(name: str, closed: int, wins: int, net: float) -> dict[str, Any]:
        closed, wins, net = (closed, wins, net) if done else (0, 0, 0.0)
        row = {"id": f"{name}#{done}", "symbol": "".join(done), "direction": "long", "r": 1.25,
               "close_time": NOON, "entry_price": 100.5, "outcome": "tp_hit",
               "net_pct": 0.4}  # fmt: skip
        return {"name": name, "closed": closed, "wins": wins, "net_pct": net, "open": len(done),
                "net_pct_squares": net * net, "r_sum": net, "r_count": closed,
                "list": [row] if done else []}  # fmt: skip

    return {
        "start": NOON, "end": NOON, "market": "simulated", "symbols": done, "skipped": rest,
        "unknown": unknown, "since": NOON, "proposed": of(asked["name"], 20, 8, 6.0),
        "current": of(asked["name"], 15, 3, -3.0), "live": [of("classic", 40, 20, 1.0)],
        "notes": ["hindsight: these parameters were chosen after the week was known"],
    }  # fmt: skip


@dataclass
class Operated:
    """What the operator's endpoints answer, and what they were asked."""

    source: str = "cloudwatch"
    subscribers: list[dict[str, Any]] = field(default_factory=lambda: [dict(SUBSCRIBER)])
    changes: list[dict[str, Any]] = field(default_factory=list)
    forms: dict[str, dict[str, Any]] = field(default_factory=dict)
    previews: list[dict[str, Any]] = field(default_factory=list)
    hold_previews: bool = False
    """Whether all previews but the first get no answer."""
    held: asyncio.Event = field(default_factory=asyncio.Event)

    async def form(self, request: web.Request) -> web.Response:
        name = request.match_info["name"]
        return web.json_response(form(name, **self.forms.get(name, {})))

    async def answer(self, request: web.Request) -> web.Response:
        """Answer a request below /settings, as change_settings does."""
        if request.headers.get("X-Operator-Token") != TOKEN:
            return _problem(401, "this is not the operator's token")
        body = await request.json() if request.method == "POST" else None
        match request.match_info["name"], body:
            case "subscribers", None:
                return web.json_response({"subscribers": self.subscribers, "count": 1})
            case "subscribers", dict(found):
                self.subscribers[0] |= {"active": False, "parked_until": None, "parked_reason": ""}
                self.changes.append(found)
                return web.json_response(self.subscribers[0])
            case "alarms", None:
                rows = [ALARM] if self.source == "cloudwatch" else []
                return web.json_response({"source": self.source, "alarms": rows})
            case "preview", dict(found):
                self.previews.append(found)
                if self.hold_previews and len(self.previews) > 1:
                    await self.held.wait()
                return web.json_response(preview(found))
            case _, dict(found):
                return self._change(found)
            case _:
                return _problem(404, "there is no such path")

    def _change(self, found: dict[str, Any]) -> web.Response:
        days = found.get("parameters", {}).get("days", 10)
        if days > 60:
            return _problem(400, f"parameter days = {days} must be from 5 to 60")
        self.changes.append(found)
        command = f"signalengine strategy promote {found['name']} --evidence FILE"
        status = {"shadow": "shadow", "pause": "parked"}.get(found["action"], "off")
        return web.json_response({
            "name": found["name"], "before": None, "status": status, "digest": "0f3c58a1d2b4",
            "changes": 1, "notes": ["the functions read it within a minute"], "command": command,
        })  # fmt: skip


def _problem(status: int, detail: str) -> web.Response:
    return web.json_response(
        {"title": "refused", "status": status, "detail": detail}, status=status
    )
