"""Who may use a local server: programs of this machine, and for orders those that hold its token.

Every endpoint refuses what foreign pages send (`ingest_task.loopback`). Below `/_local/` are the
endpoints for the operator. They want the token of this run in a header, which other users of this
machine do not know, and a body in JSON.
"""

import secrets
from collections.abc import Awaitable, Callable, Collection, Iterator
from typing import Final

import requests
from aiohttp import web
from aiohttp.typedefs import Middleware

from ingest_task.loopback import ISOLATION, is_of_a_browser, refusal

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
LOCAL: Final = "/_local/"
"""Below it are the endpoints for the operator, not for the engine."""
TOKEN_HEADER: Final = "X-Control-Token"  # noqa: S105 - the name of a header
TOKEN_FIELD: Final = "control_token"  # noqa: S105 - the name of a field
_JSON: Final = "application/json"


def new_token() -> str:
    """Return a random token for one run of a server."""
    return secrets.token_urlsafe(24)


def operator_session(token: str) -> requests.Session:
    """Return a client session that sends a server's token."""
    session = requests.Session()
    session.headers[TOKEN_HEADER] = token
    return session


def only_this_machine(
    token: str,
    *,
    open_paths: Collection[str] = (),
    pages: Collection[str] = (),
    programs_below: str | tuple[str, ...] | None = None,
) -> Middleware:
    """Return a middleware that refuses everyone else.

    `open_paths` below `/_local/` need no token; other sites may link to `pages`; no page at all may
    send requests to paths below `programs_below`.
    """

    @web.middleware
    async def refuse_others(request: web.Request, handler: Handler) -> web.StreamResponse:
        headers, path = list(_headers(request)), request.path
        is_page = request.method == "GET" and path in pages
        reason = refusal(headers, _port(request), page=is_page)
        if programs_below is not None and path.startswith(programs_below):
            reason = reason or ("this is for programs" if is_of_a_browser(headers) else "")
        refused = _refused(reason, 403) if reason else None
        if refused is None and path.startswith(LOCAL) and path not in open_paths:
            refused = _refused_order(request, token)
        answer = refused or await handler(request)
        answer.headers.update(ISOLATION)
        return answer

    return refuse_others


def _refused_order(request: web.Request, token: str) -> web.Response | None:
    if not _has_token(request, token):
        return _refused(f"{TOKEN_HEADER} must be the token of this run", 401)
    if request.method == "POST" and request.content_type != _JSON:
        return _refused(f"Content-Type must be {_JSON}", 400)
    return None


def _headers(request: web.Request) -> Iterator[tuple[str, str]]:
    return ((name.lower(), value) for name, value in request.headers.items())


def _port(request: web.Request) -> int:
    """Return the port that the request came to; 0, which no Host names, if it is gone already."""
    transport = request.transport
    name = None if transport is None else transport.get_extra_info("sockname")
    return int(name[1]) if name else 0


def _has_token(request: web.Request, token: str) -> bool:
    """An `EventSource` of a page cannot set headers: a GET may carry the token in its query."""
    given = request.headers.get(TOKEN_HEADER, "")
    if request.method == "GET" and not given:
        given = request.query.get(TOKEN_FIELD, "")
    return secrets.compare_digest(given.encode(errors="surrogateescape"), token.encode())


def _refused(reason: str, status: int) -> web.Response:
    return web.json_response({"error": reason}, status=status)
