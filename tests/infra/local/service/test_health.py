"""The health of a service, by a server of the test's own."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest

from infra.local.service.health import Health, health
from infra.local.stack.ministack import free_port

pytestmark = pytest.mark.enable_socket
WELL = json.dumps({"status": "ok", "components": {"feed": "ok", "fold": "ok"}}).encode()
ILL = json.dumps({"status": "degraded", "components": {"feed": "stale", "fold": "ok"}}).encode()


@contextmanager
def answering(body: bytes, status: int = 200) -> Iterator[int]:
    """Serve one answer at /health; gives the port."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status if self.path == "/health" else 404)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None: ...

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


def test_a_good_health_is_ok() -> None:
    with answering(WELL) as port:
        assert health(port) == Health("ok")


def test_what_is_not_well_is_named() -> None:
    with answering(ILL) as port:
        found = health(port)
    assert (found.status, found.components, found.is_ok) == ("degraded", ("feed",), False)


def test_a_proxy_of_the_environment_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    with answering(WELL) as port:
        assert health(port).is_ok


def test_nobody_there_is_no_answer() -> None:
    found = health(free_port())
    assert (found.status, found.is_ok) == ("no answer", False)
    assert "refused" in found.reason


@pytest.mark.parametrize("body", [b"<html>", b"[]", b"{}", b'{"status": "ok", "components": 1}'])
def test_another_program_is_no_answer(body: bytes) -> None:
    with answering(body) as port:
        assert health(port) == Health("no answer", f"another program answers on port {port}")


def test_an_error_is_no_answer() -> None:
    with answering(WELL, 500) as port:
        assert health(port).status == "no answer"
