"""The server: each service's paths, the page at `/`, the operator's endpoints at `/_local/`.

| request | answered by |
|---|---|
| `POST /api/webhooks/{id}/{token}` | `discord` |
| `POST /services/{team}/{service}/{secret}` | `slack` |
| `POST /` | `ntfy` |
| `POST /hooks/{name}` | `receiver` |
| `POST /push/{name}` | `push` |
| `POST, GET /v2/email/…` | `ses` |
| `GET /` | the page of what arrived |
| `GET /_local/messages` | the messages, as JSON |
| `GET, POST, DELETE /_local/faults` | the pending faults (`faults`) |

Only this machine can use it (`infra.local.operator_requests`): the services are for programs, the
operator's endpoints want the token of this run. The page has it from the fragment of its address.
"""

import asyncio
import json
import time
from collections.abc import Sequence
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import Final

from aiohttp import web

from infra.local.operator_requests import new_token, only_this_machine
from infra.local.page_files import page_routes

from .arrivals import Arrivals
from .discord import Discord
from .faults import ANSWERED, DELIVERED, MOST_WAIT_S, Fault, Faults, read_fault
from .ntfy import Ntfy
from .push import Push
from .receiver import Receiver
from .service import Answer, Call, Service, json_answer
from .ses import Ses
from .slack import Slack

_PAGE: Final = Path(__file__).parent / "page"
_KEEPALIVE_S: Final = 15.0
MOST_BYTES: Final = 1 << 20


def services(*, limited: bool = False) -> tuple[Service, ...]:
    """Return all services; `limited`: they enforce their limits."""
    chats = (Discord(limited=limited), Slack(limited=limited), Ntfy(limited=limited))
    return (*chats, Receiver(), Ses(), Push())


class ChannelServer:
    """The routes and their shared state; `app()` returns the aiohttp application."""

    def __init__(self, known: Sequence[Service] = ()) -> None:
        self.services = tuple(known) or services()
        self.token = new_token()
        """What the operator's requests have to carry."""
        self.faults = Faults()
        self.arrivals = Arrivals()
        self._calls = count(1)
        self._run = str(wall_ms())
        self._stopping = asyncio.Event()

    def app(self) -> web.Application:
        below = tuple(prefix for one in self.services for prefix in one.prefixes if prefix != "/")
        guard = only_this_machine(self.token, pages=("/",), programs_below=below)
        app = web.Application(middlewares=[guard], client_max_size=MOST_BYTES)
        app.add_routes(
            [
                web.get("/_local/messages", self._messages),
                web.get("/_local/faults", self._list_faults),
                web.post("/_local/faults", self._add_fault),
                web.delete("/_local/faults", self._clear_faults),
                web.get("/_local/channels", self._channels),
                web.get("/_local/stream", self._stream),
                *page_routes(_PAGE, "channels.js", "channels.css"),
                web.get("/v2/email/{path:.*}", self._describe),
                web.post("/{path:.*}", self._call),
            ]
        )
        app.on_shutdown.append(self._stop)
        return app

    @property
    def destinations(self) -> dict[str, dict[str, str]]:
        """A destination of each service: its path, and what else its client needs."""
        return {one.name: dict(one.destination) for one in self.services}

    # --- the services ----------------------------------------------------------------------------

    async def _call(self, request: web.Request) -> web.StreamResponse:
        service = self._service(request.path)
        if service is None:
            return web.json_response({"error": "no service has this path"}, status=404)
        headers = {name.lower(): value for name, value in request.headers.items()}
        body, query = await request.read(), dict(request.query)
        call = Call(request.path, headers, body, wall_ms(), query, next(self._calls))
        fault = self.faults.take(service.name, service.name_of(call))
        if fault is None:
            return _response(self._answer(service, call))
        if fault.kind in ANSWERED:
            return _response(service.refusal(fault))
        return await self._disturbed(request, service, call, fault)

    async def _describe(self, request: web.Request) -> web.StreamResponse:
        """Answer what SES says of its account; faults are for messages."""
        for one in self.services:
            if isinstance(one, Ses):
                return _response(one.described(request.path))
        return web.json_response({"error": "no service has this path"}, status=404)

    def _service(self, path: str) -> Service | None:
        for one in self.services:
            for prefix in one.prefixes:
                if path == prefix if prefix == "/" else path.startswith(prefix):
                    return one
        return None

    def _answer(self, service: Service, call: Call) -> Answer:
        answer = service.answer(call)
        if answer.arrived is not None:
            self.arrivals.add(service.name, answer.arrived, call.at)
        return answer

    async def _disturbed(
        self, request: web.Request, service: Service, call: Call, fault: Fault
    ) -> web.StreamResponse:
        """Answer late, or not at all."""
        answer = json_answer(502, {})
        if fault.kind in DELIVERED:
            answer = self._answer(service, call)
        if not fault.kind.startswith("reset"):
            with suppress(TimeoutError):
                wait_s = fault.delay_s if fault.kind == "slow" else MOST_WAIT_S
                await asyncio.wait_for(self._stopping.wait(), wait_s)
        if fault.kind != "slow" and request.transport is not None:
            request.transport.abort()
        return _response(answer)

    # --- operator endpoints and the page ---------------------------------------------------------

    async def _messages(self, _request: web.Request) -> web.Response:
        return web.json_response({"messages": [one.to_dict() for one in self.arrivals.all]})

    async def _channels(self, _request: web.Request) -> web.Response:
        return web.json_response({"channels": [one.name for one in self.services]})

    async def _list_faults(self, _request: web.Request) -> web.Response:
        waiting = [
            {"channel": one.channel, "kind": one.kind, "times": one.times}
            for one in self.faults.waiting
        ]
        return web.json_response({"faults": waiting})

    async def _add_fault(self, request: web.Request) -> web.Response:
        errors = {one.name: tuple(one.errors) for one in self.services}
        try:
            self.faults.add(read_fault(await request.json(), errors))
        except ValueError as error:
            return web.json_response({"error": str(error)}, status=400)
        return await self._list_faults(request)

    async def _clear_faults(self, request: web.Request) -> web.Response:
        self.faults.clear()
        return await self._list_faults(request)

    async def _stream(self, request: web.Request) -> web.StreamResponse:
        """Server-sent events: every message so far, then each new one.

        Event ids contain this run of the server; a page from another run starts from the beginning.
        """
        response = web.StreamResponse(headers={"Cache-Control": "no-store"})
        response.content_type = "text/event-stream"
        await response.prepare(request)
        run, _, number = request.headers.get("Last-Event-ID", "").partition(".")
        at = int(number) if run == self._run and number.isdigit() else 0
        with suppress(ConnectionError):  # the page was closed
            await response.write(b": connected\n\n" if at else b"event: reset\ndata: {}\n\n")
            await self._write_arrivals(response, at)
        return response

    async def _write_arrivals(self, response: web.StreamResponse, at: int) -> None:
        while not self._stopping.is_set():
            lines = [
                f"id: {self._run}.{one.number}\ndata: {json.dumps(one.to_dict())}\n\n"
                for one in self.arrivals.all[at:]
            ]
            at += len(lines)
            await response.write("".join(lines or [": still here\n\n"]).encode())
            await self.arrivals.wait(at, _KEEPALIVE_S)

    async def _stop(self, _app: web.Application) -> None:
        self._stopping.set()
        self.arrivals.wake()


def wall_ms() -> int:
    return time.time_ns() // 1_000_000


def _response(answer: Answer) -> web.Response:
    return web.Response(
        status=answer.status,
        body=answer.body,
        headers=dict(answer.headers),
        content_type=answer.content_type if answer.body else None,
        charset="utf-8" if answer.body else None,
    )
