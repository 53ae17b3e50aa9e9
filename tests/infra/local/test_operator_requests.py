"""The endpoints for operators refuse what a foreign page can send."""

from collections.abc import Iterator
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path

import pytest

from tests.infra.local.exchange.samples import served, two_symbols
from tests.telegram_server import running_telegram

FOREIGN = ("evil.example", "127.evil.example", "127.0.0.1.nip.example", "evil-localhost:80", "[bad")
JSON = {"Content-Type": "application/json"}


@dataclass(frozen=True, slots=True)
class Listening:
    """A server that has such endpoints, and a fault that it accepts."""

    port: int
    fault: str

    def send(self, method: str, body: str | None = None, **headers: str) -> tuple[int, str]:
        """Return status and text of the answer to a request for the faults."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request(method, "/_local/faults", body, headers)
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        finally:
            connection.close()


@pytest.fixture(params=["exchange", "telegram"])
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Listening]:
    if request.param == "telegram":
        with running_telegram() as telegram:
            yield Listening(telegram.port, '{"kind": "500"}')
    else:
        with served(two_symbols(tmp_path)) as exchange:
            yield Listening(exchange.port, '{"kind": "missing", "for": 5}')


def test_a_foreign_host_is_refused(server: Listening) -> None:
    before = server.send("GET")
    for host in FOREIGN:
        for method in ("GET", "POST", "DELETE"):
            assert server.send(method, server.fault, Host=host, **JSON)[0] in (400, 403)
    for host in ("127.0.0.1", "localhost", f"localhost:{server.port}", f"[::1]:{server.port}"):
        assert server.send("GET", Host=host) == before


@pytest.mark.parametrize(
    "kind",
    ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "",
     "text/plain; application/json"],
)  # fmt: skip
def test_what_a_page_sends_without_permission_is_refused(server: Listening, kind: str) -> None:
    before = server.send("GET")
    assert server.send("POST", server.fault, **{"Content-Type": kind})[0] == 400
    assert server.send("GET") == before


def test_json_of_this_machine_is_accepted(server: Listening) -> None:
    before = server.send("GET")
    assert server.send("POST", server.fault, **JSON)[0] == 200
    assert server.send("GET") != before
