"""This machine is an address on loopback; requests come from its programs or its own pages."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest_task.loopback import is_loopback, is_of_a_browser, refusal

PORT = 4566
OWN = f"localhost:{PORT}"
HERE = ("127.0.0.1", "127.8.9.10", "::1", "::ffff:127.0.0.1", "localhost", "LOCALHOST")
ELSEWHERE = (
    "127.evil.example", "127.0.0.1.nip.example", "127.", "localhost.evil", "localhost.evil.example",
    "evil-localhost", "api.localhost", "localhost.", "", "0.0.0.0", "10.0.0.1", "::", "127.0.0.1.",  # noqa: S104 - not bound
    "192.168.1.7", "fe80::1", "::ffff:10.0.0.1", "2130706433", "0x7f000001", "127.1", "0177.0.0.1",
    "１２７.0.0.1", "127.0.0.1%0a", "user@127.0.0.1", "[::1]", " 127.0.0.1",
)  # fmt: skip


@pytest.mark.parametrize("host", HERE)
def test_a_loopback_address_is_this_machine(host: str) -> None:
    assert is_loopback(host)
    written = f"[{host}]" if ":" in host else host
    assert refusal([("host", f"{written}:{PORT}")], PORT) == ""


@pytest.mark.parametrize("host", ELSEWHERE)
def test_a_name_or_another_address_is_not(host: str) -> None:
    assert not is_loopback(host)
    for written in (host, f"[{host}]"):
        if not is_loopback(written.strip("[]").strip()):
            assert refusal([("host", f"{written}:{PORT}")], PORT) != ""


@pytest.mark.parametrize(
    "host",
    ["localhost", "127.0.0.1", "localhost:80", "localhost:4567", "localhost:", "localhost:4566:1",
     "[::1]", "[::1", "::1:4566", "localhost:99999", "localhost:-4566", "localhost:4566@evil",
     "localhost:4566/", f"localhost:{PORT},evil.example", "http://localhost:4566"],
)  # fmt: skip
def test_a_host_names_the_servers_port(host: str) -> None:
    assert refusal([("host", host)], PORT) != ""


def test_without_a_port_it_is_80() -> None:
    assert refusal([("host", "localhost")], 80) == ""


@given(st.text(string.ascii_lowercase + string.digits + ".:-[]@%/", max_size=24))
def test_no_other_text_is_a_host(host: str) -> None:
    if refusal([("host", host)], PORT) == "":
        name = host.removesuffix(f":{PORT}").strip("[]")
        assert name == "localhost" or is_loopback(name)


def test_one_host_is_needed() -> None:
    assert refusal([], PORT) != ""
    assert refusal([("host", OWN), ("host", OWN)], PORT) != ""
    assert refusal([("host", OWN), ("host", "evil.example")], PORT) != ""


@pytest.mark.parametrize(
    ("name", "value", "accepted"),
    [
        ("origin", f"http://{OWN}", True), ("origin", f"http://127.0.0.1:{PORT}", False),
        ("origin", "http://localhost", False), ("origin", f"https://{OWN}", False),
        ("origin", "null", False), ("origin", "", False), ("origin", "http://evil.example", False),
        ("origin", f"http://{OWN}.evil.example", False), ("origin", "http://localhost:1", False),
        ("sec-fetch-site", "same-origin", True), ("sec-fetch-site", "none", True),
        ("sec-fetch-site", "same-site", False), ("sec-fetch-site", "cross-site", False),
        ("sec-fetch-site", "", False), ("sec-fetch-site", "unknown", False),
        ("referer", "http://evil.example/", True),
    ],
)  # fmt: skip
def test_only_the_servers_own_pages_and_programs_are_answered(
    name: str, value: str, accepted: bool
) -> None:
    for first in ([], [(name, value)]):
        headers = [("host", OWN), *first, (name, value)]
        assert (refusal(headers, PORT) == "") is accepted
    assert (refusal([("host", "any.example:1"), (name, value)], PORT, any_host=True) == "") is (
        accepted and name != "origin"
    )


def test_a_reader_arrives_at_a_page_and_at_nothing_else() -> None:
    arrival = [("host", OWN), ("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "navigate"),
               ("sec-fetch-dest", "document")]  # fmt: skip
    assert refusal(arrival, PORT, page=True) == ""
    assert refusal(arrival, PORT) != ""
    for changed in (("sec-fetch-dest", "iframe"), ("sec-fetch-mode", "no-cors")):
        others = [pair for pair in arrival if pair[0] != changed[0]]
        assert refusal([*others, changed], PORT, page=True) != ""
        assert refusal([*arrival, changed], PORT, page=True) != ""
    assert refusal([*arrival, ("origin", "http://evil.example")], PORT, page=True) != ""


def test_a_browser_is_known_by_its_headers() -> None:
    assert not is_of_a_browser([("host", OWN), ("user-agent", "Mozilla/5.0")])
    assert is_of_a_browser([("origin", f"http://{OWN}")])
    assert is_of_a_browser([("sec-fetch-site", "same-origin")])
    assert is_of_a_browser([("sec-fetch-dest", "empty")])
