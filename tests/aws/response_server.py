"""A server that keeps what is put to it, as CloudFormation's ResponseURL does."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class ResponseServer(ThreadingHTTPServer):
    """Refuses the first `refusals` puts with 503, then keeps them."""

    daemon_threads = True

    def __init__(self, refusals: int = 0) -> None:
        super().__init__(("127.0.0.1", 0), _Put)
        self.refusals = refusals
        self.answers: list[dict[str, Any]] = []
        self.content_types: list[str | None] = []

    def request(self, kind: str, **properties: Any) -> dict[str, Any]:
        """A request of CloudFormation, to be answered here."""
        return {
            "RequestType": kind,
            "ResponseURL": f"http://127.0.0.1:{self.server_port}/response?signature=1",
            "StackId": "arn:aws:cloudformation:eu-west-1:123456789012:stack/S/1",
            "RequestId": "request-1",
            "LogicalResourceId": "Sitedeployed",
            "ResourceType": "Custom::Site",
            "ResourceProperties": {"ServiceToken": "arn:aws:lambda:…", **properties},
        }


class _Put(BaseHTTPRequestHandler):
    server: ResponseServer

    def do_PUT(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        status = 503 if self.server.refusals > 0 else 200
        self.server.refusals -= 1
        if status == 200:
            self.server.answers.append(json.loads(body))
            self.server.content_types.append(self.headers["Content-Type"])
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name in the base
        """Say nothing."""


@contextmanager
def response_server(refusals: int = 0) -> Iterator[ResponseServer]:
    """Run a server in a thread of its own."""
    with ResponseServer(refusals) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()
