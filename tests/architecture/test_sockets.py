"""The tests' own fence: sockets are closed, and open to loopback only where they are open.

And each test is run: of two with one id, xdist runs one.
"""

import socket
from types import SimpleNamespace
from typing import Any

import pytest
from pytest_socket import SocketBlockedError, SocketConnectBlockedError

from tests.conftest import check_ids

# Both warn as well, and warnings are errors here: either way nothing is opened.
CLOSED = (SocketBlockedError, SocketConnectBlockedError, UserWarning)
ELSEWHERE = ("192.0.2.1", 9)  # a documentation address: nobody's


def test_a_unit_test_cannot_open_a_socket() -> None:
    with pytest.raises(CLOSED):
        socket.socket()


@pytest.mark.enable_socket
def test_an_opened_test_reaches_loopback_and_nothing_else() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(server.getsockname(), timeout=5).close()
    with pytest.raises(CLOSED):
        socket.create_connection(ELSEWHERE, timeout=5)


def test_two_tests_with_one_id_are_refused() -> None:
    items: Any = [SimpleNamespace(nodeid=f"tests/test_a.py::{name}") for name in "aba"]
    with pytest.raises(pytest.UsageError, match=r"one id: .*test_a.py::a"):
        check_ids(items)
    check_ids(items[:2])
