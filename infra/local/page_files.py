"""The files of the stand-ins' pages: what each server answers, and the frame that they share."""

from pathlib import Path
from typing import Final

from aiohttp import web

from infra.local.operator_requests import Handler

POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
FRAME: Final = "frame.css"
"""The header and the type of every page: a file beside this one."""


def page_routes(folder: Path, script: str, style: str) -> list[web.RouteDef]:
    """Return the routes of a page: its document, its script, its style and the frame."""
    return [
        web.get("/", _file(folder / "index.html", "text/html")),
        web.get(f"/{script}", _file(folder / script, "text/javascript")),
        web.get(f"/{style}", _file(folder / style, "text/css")),
        web.get(f"/{FRAME}", _file(Path(__file__).with_name(FRAME), "text/css")),
    ]


def _file(path: Path, content_type: str) -> Handler:
    async def serve(_request: web.Request) -> web.StreamResponse:
        headers = {"Content-Security-Policy": POLICY, "Cache-Control": "no-cache"}
        body = path.read_bytes()
        return web.Response(body=body, content_type=content_type, charset="utf-8", headers=headers)

    return serve
