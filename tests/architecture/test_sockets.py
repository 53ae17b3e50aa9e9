"""The tests' own fence: sockets are closed, and open to loopback only where they are open."""

import socket

import pytest
from pytest_socket import SocketBlockedError, SocketConnectBlockedError

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
