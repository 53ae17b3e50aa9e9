"""The exchange through a real proxy: REST, WebSocket and TLS; this machine never through it."""

import ssl
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
import websocket
from signalengine.exchanges.binance.exchange import BINANCE

from ingest_task.backfill.rest import ExchangeAwayError, RestClient
from ingest_task.causes import cause_of
from ingest_task.outbound import http_session, socket_options
from tests.connect_proxy import LOGIN, ConnectProxy, connect_proxy, dead_port
from tests.ingest_task.samples import T0
from tests.ingest_task.small_exchange import SmallExchange, small_exchange
from tests.tls_server import tls_echo

NAME = "fapi.exchange.example"


@pytest.fixture
def exchange() -> Iterator[SmallExchange]:
    with small_exchange() as running:
        yield running


@pytest.fixture
def proxy(exchange: SmallExchange, monkeypatch: pytest.MonkeyPatch) -> Iterator[ConnectProxy]:
    with connect_proxy(exchange.port) as running:
        for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "no_proxy"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("ALL_PROXY", running.url)
        yield running


def test_rest_goes_through_the_proxy_with_its_login(proxy: ConnectProxy) -> None:
    rest = RestClient(BINANCE.rest, f"http://{NAME}", threading.Event())
    assert rest.server_time() == T0
    assert proxy.requested == [f"GET http://{NAME}/fapi/v1/time"]
    assert proxy.refused == []


def test_a_websocket_goes_through_the_proxy_with_its_login(proxy: ConnectProxy) -> None:
    url = f"ws://{NAME}{BINANCE.streams.route}"
    with closing(websocket.create_connection(url, timeout=5, **socket_options(url))) as socket:
        socket.send('{"method": "SUBSCRIBE", "params": ["a"], "id": 1}')
        assert '"id"' in socket.recv()
    assert proxy.requested == [f"CONNECT {NAME}:80"]


def test_this_machine_is_never_requested_through_it(
    proxy: ConnectProxy, exchange: SmallExchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", proxy.url)  # what the libraries would read by themselves
    rest = RestClient(BINANCE.rest, exchange.rest_base, threading.Event())
    assert rest.server_time() == T0
    url = f"{exchange.ws_base}{BINANCE.streams.route}"
    websocket.create_connection(url, timeout=5, **socket_options(url)).close()
    assert proxy.requested == proxy.refused == []


def test_wss_is_tunnelled_and_trusts_the_named_certificate(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with tls_echo(tmp_path, NAME) as (port, certificate), connect_proxy(port) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.url)
        url = f"wss://{NAME}/ws"
        with pytest.raises(ssl.SSLError) as caught:
            websocket.create_connection(url, timeout=5, **socket_options(url))
        assert "REQUESTS_CA_BUNDLE" in cause_of(caught.value, url).fix
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
        with closing(websocket.create_connection(url, timeout=5, **socket_options(url))) as socket:
            socket.send("hello")
            assert socket.recv() == "hello"
        assert http_session(f"https://{NAME}").verify == str(certificate)
        assert proxy.requested == [f"CONNECT {NAME}:443"] * 2


def test_a_wrong_login_and_a_dead_proxy_are_named(
    proxy: ConnectProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ALL_PROXY", f"http://{LOGIN[0]}:wrong@127.0.0.1:{proxy.port}")
    url = f"wss://{NAME}/ws"
    with pytest.raises(websocket.WebSocketException) as caught:
        websocket.create_connection(url, timeout=5, **socket_options(url))
    cause = cause_of(caught.value, url)
    assert cause.text == f"the proxy http://127.0.0.1:{proxy.port} requires a login (HTTP 407)"
    port = dead_port()
    monkeypatch.setenv("ALL_PROXY", f"http://127.0.0.1:{port}")
    rest = RestClient(BINANCE.rest, f"https://{NAME}", threading.Event(), tries=1)
    with pytest.raises(ExchangeAwayError) as away:
        rest.server_time()
    cause = cause_of(away.value, f"https://{NAME}")
    assert f"the proxy http://127.0.0.1:{port} fails: Connection refused" in cause.text
    assert "unset HTTPS_PROXY" in cause.fix
