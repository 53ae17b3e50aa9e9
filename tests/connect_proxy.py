"""A real HTTP proxy on loopback: CONNECT and plain requests, with a login; every host is one port.

It counts what it was requested, so a test sees what went through it and what did not.
"""

import base64
import contextlib
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

LOGIN = ("user", "p@ss word")
LOGIN_QUOTED = "user:p%40ss%20word"


class ConnectProxy:
    """Answers every request with the server at `port`, whatever host was requested."""

    def __init__(self, port: int) -> None:
        self.target = port
        self.requested: list[str] = []
        """What was requested, as `CONNECT host:port` or `GET http://host/path`."""
        self.refused: list[str] = []
        """Requests without the right login, which got a 407."""
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port = self._server.getsockname()[1]
        self._open: list[socket.socket] = [self._server]
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://{LOGIN_QUOTED}@127.0.0.1:{self.port}"

    def close(self) -> None:
        for one in self._open:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._server.accept()
                self._open.append(client)
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with contextlib.suppress(OSError), client:
            head = b""
            while b"\r\n\r\n" not in head:
                head += client.recv(4096)
            begin, _, rest = head.partition(b"\r\n\r\n")
            first, *fields = begin.decode().split("\r\n")
            method, target, _version = first.split(" ")
            login = base64.b64encode(":".join(LOGIN).encode()).decode()
            names = {line.split(":")[0].lower(): line.split(": ", 1)[1] for line in fields}
            if names.get("proxy-authorization") != f"Basic {login}":
                self.refused.append(f"{method} {target}")
                client.sendall(b"HTTP/1.1 407 Proxy Authentication Required\r\n"
                               b"Content-Length: 0\r\nConnection: close\r\n\r\n")  # fmt: skip
                return
            self.requested.append(f"{method} {target}")
            with socket.create_connection(("127.0.0.1", self.target)) as server:
                self._open.append(server)
                if method == "CONNECT":
                    client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
                    server.sendall(rest)
                else:
                    parts = urlsplit(target)
                    path = f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}"
                    kept = [line for line in fields if not line.lower().startswith("proxy-")]
                    lines = [f"{method} {path} HTTP/1.1", *kept, "", ""]
                    server.sendall("\r\n".join(lines).encode() + rest)
                self._copy_both_ways(client, server)

    def _copy_both_ways(self, client: socket.socket, server: socket.socket) -> None:
        back = threading.Thread(target=_copy, args=(server, client), daemon=True)
        back.start()
        _copy(client, server)
        back.join(5.0)


def _copy(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65_536):
            target.sendall(data)
    with contextlib.suppress(OSError):
        target.shutdown(socket.SHUT_WR)


@contextmanager
def connect_proxy(port: int) -> Iterator[ConnectProxy]:
    """A running proxy to the server at a port of this machine."""
    proxy = ConnectProxy(port)
    try:
        yield proxy
    finally:
        proxy.close()


def dead_port() -> int:
    """Return a port where nothing listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
