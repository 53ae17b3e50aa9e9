"""URLs of destinations: what is refused, and what an operator may open."""

import pytest
from signalengine_aws.channels.http.urls import ForbiddenAddressError, target_of

REFUSED = [
    "", "https://", "https:///x", "https:x", "HTTPS://example.com/", "ftp://example.com/",
    "file:///etc/passwd", "gopher://example.com/", "http://example.com/", "//example.com/",
    "https://user@example.com/", "https://user:word@example.com/", "https://example.com:8443/",
    "https://example.com:80/", "https://example.com\\@127.0.0.1/", "https://example.com#@x/",
    "https://example.com/a b", "https://example.com/\r\nX: y", "https://example.com/\x00",
    "https://example.com/é", "https://exämple.com/", "https://example.com:/", "https://[::1]/x#y",
    "https://example.com:443:443/", "https://[fe80::1%25eth0]/", " https://example.com/",
    "https://example.com/\n", f"https://example.com/{'a' * 2_000}", "https://[127.0.0.1/",
    "https://example.com:0/", "https://example.com:65536/", "https://example.com:99999/",
]  # fmt: skip


@pytest.mark.parametrize("url", REFUSED)
def test_what_can_be_read_in_two_ways_is_refused(url: str) -> None:
    with pytest.raises(ForbiddenAddressError) as caught:
        target_of(url)
    assert "example" not in str(caught.value)


def test_a_url_is_read() -> None:
    target = target_of("https://Hooks.Example.com/a/b%20c?d=e&f=~")
    assert (target.host, target.port, target.path) == ("hooks.example.com", 443, "/a/b%20c?d=e&f=~")
    assert (target.authority, target.tls, target.opened) == ("hooks.example.com", True, False)
    assert target_of("https://example.com?a=b").path == "/?a=b"
    assert target_of("https://example.com").path == "/"
    assert target_of("https://[2606:4700::1]/x").authority == "[2606:4700::1]"
    assert "hooks" not in repr(target)


@pytest.mark.parametrize(
    ("url", "opened"),
    [
        ("http://ntfy.lan/x", "ntfy.lan"),
        ("https://ntfy.lan/x", "NTFY.lan"),
        ("http://ntfy.lan:8080/x", "ntfy.lan:8080"),
        ("http://[::1]:8080/x", "[::1]:8080"),
        ("https://[fd12::1]/x", "[fd12::1]"),
        ("http://ntfy.lan/x", "ntfy.lan:80"),
    ],
)
def test_the_operator_opens_a_host(url: str, opened: str) -> None:
    assert target_of(url, [opened]).opened
    with pytest.raises(ForbiddenAddressError):
        target_of("http://other.lan/x", [opened])


@pytest.mark.parametrize(
    "url", ["http://ntfy.lan:8081/x", "http://a.ntfy.lan/x", "http://ntfy.lan.example.com/x"]
)
def test_no_other_host_and_port_is_opened_with_it(url: str) -> None:
    with pytest.raises(ForbiddenAddressError):
        target_of(url, ["ntfy.lan", "ntfy.lan:8080"])
