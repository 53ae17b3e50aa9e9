"""The stand-ins of channels on a loopback port, in a thread, for tests of their clients."""

import http.client
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from infra.local.channels.server import ChannelServer
from infra.local.channels.service import Service
from infra.local.operator_requests import TOKEN_HEADER
from infra.local.served_app import served


@dataclass(frozen=True, slots=True)
class RunningChannels:
    """A listening server; `server` is the object itself."""

    port: int
    server: ChannelServer

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def authority(self) -> str:
        """Host and port, as an allow-list names them."""
        return f"127.0.0.1:{self.port}"

    def destination(self, channel: str) -> Mapping[str, str]:
        return self.server.destinations[channel]

    def url(self, channel: str) -> str:
        """Return the address of a channel's destination."""
        return f"{self.base}{self.destination(channel)['path']}"

    def post(
        self, path: str, body: Any, headers: Mapping[str, str] | None = None
    ) -> tuple[int, str, http.client.HTTPMessage]:
        """Return status, text and headers of a request, as a program sends it."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            data = body if isinstance(body, bytes) else json.dumps(body).encode()
            connection.request(
                "POST", path, data, {"Content-Type": "application/json", **(headers or {})}
            )
            response = connection.getresponse()
            return response.status, response.read().decode(), response.headers
        finally:
            connection.close()

    def operator(
        self, method: str, path: str, body: Any = None, headers: Mapping[str, str] | None = None
    ) -> tuple[int, Any, http.client.HTTPMessage]:
        """Return status, JSON (or text) and headers of a request with the operator's token."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            data = None if body is None else json.dumps(body)
            known = {TOKEN_HEADER: self.server.token, "Content-Type": "application/json"}
            connection.request(method, path, data, {**known, **(headers or {})})
            response = connection.getresponse()
            text = response.read().decode()
            is_json = "json" in (response.getheader("Content-Type") or "")
            return response.status, json.loads(text) if is_json else text, response.headers
        finally:
            connection.close()

    def fault(self, channel: str, kind: str, **more: Any) -> None:
        body = {"channel": channel, "kind": kind, **more}
        status, answer, _ = self.operator("POST", "/_local/faults", body)
        assert status == 200, answer

    @property
    def messages(self) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = self.operator("GET", "/_local/messages")[1]["messages"]
        return rows

    def received(self, channel: str) -> list[dict[str, Any]]:
        """Return the messages of one channel."""
        return [row for row in self.messages if row["channel"] == channel]


@contextmanager
def running_channels(known: Sequence[Service] = ()) -> Iterator[RunningChannels]:
    """Run a server with these services (all, without limits, by default) until the block ends."""
    server = ChannelServer(known)
    with served(server.app()) as port:
        yield RunningChannels(port, server)
