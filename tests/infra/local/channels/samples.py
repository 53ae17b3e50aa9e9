"""Calls of services, without a server."""

import json
from typing import Any

from infra.local.channels.service import Answer, Call, Service

NOW = 1_796_000_000_000


def call(service: Service, body: Any, *, at: int = NOW, path: str = "", **headers: str) -> Answer:
    """Return the answer to a body for the service's destination."""
    data = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
    where = path or service.destination["path"]
    return service.answer(Call(where, headers, data, at, {"wait": "true"}))


def document(answer: Answer) -> Any:
    return json.loads(answer.body)
