"""The port of the front server: who has a taken one, and which is free instead."""

import errno
import os
import re
import socket
from collections.abc import Iterator

import psutil
import pytest

from infra.errors import CommandError
from infra.local.front.listening import bound, checked_host, holder_of, name_of, refused

pytestmark = pytest.mark.enable_socket
TOKEN = "a token of this test"


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_a_taken_port_is_said_by_whom_and_a_free_one_is_proposed(taken: int) -> None:
    with pytest.raises(CommandError) as caught:
        bound("127.0.0.1", taken)
    assert f"port {taken} is taken by " in str(caught.value)
    assert f"(process {os.getpid()})" in str(caught.value)
    found = re.fullmatch(r"Use another: signalengine up --port (\d+)", caught.value.fix)
    assert found
    with bound("127.0.0.1", int(found[1])) as free:
        assert free.getsockname()[1] == int(found[1]) != taken


def test_another_run_of_this_program_is_named_as_such(
    taken: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = ["/usr/bin/python3", "/home/me/.venv/bin/signalengine", "up"]
    monkeypatch.setattr(psutil.Process, "cmdline", lambda _self: words)
    assert holder_of(taken) == f"another SignalEngine (process {os.getpid()})"


def test_a_program_of_another_user_is_unknown(taken: int, monkeypatch: pytest.MonkeyPatch) -> None:
    def denied(_kind: str) -> list[object]:
        raise psutil.AccessDenied

    monkeypatch.setattr(psutil, "net_connections", denied)
    assert holder_of(taken) == "another program"


def test_two_that_bind_at_the_same_time_do_not_both_listen() -> None:
    with bound("127.0.0.1", 0) as one:
        port = one.getsockname()[1]
        one.listen()
        with pytest.raises(CommandError, match=f"port {port} is taken by"):
            bound("127.0.0.1", port)


def test_port_0_is_a_free_one() -> None:
    with bound("127.0.0.1", 0) as one, bound("127.0.0.1", 0) as other:
        assert one.getsockname()[1] != other.getsockname()[1]


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (errno.EACCES, "port 80 is for the system's own services"),
        (errno.EADDRNOTAVAIL, "this machine does not have the address 127.0.0.1"),
    ],
)
def test_a_port_that_cannot_be_had_has_its_reason(code: int, words: str) -> None:
    error = refused("127.0.0.1", 80, OSError(code, "no"))
    assert (str(error), bool(error.fix)) == (words, True)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "10.0.0.1"])  # noqa: S104
def test_beyond_this_machine_a_token_is_needed(host: str) -> None:
    for token in ("", "short"):
        with pytest.raises(CommandError, match="needs a token") as caught:
            checked_host(host, token)
        assert "SIGNALENGINE_TOKEN" in caught.value.fix
    assert checked_host(host, TOKEN) == host


def test_this_machine_needs_none_and_a_name_is_no_address() -> None:
    assert [checked_host(host, "") for host in ("127.0.0.1", "localhost", "::1")] == [
        "127.0.0.1", "127.0.0.1", "::1",
    ]  # fmt: skip
    for host in ("example.org", "", "127.0.0.1:8000"):
        with pytest.raises(CommandError, match="is not an IP address"):
            checked_host(host, TOKEN)


@pytest.mark.parametrize(
    ("host", "name"),
    [
        ("127.0.0.1", "localhost"), ("0.0.0.0", "localhost"), ("::", "localhost"),  # noqa: S104
        ("::1", "localhost"), ("192.168.1.5", "192.168.1.5"), ("fe80::1", "[fe80::1]"),
    ],
)  # fmt: skip
def test_addresses_name_a_host_that_can_be_opened(host: str, name: str) -> None:
    assert name_of(host) == name
