"""The local Telegram on a loopback port, in a thread, for tests of its clients."""

import http.client
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from infra.local.operator_requests import TOKEN_HEADER
from infra.local.served_app import served
from infra.local.telegram.bot import Bot
from infra.local.telegram.chats import Chats, parse_chat
from infra.local.telegram.server import TelegramServer


@dataclass(frozen=True, slots=True)
class RunningTelegram:
    """A listening server; `server` is the object itself."""

    port: int
    server: TelegramServer

    @property
    def token(self) -> str:
        return self.server.bot.token

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def request(
        self, method: str, path: str, body: Any = None, **headers: str
    ) -> tuple[int, Any, http.client.HTTPMessage]:
        """Return status, JSON (or text) and headers of one request with the operator's token."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            data = None if body is None else json.dumps(body)
            kind = {TOKEN_HEADER: self.server.token}
            kind |= {"Content-Type": "application/json"} if body is not None else {}
            connection.request(method, path, body=data, headers=kind | headers)
            response = connection.getresponse()
            text = response.read().decode()
            is_json = "json" in (response.getheader("Content-Type") or "")
            return response.status, json.loads(text) if is_json else text, response.headers
        finally:
            connection.close()

    def fault(self, kind: str, **more: Any) -> None:
        status, answer, _ = self.request("POST", "/_local/faults", {"kind": kind} | more)
        assert status == 200, answer

    @property
    def messages(self) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = self.request("GET", "/_local/messages")[1]["messages"]
        return rows


@contextmanager
def running_telegram(*chats: str, limited: bool = False) -> Iterator[RunningTelegram]:
    """Run a server with these chats (424242 alone by default) until the block ends."""
    known = [parse_chat(text, at) for at, text in enumerate(chats or ("424242",))]
    server = TelegramServer(Bot(Chats(known), limited=limited), webhook_retry_s=0.01)
    with served(server.app()) as port:
        yield RunningTelegram(port, server)
