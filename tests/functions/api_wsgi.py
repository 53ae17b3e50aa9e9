"""The HTTP API as a WSGI application: requests become API Gateway's events."""

from base64 import b64decode, b64encode
from collections.abc import Callable, Iterable, Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl

from tests.functions.api_requests import handled

_UNUSED = {"HTTP_ACCEPT_ENCODING"}  # a WSGI client does not inflate


def application(
    environ: Mapping[str, Any], start_response: Callable[[str, list[tuple[str, str]]], object]
) -> Iterable[bytes]:
    """Answer one request through the function's handler."""
    answer = handled(event_of(environ))
    status = HTTPStatus(answer["statusCode"])
    headers = {**answer.get("headers", {}), **_joined(answer.get("multiValueHeaders", {}))}
    start_response(f"{status.value} {status.phrase}", list(headers.items()))
    body = (answer.get("body") or "").encode()
    return [b64decode(body) if answer.get("isBase64Encoded") else body]


def event_of(environ: Mapping[str, Any]) -> dict[str, Any]:
    """Return API Gateway's event (payload 2.0): values of doubled names are joined by commas."""
    path = environ["PATH_INFO"].encode("latin-1").decode(errors="replace")
    query = environ.get("QUERY_STRING", "")
    values: dict[str, list[str]] = {}
    for name, value in parse_qsl(query, keep_blank_values=True, errors="replace"):
        values.setdefault(name, []).append(value)
    size = int(environ.get("CONTENT_LENGTH") or 0)
    body = environ["wsgi.input"].read(size) if size else b""
    return {
        "version": "2.0",
        "routeKey": "ANY /{proxy+}",
        "rawPath": path,
        "rawQueryString": query,
        "queryStringParameters": {name: ",".join(found) for name, found in values.items()} or None,
        "headers": {
            name.removeprefix("HTTP_").replace("_", "-").lower(): value
            for name, value in environ.items()
            if (name.startswith("HTTP_") or name == "CONTENT_TYPE") and name not in _UNUSED
        },
        "requestContext": {
            "http": {
                "method": environ["REQUEST_METHOD"], "path": path, "sourceIp": "192.0.2.7",
            },
            "stage": "$default",
        },
        "body": b64encode(body).decode() if body else None,
        "isBase64Encoded": bool(body),
    }  # fmt: skip


def _joined(headers: Mapping[str, list[str]]) -> dict[str, str]:
    return {name: ", ".join(values) for name, values in headers.items()}
