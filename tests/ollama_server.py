"""A fake Ollama server on a loopback port: `POST /api/chat` with the real answers' form.

It has no model: each request is answered by the next scripted turn, as JSON lines in chunks, and
every request is stored. A turn is the model's answer: pieces of text, and tool calls as
`{"name", "arguments"}`; or a `Fault`; or the bytes of a whole response, which may never end.
"""

import json
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, TypeAlias

MODEL = "llama3.2:3b"


@dataclass(frozen=True, slots=True)
class Fault:
    """A failing request: an HTTP status, or a body that is sent unchanged and may be cut off."""

    status: int = 200
    body: bytes = b""
    wait_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Raw:
    """A response of any bytes, status line included, sent until the client closes."""

    chunks: Callable[[], Iterator[bytes]]
    pause_s: float = 0.0
    """The time between two chunks."""


Turn: TypeAlias = Sequence[str | dict[str, Any]] | Fault | Raw


@dataclass
class OllamaServer:
    """The remaining script, and the requests received."""

    turns: list[Turn]
    requests: list[dict[str, Any]] = field(default_factory=list)
    port: int = 0
    closed: threading.Event = field(default_factory=threading.Event)
    """Whether the client has closed a raw response."""

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def rows(self, turn: Sequence[str | dict[str, Any]]) -> Iterator[dict[str, Any]]:
        """Yield the lines of an answer, in Ollama's form."""
        head = {"model": MODEL, "created_at": "2026-11-22T12:00:00.000000Z"}
        for piece in turn:
            message: dict[str, Any] = {"role": "assistant", "content": ""}
            if isinstance(piece, str):
                message["content"] = piece
            else:
                message["tool_calls"] = [{"function": piece}]
            yield head | {"message": message, "done": False}
        end = {"role": "assistant", "content": ""}
        counts = {"total_duration": 1, "prompt_eval_count": 1, "eval_count": len(turn)}
        yield head | {"message": end, "done": True, "done_reason": "stop"} | counts


@contextmanager
def running_ollama(*turns: Turn) -> Iterator[OllamaServer]:
    """Run a server with this script until the block ends."""
    state = OllamaServer(list(turns))
    ended = threading.Event()

    class Api(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            size = int(self.headers["Content-Length"])
            request = json.loads(self.rfile.read(size))
            state.requests.append(request)
            turn = state.turns.pop(0) if state.turns else Fault(500)
            if self.path != "/api/chat" or request["model"] != MODEL:
                turn = Fault(404, b'{"error":"model not found, try pulling it first"}')
            if isinstance(turn, Fault):
                self._fail(turn)
            elif isinstance(turn, Raw):
                self._send(turn)
            else:
                self._answer(turn)

        def _answer(self, turn: Sequence[str | dict[str, Any]]) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "application/x-ndjson")
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            for row in state.rows(turn):
                line = json.dumps(row).encode() + b"\n"
                self.wfile.write(b"%x\r\n%s\r\n" % (len(line), line))
                self.wfile.flush()
            self.wfile.write(b"0\r\n\r\n")

        def _send(self, raw: Raw) -> None:
            self.close_connection = True
            try:
                for chunk in raw.chunks():
                    self.connection.sendall(chunk)
                    if ended.wait(raw.pause_s):
                        return
            except OSError:
                state.closed.set()

        def _fail(self, fault: Fault) -> None:
            ended.wait(fault.wait_s)
            self.send_response(fault.status)
            self.send_header("Content-Length", str(len(fault.body)))
            self.end_headers()
            self.wfile.write(fault.body)

        def log_message(self, *_args: Any) -> None:
            """Keep the test's output clean."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Api) as server:
        state.port = server.server_port
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        try:
            yield state
        finally:
            ended.set()
            server.shutdown()
            thread.join(5)
