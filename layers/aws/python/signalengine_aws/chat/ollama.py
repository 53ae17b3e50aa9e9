"""An Ollama server as the chat's model: `POST /api/chat`, tools, and an answer in JSON lines."""

import json
import time
from collections.abc import Iterator, Sequence
from typing import Any, Final

import urllib3
from urllib3.exceptions import HTTPError

from .turns import (
    Call,
    ModelUnavailableError,
    Piece,
    Text,
    Tool,
    ToolCalls,
    ToolResults,
    Turn,
    Words,
)

CONNECT_TIMEOUT_S: Final = 2.0
MAX_LINE_BYTES: Final = 65_536
MAX_CALLS: Final = 8
_OPTIONS: Final = {"temperature": 0.2, "num_predict": 500}


class Ollama:
    """One model of one server."""

    name = "ollama"

    def __init__(self, base_url: str, model: str) -> None:
        self._url = f"{base_url.rstrip('/')}/api/chat"
        self._model = model
        self._pool = urllib3.PoolManager(retries=False)

    def stream(
        self, system: str, turns: Sequence[Turn], tools: Sequence[Tool], timeout_s: float
    ) -> Iterator[Piece]:
        """As `Model.stream`; the time is that of the whole answer."""
        until = time.monotonic() + timeout_s
        try:
            for line in self._lines(request(self._model, system, turns, tools), until):
                yield from pieces(line)
        except (HTTPError, OSError) as error:
            raise ModelUnavailableError(f"ollama: {type(error).__name__}") from error

    def _lines(self, body: dict[str, Any], until: float) -> Iterator[dict[str, Any]]:
        timeout = urllib3.Timeout(
            connect=CONNECT_TIMEOUT_S, read=max(0.1, until - time.monotonic())
        )
        response = self._pool.request(
            "POST",
            self._url,
            body=json.dumps(body).encode(),
            headers={"Content-Type": "application/json"},
            timeout=timeout,
            preload_content=False,
            redirect=False,
        )
        try:
            if response.status != 200:
                raise ModelUnavailableError(f"ollama: HTTP {response.status}")
            yield from _parsed(response, until)
        finally:
            response.drain_conn() if time.monotonic() < until else response.close()
            response.release_conn()


def _parsed(response: urllib3.BaseHTTPResponse, until: float) -> Iterator[dict[str, Any]]:
    """Yield the JSON lines up to the one with `done`; raises ModelUnavailableError."""
    buffer = b""
    for chunk in response.stream(4096):
        if time.monotonic() > until:
            raise ModelUnavailableError("ollama: it took too long")
        *lines, buffer = (buffer + chunk).split(b"\n")
        if len(buffer) > MAX_LINE_BYTES:
            raise ModelUnavailableError("ollama: an endless line")
        for line in lines:
            row = _row(line)
            yield row
            if row.get("done"):
                return
    raise ModelUnavailableError("ollama: the answer broke off")


def _row(line: bytes) -> dict[str, Any]:
    try:
        row = json.loads(line)
    except ValueError as error:
        raise ModelUnavailableError("ollama: a line that is no JSON") from error
    if not isinstance(row, dict) or "error" in row:
        raise ModelUnavailableError("ollama: it reports an error")
    return row


def request(
    model: str, system: str, turns: Sequence[Turn], tools: Sequence[Tool]
) -> dict[str, Any]:
    """Return the body of a request (pure)."""
    body: dict[str, Any] = {
        "model": model,
        "stream": True,
        "messages": [{"role": "system", "content": system}],
        "options": dict(_OPTIONS),
    }
    for turn in turns:
        body["messages"] += _messages(turn)
    if tools:
        body["tools"] = [_described(tool) for tool in tools]
    return body


def _messages(turn: Turn) -> list[dict[str, Any]]:
    match turn:
        case Text(role=role, text=text):
            return [{"role": role, "content": text}]
        case ToolCalls(text=text, calls=calls):
            tool_calls = [{"function": {"name": c.name, "arguments": c.arguments}} for c in calls]
            return [{"role": "assistant", "content": text, "tool_calls": tool_calls}]
        case ToolResults(results=results):
            return [
                {"role": "tool", "tool_name": call.name, "content": text} for call, text in results
            ]


def _described(tool: Tool) -> dict[str, Any]:
    about = {"name": tool.name, "description": tool.about, "parameters": dict(tool.parameters)}
    return {"type": "function", "function": about}


def pieces(row: dict[str, Any]) -> Iterator[Piece]:
    """Yield the pieces of one line of an answer (pure); parts of another shape are ignored."""
    message = row.get("message")
    if not isinstance(message, dict):
        return
    if isinstance(message.get("content"), str) and message["content"]:
        yield Words(message["content"])
    calls = message.get("tool_calls")
    for at, call in enumerate(calls[:MAX_CALLS] if isinstance(calls, list) else ()):
        function = call.get("function") if isinstance(call, dict) else None
        if isinstance(function, dict):
            yield Call(f"call{at}", str(function.get("name")), function.get("arguments"))
