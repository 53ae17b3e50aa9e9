"""One proxy for all clients: this machine is direct for each of them, Binance for none."""

import os
from collections.abc import Callable
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import pytest
from botocore.utils import get_environ_proxies as of_botocore
from requests.utils import get_environ_proxies as of_requests
from websocket._url import get_proxy_info
from yarl import URL

from infra.build import proxies
from tests.connect_proxy import dead_port

LOOPBACK = ("http://127.0.0.1:4566/x", "http://localhost:9000", "https://site.localhost")
OUTSIDE = ("http://fapi.binance.com/x", "https://fapi.binance.com/x")
ADDRESS = "http://me:secret@proxy.example:3128"


def of_urllib(url: str) -> dict[str, str]:
    return {} if proxy_bypass(urlsplit(url).hostname or "") else getproxies()


def of_websocket(url: str) -> dict[str, str]:
    parts = urlsplit(url)
    host, port, login = get_proxy_info(parts.hostname or "", parts.scheme == "https")
    user = f"{login[0]}:{login[1]}@" if login else ""
    return {parts.scheme: f"http://{user}{host}:{port}"} if host else {}


def of_aiohttp(url: str) -> dict[str, str]:
    from aiohttp.helpers import get_env_proxy_for_url

    try:
        address, login = get_env_proxy_for_url(URL(url))
    except LookupError:
        return {}
    user = f"{login.login}:{login.password}@" if login else ""
    return {urlsplit(url).scheme: f"http://{user}{address.host}:{address.port}"}


CLIENTS = (of_urllib, of_requests, of_botocore, of_websocket, of_aiohttp)


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.lower().endswith("_proxy")]:
        monkeypatch.delenv(name)
    monkeypatch.setattr(os, "environ", os.environ.copy())


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize(
    "given",
    [{"HTTP_PROXY": ADDRESS, "HTTPS_PROXY": ADDRESS}, {"all_proxy": ADDRESS},
     {"ALL_PROXY": "me:secret@proxy.example:3128", "NO_PROXY": "intranet.example"},
     {"http_proxy": ADDRESS, "https_proxy": ADDRESS, "no_proxy": ""}],
)  # fmt: skip
def test_every_client_reads_the_same(
    client: Callable[[str], dict[str, str]], given: dict[str, str]
) -> None:
    for name, text in given.items():
        os.environ[name] = text
    proxies.unify(os.environ)
    for url in LOOPBACK:
        assert not client(url).get(urlsplit(url).scheme), url
    for url in OUTSIDE:
        assert client(url)[urlsplit(url).scheme] == ADDRESS, url
    if "NO_PROXY" in given:
        assert not client("https://intranet.example/").get("https")


def test_nothing_is_written_where_no_proxy_is_named() -> None:
    environ = {"NO_PROXY": "a.example", "PATH": "/bin"}
    proxies.unify(environ)
    assert environ == {"NO_PROXY": "a.example", "PATH": "/bin"}


def test_a_port_is_added_and_everything_may_stay_direct() -> None:
    environ = {"https_proxy": "http://proxy.example", "no_proxy": "*"}
    proxies.unify(environ)
    assert environ["HTTPS_PROXY"] == "http://proxy.example:80"
    assert environ["NO_PROXY"] == "*"


def test_unify_again_changes_nothing() -> None:
    environ = {"ALL_PROXY": ADDRESS, "NO_PROXY": "a.example, b.example"}
    proxies.unify(environ)
    once = dict(environ)
    proxies.unify(environ)
    assert environ == once


def test_a_proxy_of_another_kind_is_left_alone_and_named() -> None:
    environ = {"ALL_PROXY": "socks5://127.0.0.1:1080"}
    proxies.unify(environ)
    assert "http_proxy" not in environ
    found = proxies.problem(environ)
    assert (
        found == "ALL_PROXY: socks5:// is not supported: set it to the http:// address of a proxy"
    )


@pytest.mark.enable_socket
def test_a_dead_proxy_is_named_without_its_password() -> None:
    port = dead_port()
    found = proxies.problem({"HTTPS_PROXY": f"http://me:secret@127.0.0.1:{port}"})
    assert found is not None
    assert f"the proxy 127.0.0.1:{port} does not answer" in found
    assert "unset HTTPS_PROXY" in found
    assert "secret" not in found
    assert proxies.problem({}) is None
    assert proxies.problem({"HTTPS_PROXY": f"http://127.0.0.1:{port}", "NO_PROXY": "*"}) is None
