"""A front server on a free port, with a small site, an API and a feed behind it."""

import asyncio
import http.client
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiohttp import web

from infra.local.front.server import Behind, FrontServer
from infra.local.front.site import Site, page_config
from tests.served import served

HTML = "text/html,application/xhtml+xml,*/*;q=0.8"
PAGE = """<!doctype html><base href="/" /><meta
 http-equiv="Content-Security-Policy"
 content="default-src 'none'; connect-src 'self' http: ws:" /><title>The dashboard</title>"""


@dataclass
class Servers:
    """What the servers behind got."""

    port: int = 0
    front: FrontServer = field(init=False)
    requests: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)
    sockets: list[str] = field(default_factory=list)
    """What the feed's clients sent."""
    refusing: bool = False

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        if request.path.endswith("/slow"):
            await asyncio.sleep(0.2)
        line = f"{request.method} {request.raw_path}"
        self.requests.append((line, dict(request.headers), body))
        return web.json_response({"seen": line}, headers={"X-Of-The-Api": "yes"})

    async def _feed(self, request: web.Request) -> web.StreamResponse:
        if self.refusing:
            return web.Response(status=403)
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.send_str("welcome")
        async for message in socket:
            self.sockets.append(message.data)
            if message.data == "end":
                await socket.close(code=1008)
            else:
                await socket.send_str(f"{message.data}!")
        self.sockets.append("left")
        return socket

    def request(
        self, method: str, path: str, body: str | None = None, **headers: str
    ) -> tuple[int, str, http.client.HTTPMessage]:
        """Return status, text and headers of one request; `_` in a header's name is `-`."""
        connection = http.client.HTTPConnection("127.0.0.1", self.front.port, timeout=60)
        try:
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request(method, path, body, named)
            answer = connection.getresponse()
            return answer.status, answer.read().decode(), answer.headers
        finally:
            connection.close()


@contextmanager
def front_server(folder: Path, chat: str | None = None, **options: Any) -> Iterator[Servers]:
    """Open one until the block ends; `chat` and `channels` are addresses of local servers."""
    (folder / "assets").mkdir(exist_ok=True)
    (folder / "index.html").write_text(PAGE, encoding="utf-8")
    (folder / "assets" / "app.js").write_text("1", encoding="utf-8")
    (folder.parent / "secret.txt").write_text("hidden", encoding="utf-8")
    servers = Servers()
    routes = [web.get("/live", servers._feed), web.route("*", "/api-id{path:.*}", servers._answer)]
    with ExitStack() as stack:
        servers.port = stack.enter_context(served(routes))
        servers.front = FrontServer(options.get("host", "127.0.0.1"), options.get("port", 0))
        stack.callback(servers.front.close)
        servers.front.host = options.get("opened_to", servers.front.host)
        base = f"127.0.0.1:{servers.port}"
        page = options.get("channels")
        urls = f"http://{base}/api-id", f"ws://{base}/live"
        behind = Behind(*urls, chat, page, folder / "reports")
        servers.front.open(
            Site(folder, page_config(chat=chat is not None, market="simulated")), behind
        )
        yield servers
