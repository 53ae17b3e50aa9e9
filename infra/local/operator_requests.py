"""Requests that only this machine may send, above all those to the `/_local/` endpoints.

A page of any site can send requests to a server on loopback, so listening there is not enough: its
Host names the site when the site's name was pointed to 127.0.0.1, and without permission (CORS) it
cannot send JSON.
"""

from collections.abc import Awaitable, Callable
from typing import Final

from aiohttp import web
from aiohttp.typedefs import Middleware

from infra.local.loopback import is_loopback

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
LOCAL: Final = "/_local/"
"""Below it are the endpoints for the operator, not for the engine."""
_JSON: Final = "application/json"


def only_this_machine(below: str) -> Middleware:
    """Return a middleware that refuses other Hosts for paths below `below`.

    A POST to a `/_local/` endpoint has to carry JSON.
    """

    @web.middleware
    async def refuse_others(request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.path.startswith(below) and not _is_for_this_machine(request):
            return _refused("this server is for this machine only", 403)
        is_order = request.method == "POST" and request.path.startswith(LOCAL)
        if is_order and request.content_type != _JSON:
            return _refused(f"Content-Type must be {_JSON}", 400)
        return await handler(request)

    return refuse_others


def _is_for_this_machine(request: web.Request) -> bool:
    """Return whether the request's Host is this machine; False for one that is no address."""
    try:
        return is_loopback(request.url.host or "")
    except ValueError:
        return False


def _refused(reason: str, status: int) -> web.Response:
    return web.json_response({"error": reason}, status=status)
