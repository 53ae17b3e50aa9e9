"""An Ollama server as the chat's model: `POST /api/chat`, tools, and an answer in JSON lines."""

import json
import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from typing import Any, Final

from urllib3.exceptions import LocationParseError
from urllib3.util import Url, parse_url

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
READ_BYTES: Final = 4_096
MAX_LINE_BYTES: Final = 65_536
MAX_CALLS: Final = 8
_OPTIONS: Final = {"temperature": 0.2, "num_predict": 500}


class Ollama:
    """One model of one server, which is not trusted: its answers are bounded in every part."""

    name = "ollama"

    def __init__(self, base_url: str, model: str) -> None:
        self._base_url = base_url
        self._model = model

    def stream(
        self, system: str, turns: Sequence[Turn], tools: Sequence[Tool], timeout_s: float
    ) -> Iterator[Piece]:
        """As `Model.stream`; the time is that of the whole answer."""
        try:
            url = parse_url(self._base_url)
            body = request(self._model, system, turns, tools)
            with closing(_connected(url, timeout_s)) as connection, _limit(connection, timeout_s):
                for line in _lines(connection, f"{(url.path or '').rstrip('/')}/api/chat", body):
                    yield from pieces(line)
        except (LocationParseError, HTTPException, OSError, RecursionError) as error:
            raise ModelUnavailableError(f"ollama: {type(error).__name__}") from error


def _connected(url: Url, timeout_s: float) -> HTTPConnection:
    kind = HTTPSConnection if url.scheme == "https" else HTTPConnection
    connection = kind(url.host or "", url.port, timeout=CONNECT_TIMEOUT_S)
    connection.connect()
    connection.sock.settimeout(max(0.1, timeout_s))
    return connection


def _lines(connection: HTTPConnection, path: str, body: Any) -> Iterator[dict[str, Any]]:
    """Send a request and yield the lines of its answer."""
    connection.request(
        "POST", path, json.dumps(body).encode(), {"Content-Type": "application/json"}
    )
    with connection.getresponse() as response:
        if response.status != HTTPStatus.OK:
            raise ModelUnavailableError(f"ollama: HTTP {response.status}")
        yield from _parsed(response)


@contextmanager
def _limit(connection: HTTPConnection, seconds: float) -> Iterator[None]:
    """End a connection after so many seconds, whatever it is reading.

    A time-out of the socket limits the wait for each byte, not their number.
    """
    timer = threading.Timer(seconds, _end, (connection.sock,))
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _end(connected: socket.socket) -> None:
    with suppress(OSError):  # it has ended already
        connected.shutdown(socket.SHUT_RDWR)


def _parsed(response: HTTPResponse) -> Iterator[dict[str, Any]]:
    """Yield the JSON lines up to the one with `done`; raises ModelUnavailableError."""
    buffer = b""
    while chunk := response.read1(READ_BYTES):
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
