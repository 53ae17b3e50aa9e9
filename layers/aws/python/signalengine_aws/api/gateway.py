"""The HTTP API's events of API Gateway (payload format 2.0), read and answered.

Powertools' resolver does the same for every service of AWS: importing it takes a seventh of a cold
start of this function.
"""

import re
from base64 import b64decode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from hmac import compare_digest
from typing import Any, Final

from ..runtime.api_token import PROBE_HEADER
from .responses import Answer, lower
from .routing import Route

_IN_PATH: Final = re.compile(r"\{(\w+)\}")
_HOST: Final = re.compile(r"[a-z0-9.-]{1,253}")
_VALUE: Final = re.compile(r"[-._~()'!*:@,;=+&$%<> \[\]{}|^\w]+")
"""What may take the place of a name in a path."""


@dataclass(frozen=True, slots=True)
class Call:
    """A request as API Gateway passes it on."""

    method: str
    path: str
    """Below the stage, decoded."""
    query: Mapping[str, str]
    """A parameter that occurs twice has both values, with a comma between them."""
    headers: Mapping[str, str]
    """By lower-case name."""
    client: str
    raw_body: str
    in_base64: bool

    @property
    def body(self) -> str:
        """The body as text; raises ValueError when it is none."""
        return b64decode(self.raw_body).decode() if self.in_base64 else self.raw_body


def read_call(event: Mapping[str, Any]) -> Call:
    """Read an event."""
    where = event["requestContext"]
    http, stage, path = where["http"], where.get("stage", "$default"), event["rawPath"]
    return Call(
        method=http["method"].upper(),
        path=path if stage == "$default" else path[len(f"/{stage}") :],
        query=event.get("queryStringParameters") or {},
        headers=lower(event.get("headers")),
        client=http.get("sourceIp", ""),
        raw_body=event.get("body") or "",
        in_base64=bool(event.get("isBase64Encoded")),
    )


def routes_of(path: str, routes: Iterable[Route]) -> list[tuple[Route, dict[str, str]]]:
    """Return the routes of a path, of whatever method, with what is in the place of their names.

    A route whose path has no names goes before one with names.
    """
    plain = [(route, dict[str, str]()) for route in routes if route.path == path]
    if plain:
        return plain
    named = ((route, _pattern(route.path)) for route in routes if "{" in route.path)
    matches = ((route, pattern.fullmatch(path)) for route, pattern in named)
    return [(route, match.groupdict()) for route, match in matches if match is not None]


def are_values(path: Mapping[str, str]) -> bool:
    """Return whether all that is in the place of names may be there."""
    return all(_VALUE.fullmatch(value) for value in path.values())


@cache
def _pattern(path: str) -> re.Pattern[str]:
    return re.compile(_IN_PATH.sub(r"(?P<\1>[^/]+)", path))


def viewer(call: Call, key: str) -> str:
    """Return the address of who asks; `key` is what only CloudFront sends, "" without it.

    CloudFront's own address is that of many, and the header alone can be sent by anyone.
    """
    is_front = _has_key(call, "x-front-key", key)
    return call.headers.get("x-viewer-address", call.client) if is_front else call.client


def site_of(call: Call, key: str) -> str:
    """Return the dashboard's address by CloudFront's word, as `viewer` does; "" without it."""
    host = call.headers.get("x-viewer-host", "")
    is_front = _has_key(call, "x-front-key", key)
    return f"https://{host}/" if is_front and _HOST.fullmatch(host) else ""


def is_probe(call: Call, key: str) -> bool:
    """Return whether the stack's own probe asks; `key` is what nobody else knows, "" without it."""
    return _has_key(call, PROBE_HEADER, key)


def _has_key(call: Call, header: str, key: str) -> bool:
    sent = call.headers.get(header, "")
    return bool(key) and compare_digest(sent.encode(), key.encode())


def reply(status: int, body: str, headers: Mapping[str, str]) -> Answer:
    """Return an answer. Pages of other origins cannot read it: the dashboard has the API's own."""
    return {
        "statusCode": int(status),
        "body": body,
        "isBase64Encoded": False,
        "headers": dict(headers),
        "cookies": [],
    }
