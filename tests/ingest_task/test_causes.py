"""Why the exchange does not answer: from the errors of real servers and real libraries."""

import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
import websocket
from signalengine.errors import MalformedFactError, TransientError
from signalengine.exchanges.binance.exchange import BINANCE

from ingest_task import outbound
from ingest_task.backfill import rest as rest_module
from ingest_task.backfill.rest import RestClient
from ingest_task.causes import Cause, cause_of
from tests.connect_proxy import dead_port
from tests.ingest_task.small_exchange import SmallExchange, small_exchange
from tests.tls_server import tls_echo

TIME = "/fapi/v1/time"


@pytest.fixture
def exchange() -> Iterator[SmallExchange]:
    with small_exchange() as running:
        yield running


def cause_at(base: str) -> Cause:
    """The cause of one failed request."""
    rest = RestClient(BINANCE.rest, base, threading.Event(), tries=1)
    with pytest.raises((TransientError, MalformedFactError)) as caught:
        rest.server_time()
    return cause_of(caught.value, base)


def test_a_name_that_does_not_exist() -> None:
    cause = cause_at("https://fapi.exchange.invalid")
    assert cause.text == "the name fapi.exchange.invalid cannot be resolved"
    with pytest.raises((websocket.WebSocketException, OSError)) as caught:
        websocket.create_connection("wss://fapi.exchange.invalid/ws", timeout=2)
    assert cause_of(caught.value, "wss://fapi.exchange.invalid/ws") == cause
    assert "HTTPS_PROXY" in cause.fix


def test_a_port_where_nothing_listens() -> None:
    port = dead_port()
    assert cause_at(f"http://127.0.0.1:{port}").text == "127.0.0.1 refuses connections"
    with pytest.raises(OSError) as caught:
        websocket.create_connection(f"ws://127.0.0.1:{port}", timeout=2)
    assert cause_of(caught.value, "ws://127.0.0.1").text == "127.0.0.1 refuses connections"


def test_a_server_that_never_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rest_module, "TIMEOUT_S", (0.2, 0.2))
    with socket.create_server(("127.0.0.1", 0)) as silent:
        cause = cause_at(f"http://127.0.0.1:{silent.getsockname()[1]}")
    assert cause.text == "127.0.0.1 does not answer in time"


@pytest.mark.parametrize(
    ("status", "words"),
    [(418, "banned this address (HTTP 418)"), (429, "limits the rate"), (403, "firewall"),
     (502, "answers HTTP 502")],
)  # fmt: skip
def test_an_answer_of_the_exchange(exchange: SmallExchange, status: int, words: str) -> None:
    exchange.answers[TIME] = [(status, {}, "no")]
    cause = cause_at(exchange.rest_base)
    assert words in cause.text
    assert cause.fix


def test_an_answer_of_somebody_else(exchange: SmallExchange) -> None:
    exchange.answers[TIME] = [(200, {}, "<html>Please log in</html>")]
    cause = cause_at(exchange.rest_base)
    assert "does not answer as the exchange does" in cause.text
    assert "login page" in cause.fix


def test_a_refused_handshake_of_a_websocket(exchange: SmallExchange) -> None:
    url = f"{exchange.ws_base}/nowhere"
    with pytest.raises(websocket.WebSocketBadStatusException) as caught:
        websocket.create_connection(url, timeout=2)
    assert cause_of(caught.value, url).text == "127.0.0.1: it answers HTTP 404"


@pytest.mark.parametrize(("hours", "fix"), [(1, "REQUESTS_CA_BUNDLE"), (-1, "clock")])
def test_a_certificate_that_is_not_accepted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, hours: int, fix: str
) -> None:
    with tls_echo(tmp_path, "localhost", valid_hours=hours) as (port, certificate):
        if hours < 0:
            monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
        cause = cause_at(f"https://localhost:{port}")
        url = f"wss://localhost:{port}/ws"
        with pytest.raises(OSError) as caught:
            websocket.create_connection(url, timeout=2, **outbound.socket_options(url))
    assert cause.text.startswith("TLS with localhost fails: ")
    assert fix in cause.fix
    assert cause_of(caught.value, url) == cause


def test_a_port_that_contains_a_status_is_no_status(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:40755")
    error = requests.exceptions.ProxyError("HTTPSConnectionPool(port=40755): refused")
    assert "fails" in cause_of(error, "https://fapi.exchange.example").text
    error = requests.exceptions.ProxyError("Tunnel connection failed: 407 Login required")
    assert "requires a login" in cause_of(error, "https://fapi.exchange.example").text


def test_an_unknown_error_keeps_its_words() -> None:
    assert cause_of(ValueError("odd"), "http://a.example/x") == Cause("a.example: odd")
    assert cause_of(ValueError(), "http://a.example/x") == Cause("a.example: ValueError")
