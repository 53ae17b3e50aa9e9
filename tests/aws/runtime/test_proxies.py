"""The proxy of the environment: for which requests, and how it is reached."""

import pytest
from signalengine_aws.runtime.config import ConfigError
from signalengine_aws.runtime.proxies import Proxy, proxy_of

OUTSIDE = ("https://fapi.example/x", "wss://fstream.example/ws")


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        for spelling in (name, name.upper()):
            monkeypatch.delenv(spelling, raising=False)


def test_without_a_variable_there_is_none() -> None:
    assert [proxy_of(url) for url in OUTSIDE] == [None, None]


@pytest.mark.parametrize("name", ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"])
@pytest.mark.parametrize("given", ["http://proxy.example:3128", "proxy.example:3128"])
def test_each_spelling_is_for_https_and_wss(
    monkeypatch: pytest.MonkeyPatch, name: str, given: str
) -> None:
    monkeypatch.setenv(name, given)
    assert [proxy_of(url) for url in OUTSIDE] == [Proxy("proxy.example", 3128)] * 2


def test_the_scheme_of_the_request_chooses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://plain.example")
    monkeypatch.setenv("HTTPS_PROXY", "http://secure.example:8443")
    assert proxy_of("ws://a.example") == proxy_of("http://a.example") == Proxy("plain.example", 80)
    assert proxy_of("wss://a.example") == Proxy("secure.example", 8443)


@pytest.mark.parametrize(
    "url",
    ["http://127.0.0.1:4566", "http://localhost:1", "ws://a.localhost", "http://[::1]:2",
     "https://127.8.8.8", "https://quiet.example", "https://a.quiet.example", "http://[bad"],
)  # fmt: skip
def test_this_machine_and_excepted_hosts_are_direct(
    monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    monkeypatch.setenv("ALL_PROXY", "http://proxy.example:3128")
    monkeypatch.setenv("NO_PROXY", "quiet.example")
    assert proxy_of(url) is None
    assert proxy_of("https://127.evil.example") is not None


@pytest.mark.parametrize(
    "given", ["socks5://p.example:1080", "socks://p.example", "https://p.example"]
)
def test_another_kind_is_refused_by_name(monkeypatch: pytest.MonkeyPatch, given: str) -> None:
    monkeypatch.setenv("ALL_PROXY", given)
    scheme = given.split(":")[0]
    with pytest.raises(ConfigError, match=f"ALL_PROXY: {scheme}:// is not supported; give"):
        proxy_of("https://fapi.example")
    assert proxy_of("http://localhost:1") is None


def test_a_login_is_unquoted_quoted_again_and_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("https_proxy", "http://me:p%40ss%2F@proxy.example:3128")
    proxy = proxy_of("https://fapi.example")
    assert proxy is not None
    assert (proxy.user, proxy.password) == ("me", "p@ss/")
    assert proxy.url == "http://me:p%40ss%2F@proxy.example:3128"
    assert "p@ss" not in f"{proxy} {proxy!r}"


def test_an_address_of_ipv6_keeps_its_brackets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("https_proxy", "http://[2001:db8::1]:3128")
    proxy = proxy_of("https://fapi.example")
    assert proxy is not None
    assert (proxy.host, proxy.url) == ("2001:db8::1", "http://[2001:db8::1]:3128")
