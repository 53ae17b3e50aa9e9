"""Local servers refuse what a foreign page sends; their operators' endpoints want a token."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Final

import pytest

from infra.assets import ROOT
from infra.local.faults.stream import LocalStream
from infra.local.operator_requests import TOKEN_HEADER
from tests.infra.local.exchange.samples import served, two_symbols
from tests.telegram_server import running_telegram

FOREIGN: Final = ("evil.example", "127.evil.example", "127.0.0.1.nip.example", "evil-localhost:80",
                  "[bad", "localhost", "api.localhost", "")  # fmt: skip
JSON: Final = {"Content-Type": "application/json"}
PAGES: Final[tuple[dict[str, str], ...]] = (
    {"Origin": "http://evil.example"}, {"Origin": "null"}, {"Origin": "http://localhost:1"},
    {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"},
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Listening:
    """A server that has such endpoints, a fault that it accepts, and its token."""

    port: int
    fault: str
    token: str
    data: str
    """A path for everyone here."""

    def send(
        self, method: str, body: str | None = None, path: str = "/_local/faults", **headers: str
    ) -> tuple[int, str]:
        """Return status and text of the answer to a request."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        finally:
            connection.close()

    @property
    def operator(self) -> dict[str, str]:
        """The operator's header."""
        return {TOKEN_HEADER: self.token}


@pytest.fixture(params=["exchange", "telegram"])
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Listening]:
    if request.param == "telegram":
        with running_telegram() as telegram:
            data, token = f"/bot{telegram.token}/getMe", telegram.server.token
            yield Listening(telegram.port, '{"kind": "500"}', token, data)
    else:
        with served(two_symbols(tmp_path)) as exchange:
            data, token = "/fapi/v1/time", exchange.exchange.token
            yield Listening(exchange.port, '{"kind": "missing", "for": 5}', token, data)


def test_a_foreign_host_is_refused_everywhere(server: Listening) -> None:
    before = server.send("GET", **server.operator)
    for host in FOREIGN:
        for method in ("GET", "POST", "DELETE"):
            status, _ = server.send(method, server.fault, Host=host, **JSON, **server.operator)
            assert status in (400, 403)
        for path in ("/", server.data):
            assert server.send("GET", path=path, Host=host)[0] in (400, 403)
    for host in ("127.0.0.1", "localhost", "127.9.9.9", "[::1]"):
        here = {"Host": f"{host}:{server.port}"}
        assert server.send("GET", **here, **server.operator) == before
        assert server.send("GET", path=server.data, **here)[0] == 200


@pytest.mark.parametrize("page", PAGES, ids=lambda page: " ".join(page.values()))
def test_a_page_of_another_origin_is_refused_everywhere(
    server: Listening, page: dict[str, str]
) -> None:
    before = server.send("GET", **server.operator)
    for method in ("GET", "POST", "DELETE", "OPTIONS"):
        assert server.send(method, server.fault, **page, **JSON, **server.operator)[0] == 403
        assert server.send(method, path=server.data, **page)[0] == 403
    assert server.send("GET", **server.operator) == before


def test_orders_want_the_token_of_this_run(server: Listening) -> None:
    before = server.send("GET", **server.operator)
    wrong: list[dict[str, str]] = [{}, *({TOKEN_HEADER: token} for token in ("", "x", "\xff"))]
    for headers in wrong:
        for method in ("GET", "POST", "DELETE"):
            status, text = server.send(method, server.fault, **JSON, **headers)
            assert (status, server.token in text) == (401, False)
        in_query = f"/_local/faults?control_token={server.token}"
        assert server.send("POST", server.fault, in_query, **JSON, **headers)[0] == 401
    assert server.send("GET", **server.operator) == before


@pytest.mark.parametrize(
    "kind",
    ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "",
     "text/plain; application/json"],
)  # fmt: skip
def test_what_a_page_sends_without_permission_is_refused(server: Listening, kind: str) -> None:
    before = server.send("GET", **server.operator)
    headers = {"Content-Type": kind} | server.operator
    assert server.send("POST", server.fault, **headers)[0] == 400
    assert server.send("GET", **server.operator) == before


def test_json_with_the_token_is_accepted(server: Listening) -> None:
    before = server.send("GET", **server.operator)
    assert server.send("POST", server.fault, **JSON, **server.operator)[0] == 200
    assert server.send("GET", **server.operator) != before


def test_the_bot_api_is_for_programs() -> None:
    with running_telegram() as telegram:
        own = f"http://127.0.0.1:{telegram.port}"
        path = f"/bot{telegram.token}/setWebhook"
        hook = {"url": f"{own}/hook"}
        for page in ({"Origin": own}, {"Sec-Fetch-Site": "same-origin"}, {"Sec-Fetch-Mode": "x"}):
            assert telegram.request("POST", path, hook, **page)[0] == 403
            assert telegram.request("GET", f"{path}?url={own}", **page)[0] == 403
        assert telegram.server.bot.webhook.url == ""
        assert telegram.request("POST", path, hook)[0] == 200


def test_the_chat_page_may_be_linked_to_and_not_framed() -> None:
    arrival = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}
    with running_telegram() as telegram:
        assert telegram.request("GET", "/", **arrival, **{"Sec-Fetch-Dest": "document"})[0] == 200
        assert telegram.request("GET", "/", **arrival, **{"Sec-Fetch-Dest": "iframe"})[0] == 403
        assert telegram.request("GET", "/_local/chats", **arrival)[0] == 403


def test_tokens_differ_from_run_to_run() -> None:
    with running_telegram() as one, running_telegram() as other:
        assert one.token != other.token
        assert one.server.token != other.server.token


def test_the_stream_of_the_fault_bench_is_for_programs_of_this_machine() -> None:
    with LocalStream(lambda: 0) as stream:
        body = json.dumps({"Records": [{"Data": "e30=", "PartitionKey": "x"}]})
        server = Listening(stream.port, "", "", "/")
        target = {"X-Amz-Target": "Kinesis_20131202.PutRecords"}
        for headers in (*PAGES, {"Host": "evil.example"}):
            assert server.send("POST", body, "/", **target, **headers)[0] == 403
        assert stream.taken == []
        assert server.send("POST", body, "/", **target)[0] == 200


def test_no_local_server_is_without_a_guard() -> None:
    made = [
        (path.name, line.strip())
        for path in sorted((ROOT / "infra" / "local").rglob("*.py"))
        for line in path.read_text().replace("(\n", "(").splitlines()
        if "web.Application(" in line
    ]
    assert len(made) == 11
    # The proxy passes each request on as it came, Host and Origin too, to the embedded AWS's guard.
    assert [name for name, line in made if "middlewares=[" not in line] == ["proxy.py"]
