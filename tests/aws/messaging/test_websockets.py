"""Posting to WebSocket clients, over a real connection to a server that answers as AWS does."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote

import pytest
from signalengine.errors import PermanentError, TransientError
from signalengine_aws.messaging.websockets import (
    MAX_MESSAGE_BYTES,
    ApiSockets,
    GoneError,
    encode,
    endpoint,
)
from signalengine_aws.runtime import clients

pytestmark = pytest.mark.enable_socket


class Gateway(ThreadingHTTPServer):
    """The management API of a stage; connection ids say how it answers."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Post)
        self.got: list[tuple[str, bytes]] = []
        self.ended: list[str] = []


class _Post(BaseHTTPRequestHandler):
    server: Gateway

    def do_GET(self) -> None:
        self.do_POST()

    def do_DELETE(self) -> None:
        self.server.ended.append(unquote(self.path).rpartition("/")[2])
        self.do_POST()

    def do_POST(self) -> None:
        stage, _, connection_id = unquote(self.path).partition("/@connections/")
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        status = int(connection_id) if connection_id.isdecimal() else 200
        if status == 200:
            self.server.got.append((f"{stage} {connection_id}", body))
        names = {410: "GoneException", 403: "ForbiddenException", 413: "PayloadTooLargeException"}
        self.send_response(status)
        if status in names:
            self.send_header("x-amzn-ErrorType", names[status])
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name in the base
        """Say nothing."""


@pytest.fixture
def gateway(monkeypatch: pytest.MonkeyPatch) -> Iterator[Gateway]:
    server = Gateway()
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def api(gateway: Gateway) -> ApiSockets:
    base = f"http://127.0.0.1:{gateway.server_port}/_aws/execute-api"
    return ApiSockets(clients.sockets(endpoint(base, "", "abc", "live")))


def test_a_message_reaches_the_client_it_is_for(gateway: Gateway) -> None:
    api(gateway).post("L0SM9cOFvHcCIhw=", encode({"type": "keepalive"}))
    assert gateway.got == [("/_aws/execute-api/abc/live L0SM9cOFvHcCIhw=", b'{"type":"keepalive"}')]


def test_a_client_that_has_left_is_gone(gateway: Gateway) -> None:
    with pytest.raises(GoneError):
        api(gateway).post("410", b"{}")


def test_a_connection_is_open_or_gone(gateway: Gateway) -> None:
    api(gateway).check("L0SM9cOFvHcCIhw=")
    assert gateway.got == [("/_aws/execute-api/abc/live L0SM9cOFvHcCIhw=", b"")]
    with pytest.raises(GoneError):
        api(gateway).check("410")
    with pytest.raises(PermanentError):
        api(gateway).check("403")


def test_a_connection_is_ended_or_gone(gateway: Gateway) -> None:
    api(gateway).close("L0SM9cOFvHcCIhw=")
    with pytest.raises(GoneError):
        api(gateway).close("410")
    assert gateway.ended == ["L0SM9cOFvHcCIhw=", "410"]


@pytest.mark.parametrize(("status", "kind"), [("403", PermanentError), ("413", PermanentError)])
def test_an_error_that_a_retry_cannot_help_is_permanent(
    gateway: Gateway, status: str, kind: type[Exception]
) -> None:
    with pytest.raises(kind):
        api(gateway).post(status, b"{}")


def test_an_unreachable_gateway_is_transient() -> None:
    class Away:
        def post_to_connection(self, **_: object) -> None:
            from botocore.exceptions import EndpointConnectionError

            raise EndpointConnectionError(endpoint_url="http://127.0.0.1")

    with pytest.raises(TransientError):
        ApiSockets(Away()).post("x", b"{}")  # type: ignore[arg-type]  # a fake of one method


def test_the_endpoint_is_that_of_aws_unless_a_base_is_given() -> None:
    assert endpoint("", "ap-northeast-1", "abc", "live") == (
        "https://abc.execute-api.ap-northeast-1.amazonaws.com/live"
    )
    assert endpoint("http://localhost:4566/_aws/execute-api", "", "abc", "live") == (
        "http://localhost:4566/_aws/execute-api/abc/live"
    )


def test_a_message_over_the_limit_is_refused_before_it_is_sent() -> None:
    with pytest.raises(PermanentError, match="131072"):
        encode({"data": "x" * MAX_MESSAGE_BYTES})
