"""A server on loopback that keeps the requests it receives, and answers as it is ordered to."""

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

from tests.tls_server import self_signed

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
Answer: TypeAlias = bytes | Callable[[socket.socket], None]


def status(code: int, body: str = "", **headers: str) -> bytes:
    """Return an answer; underscores in names of headers stand for hyphens."""
    lines = [f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items()]
    head = f"HTTP/1.1 {code} x\r\nContent-Length: {len(body)}\r\n{''.join(lines)}\r\n"
    return (head + body).encode()


@dataclass(frozen=True, slots=True)
class Received:
    """One request."""

    path: str
    headers: dict[str, str]
    """By their names in lower case."""
    body: bytes


@dataclass(slots=True)
class Receiver:
    """`orders` are the answers to come, one a request; without one it is `OK`.

    An answer that is called gets the connection, which ends after it. While `closing` is not set,
    it may wait on it.
    """

    port: int
    certificate: Path | None = None
    orders: list[Answer] = field(default_factory=list)
    requests: list[Received] = field(default_factory=list)
    names: list[str | None] = field(default_factory=list)
    """The names that clients requested a certificate for."""
    closing: threading.Event = field(default_factory=threading.Event)

    def hang(self, connection: socket.socket) -> None:
        """An answer that never comes."""
        self.closing.wait()

    def trust(self) -> ssl.SSLContext:
        """Return what a client has to trust."""
        return ssl.create_default_context(cafile=str(self.certificate))


@contextmanager
def receiver(folder: Path | None = None, name: str = "receiver.test") -> Iterator[Receiver]:
    """Run one; with a `folder` it has TLS, and a certificate of this name."""
    server = socket.create_server(("127.0.0.1", 0))
    certificate = None if folder is None else self_signed(folder, name)
    running = Receiver(server.getsockname()[1], certificate)
    context = None
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, certificate.parent / "key.pem")
        context.sni_callback = lambda _one, asked, _context: running.names.append(asked)
    threads: list[threading.Thread] = []
    accepting = threading.Thread(target=_accept, args=(server, context, running, threads))
    accepting.start()
    try:
        yield running
    finally:
        running.closing.set()
        server.shutdown(socket.SHUT_RDWR)
        server.close()
        for thread in (accepting, *threads):
            thread.join(10)


def _accept(
    server: socket.socket,
    context: ssl.SSLContext | None,
    running: Receiver,
    threads: list[threading.Thread],
) -> None:
    with contextlib.suppress(OSError):
        while True:
            connection, _ = server.accept()
            thread = threading.Thread(target=_serve, args=(connection, context, running))
            threads.append(thread)
            thread.start()


def _serve(connection: socket.socket, context: ssl.SSLContext | None, running: Receiver) -> None:
    with connection, contextlib.suppress(OSError, ValueError):
        if context is not None:
            connection = context.wrap_socket(connection, server_side=True)
        with connection:
            running.requests.append(_read(connection))
            answer = running.orders.pop(0) if running.orders else OK
            if callable(answer):
                answer(connection)
            else:
                connection.sendall(answer)


def _read(connection: socket.socket) -> Received:
    data = b""
    while b"\r\n\r\n" not in data:
        data += _some(connection)
    head, _, body = data.partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    headers = {line.partition(":")[0].lower(): line.partition(":")[2].strip() for line in lines}
    while len(body) < int(headers["content-length"]):
        body += _some(connection)
    return Received(first.split(" ")[1], headers, body)


def _some(connection: socket.socket) -> bytes:
    data = connection.recv(65_536)
    if not data:
        raise ConnectionResetError
    return data
