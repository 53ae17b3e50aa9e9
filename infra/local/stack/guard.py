"""Who may use the embedded AWS: the owner's key, the roles' sessions, and callers of its APIs.

An ASGI application in front of MiniStack, which by itself answers every page and every host, takes
`test`, an account's number and no key at all for the owner, and reads S3 objects and writes them
without a signature. Runs in MiniStack's process, so it imports nothing that needs a package.
"""

import hmac
import json
import re
from collections.abc import Awaitable, Callable, MutableMapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias
from urllib.parse import parse_qs

from ingest_task.loopback import ISOLATION, refusal

Scope: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send: TypeAlias = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App: TypeAlias = Callable[[Scope, Receive, Send], Awaitable[None]]
Headers: TypeAlias = list[tuple[str, str]]

HEALTH: Final = "/_ministack/health"
_API: Final = re.compile(r"/_aws/execute-api/[a-z0-9]+/(?!.*@connections).*", re.DOTALL)
"""The HTTP and WebSocket APIs, which check their own token; not the calls to clients."""
_ADMIN: Final = ("/_ministack", "/_localstack", "/health")
_ISOLATION: Final = [(name.lower().encode(), text.encode()) for name, text in ISOLATION.items()]


@dataclass(frozen=True, slots=True)
class Emulator:
    """What the guard asks the emulator, with the emulator's own functions."""

    app: App
    key_of: Callable[[dict[str, str], dict[str, list[str]]], str]
    """The access key that a request names in its headers or its query, "" for none."""
    is_session: Callable[[str], bool]
    """Whether a key belongs to a session of a role, whose signature the emulator checks."""


class Guard:
    """The application that refuses, or passes a request on."""

    def __init__(self, emulator: Emulator, ports: Sequence[int], owner: str) -> None:
        """`owner`: the access key with all rights. MiniStack does not check its signatures.

        `ports`: its own, and those of proxies before it, which pass on the Host that is signed.
        """
        self._emulator, self._ports, self._owner = emulator, ports, owner

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one connection, as ASGI defines it."""
        if scope["type"] == "lifespan":
            await self._emulator.app(scope, receive, send)
            return
        reason = self._refusal(scope)
        if not reason:
            await self._emulator.app(scope, receive, _isolated(send))
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
        else:
            await _refuse(_isolated(send), reason)

    def _refusal(self, scope: Scope) -> str:
        headers = [(name.decode("latin-1"), v.decode("latin-1")) for name, v in scope["headers"]]
        path = scope["path"]
        reasons = [refusal(headers, port) for port in self._ports]
        if "" not in reasons:
            return reasons[0]
        if scope["type"] == "websocket":
            return "" if _API.fullmatch(path) else "there is no WebSocket API here"
        if path.startswith(_ADMIN):
            is_health = path == HEALTH and scope["method"] == "GET"
            return "" if is_health else "administration is closed"
        return self._refused_key(scope, headers)

    def _refused_key(self, scope: Scope, headers: Headers) -> str:
        """Return why the request's key is refused; it is read as the emulator reads it."""
        signed = [value for name, value in headers if name == "authorization"]
        if len(signed) > 1 or not all(value.isascii() for value in signed):
            return "Authorization must be one header in ASCII"
        query = parse_qs(scope["query_string"].decode("utf-8", "replace"), keep_blank_values=True)
        key = self._emulator.key_of(dict(headers), query)
        if not key:
            is_open = _API.fullmatch(scope["path"]) is not None
            return "" if is_open else "the request is not signed"
        if hmac.compare_digest(key.encode(), self._owner.encode()):
            return ""
        return "" if self._emulator.is_session(key) else "the access key is unknown"


def _isolated(send: Send) -> Send:
    async def isolated(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            message = {**message, "headers": [*message.get("headers", []), *_ISOLATION]}
        await send(message)

    return isolated


async def _refuse(send: Send, reason: str) -> None:
    body = json.dumps({"message": f"Forbidden: {reason}"}).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": 403, "headers": headers})
    await send({"type": "http.response.body", "body": body})
