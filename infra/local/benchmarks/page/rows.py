"""A small stack for one page: the built site, many signals, and a feed whose prices move."""

import asyncio
import random
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import count, islice
from pathlib import Path
from threading import Thread
from typing import Any, Final

from aiohttp import web
from signalengine.intervals import MINUTE_MS
from signalengine.signals import public, settled

from infra.local.benchmarks.api import signals
from infra.local.front.site import Site, page_config
from infra.local.operator_requests import new_token, only_this_machine
from infra.parts.site.routes import route, table

OPEN: Final = 5
"""The newest signals, whose rows have prices."""
TICK_S: Final = 0.25
"""Between two messages with prices; a stack sends one in two seconds."""
SMALL_BYTES: Final = 1_000


def rows(number: int) -> list[dict[str, Any]]:
    """Return signals as the API shows them, newest first; all but the newest are closed."""
    made = sorted(islice(signals(number), number), key=lambda one: -one[0].close_time)
    return [
        public(signal if at < OPEN else settled(signal, end))
        for at, (signal, end) in enumerate(made)
    ]


@contextmanager
def served(site: Path, listed: list[dict[str, Any]]) -> Iterator[str]:
    """Serve a built site with these signals, from a thread; yields its address."""
    loop = asyncio.new_event_loop()
    runner = web.AppRunner(_Stack(site, listed).app(), access_log=None, shutdown_timeout=0.2)
    loop.run_until_complete(runner.setup())
    loop.run_until_complete(web.TCPSite(runner, "127.0.0.1", 0).start())
    thread = Thread(target=loop.run_forever, name="rows", daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        asyncio.run_coroutine_threadsafe(runner.cleanup(), loop).result(30)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


class _Stack:
    def __init__(self, site: Path, listed: list[dict[str, Any]]) -> None:
        self._site = Site(site, page_config(chat=False, market="live"))
        self._rows = listed
        self._time = listed[0]["close_time"] + MINUTE_MS

    def app(self) -> web.Application:
        app = web.Application(middlewares=[only_this_machine(new_token())])
        app.router.add_get(table()["feed"], self._feed)
        app.router.add_get(f"/{table()['prefix']}/signals", self._page)
        app.router.add_get("/{path:.*}", self._file)
        return app

    async def _file(self, request: web.Request) -> web.Response:
        target = route("GET", request.path, request.headers.get("Accept", ""))
        if target.kind not in ("page", "file"):
            return web.json_response({"status": 404, "detail": "not here"}, status=404)
        return _compressed(self._site.answer(target.path))

    async def _page(self, request: web.Request) -> web.Response:
        start = int(request.query.get("cursor", "0"))
        end = start + int(request.query["limit"])
        shown = self._rows[start:end]
        more = str(end) if end < len(self._rows) else None
        return _compressed(
            web.json_response({"signals": shown, "count": len(shown), "cursor": more})
        )

    async def _feed(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        ticking = asyncio.create_task(self._tick(socket))
        try:
            async for frame in socket:
                if '"resume"' in frame.data:
                    data = {"cursor": 0, "complete": True, "events": [], "next": None}
                    await socket.send_json({"type": "connected", "data": data})
        finally:
            ticking.cancel()
        return socket

    async def _tick(self, socket: web.WebSocketResponse) -> None:
        chance = random.Random(5)
        prices = {row["symbol"]: row["entry_price"] for row in self._rows[:OPEN]}
        with suppress(ConnectionError):
            for n in count():
                prices = {name: at * chance.uniform(0.999, 1.001) for name, at in prices.items()}
                data = {"time": self._time + n, "prices": prices, "market": "live"}
                await socket.send_json({"type": "prices" if n % 40 else "status", "data": data})
                await asyncio.sleep(TICK_S)


def _compressed(answer: web.Response) -> web.Response:
    """As CloudFront and the API do."""
    if answer.body is not None and len(answer.body) > SMALL_BYTES:  # type: ignore[arg-type]
        answer.enable_compression(web.ContentCoding.gzip)
    return answer
