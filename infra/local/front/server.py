"""The front server: a server that sends each request where CloudFront sends it on AWS.

| request | answered by |
|---|---|
| `/ws/feed` | the feed |
| `/telegram/…` | the local Telegram's page |
| `/channels/…` | the page of the stand-ins of channels |
| `/report-files/…` | the folder of reports |
| anything else | as `infra.parts.site.routes` says: a page, a file, the API, or nothing |

A fixed port invites other pages, and names that point here: every request and socket is checked
(`ingest_task.loopback`). Its thread is its own; it listens from `open` on.
"""

import asyncio
import json
import socket
import threading
from collections.abc import Coroutine
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Final

from aiohttp import web
from aiohttp.typedefs import Handler

from infra.local.page_files import FRAME
from infra.parts.site.routes import READS, Target, route, table
from ingest_task.loopback import ISOLATION, is_loopback, refusal

from .listening import bound, name_of, refused
from .relay import MOST_BYTES, Relay
from .reports import REPORTS, ReportFiles
from .site import CHANNELS, CHAT, Site

_START_S: Final = 15.0
_PAGES: Final = {
    CHAT: ("", "chat.js", "chat.css", FRAME),
    CHANNELS: ("", "channels.js", "channels.css", FRAME),
}
"""The pages of local servers, each with its files."""
_ORDERS: Final = "_local/"


@dataclass(slots=True)
class Behind:
    """The servers behind the front server: base URLs; None for those that do not run."""

    api: str
    feed: str
    chat: str | None
    channels: str | None = None
    reports: Path = Path("reports")
    """The folder of reports; it need not be there."""

    def of_page(self, page: str) -> str | None:
        """Return the server of a local page."""
        return self.chat if page == CHAT else self.channels


class FrontServer:
    """Has its port from the beginning; raises CommandError when that is taken."""

    def __init__(self, host: str, port: int) -> None:
        self.host = host
        self._socket = bound(host, port)
        self.port: int = self._socket.getsockname()[1]
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="front", daemon=True)
        self._runner: web.AppRunner | None = None

    @property
    def authority(self) -> str:
        """Host and port, as in its addresses."""
        return f"{name_of(self.host)}:{self.port}"

    @property
    def page(self) -> str:
        """The dashboard's address."""
        return f"http://{self.authority}/"

    @property
    def api(self) -> str:
        """The API's address."""
        return f"{self.page}{table()['prefix']}"

    @property
    def feed(self) -> str:
        """The feed's address."""
        return f"ws://{self.authority}{table()['feed']}"

    @property
    def chat(self) -> str:
        """The address of the local Telegram's page."""
        return f"http://{self.authority}{CHAT}"

    @property
    def channels(self) -> str:
        """The address of the page of the stand-ins of channels."""
        return f"http://{self.authority}{CHANNELS}"

    def open(self, site: Site, behind: Behind) -> None:
        """Answer from now on."""
        self._thread.start()
        self._wait_for(self._start(site, behind))

    def close(self) -> None:
        """Stop; may be called without `open`."""
        if self._thread.is_alive():
            self._wait_for(self._stop())
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join(_START_S)
        self._loop.close()
        self._socket.close()

    def _wait_for(self, work: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(_START_S)

    async def _start(self, site: Site, behind: Behind) -> None:
        answers = _Answers(site, behind, Relay(), open_reports=is_loopback(self.host))
        guard = _guard(self.host, self.port, site)
        app = web.Application(middlewares=[guard], client_max_size=MOST_BYTES)
        app.add_routes([web.route("*", "/{path:.*}", answers.answer)])
        app.on_shutdown.append(answers.close)
        self._runner = web.AppRunner(
            app, access_log=None, shutdown_timeout=0.5, auto_decompress=False
        )
        await self._runner.setup()
        try:
            await web.SockSite(self._runner, self._socket).start()
        except OSError as error:  # bound by two at the same time
            raise refused(self.host, self.port, error) from None

    async def _stop(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()


class _Answers:
    """Who answers what."""

    def __init__(self, site: Site, behind: Behind, relay: Relay, *, open_reports: bool) -> None:
        """`open_reports`: the folder of reports is served; it has no token."""
        self._open_reports = open_reports
        self._site = site
        self._behind = behind
        self._relay = relay
        self._reports = ReportFiles(behind.reports)

    async def close(self, _app: web.Application) -> None:
        await self._relay.close()

    async def answer(self, request: web.Request) -> web.StreamResponse:
        path, _, query = request.raw_path.partition("?")
        if path == table()["feed"]:
            return await self._feed(request)
        for page in _PAGES:
            if path == page.rstrip("/") or path.startswith(page):
                return await self._page(request, page, path, query)
        if self._open_reports and path.startswith(REPORTS) and request.method in READS:
            return self._reports.answer(path.removeprefix(REPORTS))
        target = _target(request)
        if target.kind == "api":
            return await self._pass_on(request, f"{self._behind.api}{target.path}", query)
        if target.kind == "nothing":
            return web.json_response({"message": "there is nothing at this address"}, status=404)
        return self._site.answer(target.path)

    async def _feed(self, request: web.Request) -> web.StreamResponse:
        if not web.WebSocketResponse().can_prepare(request):
            return web.json_response({"message": "this is a WebSocket"}, status=426)
        return await self._relay.socket(request, self._behind.feed)

    async def _page(
        self, request: web.Request, page: str, path: str, query: str
    ) -> web.StreamResponse:
        """Answer with a local server's page and its orders; all else of it is for programs."""
        name, base = path.removeprefix(page), self._behind.of_page(page)
        if base is None:
            message = "the real service is used"
            return web.json_response({"message": message}, status=404)
        if not path.startswith(page):
            return web.Response(status=302, headers={"Location": page})
        is_file = name in _PAGES[page] and request.method in READS
        if not is_file and not name.startswith(_ORDERS):
            return web.json_response({"message": "there is nothing at this address"}, status=404)
        return await self._pass_on(request, f"{base}/{name}", query)

    async def _pass_on(self, request: web.Request, url: str, query: str) -> web.StreamResponse:
        whole = f"{url}?{query}" if query else url
        return await self._relay.request(request, whole, self._site.headers)


def _guard(host: str, port: int, site: Site) -> Any:
    """Return the middleware that refuses foreign pages and names, and adds the site's headers."""

    @web.middleware
    async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
        reason = _refusal(request, host, port)
        if reason:
            body = json.dumps({"message": f"Forbidden: {reason}"})
            answer: web.StreamResponse = web.json_response(text=body, status=403)
        else:
            answer = await handler(request)
        if not answer.prepared:
            for name, value in site.headers.items():
                answer.headers.setdefault(name, value)
            answer.headers.update(ISOLATION)
        return answer

    return guard


def _refusal(request: web.Request, host: str, port: int) -> str:
    headers = [(name.lower(), value) for name, value in request.headers.items()]
    is_page = request.method in READS and (
        request.path in _PAGES or _target(request).kind in ("page", "file")
    )
    everywhere = not is_loopback(host)
    reason = refusal(headers, port, page=is_page, any_host=everywhere)
    if not reason and everywhere and not _is_address(request.headers.get("Host", "")):
        return "Host must be an address or this machine's name"
    return reason


def _is_address(host: str) -> bool:
    """Return whether a Host is an IP address, or a name that no one else can point here."""
    name = host.rpartition(":")[0] if not host.endswith("]") else host
    name = (name or host).strip("[]").lower()
    own = socket.gethostname().lower()
    if name in ("localhost", own, f"{own}.local"):
        return True
    try:
        ip_address(name)
    except ValueError:
        return False
    return True


def _target(request: web.Request) -> Target:
    path = request.raw_path.partition("?")[0]
    return route(request.method, path, request.headers.get("Accept", ""))
