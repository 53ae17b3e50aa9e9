"""Asking the HTTP API as API Gateway hands a request over."""

import gzip
import json
from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from functions.answer_email import handler as answer_email
from functions.answer_push import handler as answer_push
from functions.serve_api import handler as serve_api


class LambdaContext:
    """What Powertools' resolver looks at."""

    aws_request_id = "request"
    function_name = "serve_api"


def handled(event: Mapping[str, Any]) -> dict[str, Any]:
    """Return the answer of the function that API Gateway's routes choose."""
    beginning = event["rawPath"].split("/")[1:2]
    modules = {"email": answer_email, "push": answer_push}
    module = next((modules[one] for one in beginning if one in modules), serve_api)
    return module.handler(dict(event), LambdaContext())


@dataclass(frozen=True, slots=True)
class Answer:
    """One HTTP answer."""

    status: int
    headers: Mapping[str, str]
    text: str

    @property
    def body(self) -> Any:
        return json.loads(self.text)

    @property
    def kind(self) -> str:
        """Its media type, without parameters."""
        return self.headers["Content-Type"].partition(";")[0]


def ask(
    path: str,
    query: Mapping[str, str] | None = None,
    *,
    method: str = "GET",
    headers: Mapping[str, str] | None = None,
    body: str | None = None,
    client: str = "192.0.2.7",
) -> Answer:
    """Return the answer to one request; compressed answers are unpacked."""
    event = {
        "version": "2.0",
        "routeKey": "ANY /{proxy+}",
        "rawPath": path,
        "queryStringParameters": dict(query) if query else None,
        "headers": {"origin": "https://example.com", "accept": "*/*", **(headers or {})},
        "requestContext": {
            "http": {"method": method, "path": path, "sourceIp": client},
            "stage": "$default",
        },
        "body": None if body is None else b64encode(body.encode()).decode(),
        "isBase64Encoded": body is not None,
    }
    answer = handled(event)
    text = answer.get("body") or ""
    if answer.get("isBase64Encoded"):
        raw = b64decode(text)
        packed = answer["headers"].get("Content-Encoding") == "gzip"
        text = (gzip.decompress(raw) if packed else raw).decode()
    return Answer(answer["statusCode"], answer["headers"], text)


def get(path: str, **query: str) -> tuple[int, dict[str, Any]]:
    """Return status and JSON of a GET; checks its type."""
    answer = ask(path, query)
    good = answer.status == 200
    assert answer.kind == ("application/json" if good else "application/problem+json")
    return answer.status, answer.body
