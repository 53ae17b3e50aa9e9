"""Connections that are forwarded to a port of this loopback, by real sockets."""

import socket
import threading
from collections.abc import Iterator

import pytest

from infra.local.container.forwarding import CHUNK, Forwarder
from infra.local.stack.ministack import free_port

pytestmark = pytest.mark.enable_socket
TIMEOUT_S = 30.0


@pytest.fixture
def door() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(TIMEOUT_S)
        yield listening


@pytest.fixture
def forwarder(door: socket.socket) -> Iterator[Forwarder]:
    running = Forwarder("127.0.0.1", 0, door.getsockname()[1])
    running.start()
    yield running
    running.stop()


def connected(forwarder: Forwarder) -> socket.socket:
    return socket.create_connection(("127.0.0.1", forwarder.port), timeout=TIMEOUT_S)


def read_all(channel: socket.socket) -> bytes:
    parts = []
    while part := channel.recv(CHUNK):
        parts.append(part)
    return b"".join(parts)


def test_both_directions_arrive_whole(door: socket.socket, forwarder: Forwarder) -> None:
    request, answer = b"q" * 300_000, b"a" * 700_000
    found = []

    def serve() -> None:
        there, _ = door.accept()
        with there:
            found.append(read_all(there))  # ends although this side still answers
            there.sendall(answer)

    thread = threading.Thread(target=serve)
    thread.start()
    with connected(forwarder) as here:
        here.sendall(request)
        here.shutdown(socket.SHUT_WR)
        assert read_all(here) == answer
    thread.join()
    assert found == [request]


def test_many_connections_do_not_wait_for_each_other(
    door: socket.socket, forwarder: Forwarder
) -> None:
    clients = [connected(forwarder) for _ in range(5)]
    servers = [door.accept()[0] for _ in clients]
    for number, server in reversed(list(enumerate(servers))):
        server.settimeout(TIMEOUT_S)
        server.sendall(b"%d" % number)
    assert sorted(client.recv(1) for client in clients) == [b"0", b"1", b"2", b"3", b"4"]
    for channel in (*clients, *servers):
        channel.close()


def test_a_connection_ends_while_nobody_answers_behind() -> None:
    alone = Forwarder("127.0.0.1", 0, free_port())
    alone.start()
    with connected(alone) as here:
        assert here.recv(1) == b""
    alone.stop()


def test_a_port_that_is_taken_is_an_error(door: socket.socket) -> None:
    with pytest.raises(OSError, match="in use"):
        Forwarder("127.0.0.1", door.getsockname()[1], 1)
