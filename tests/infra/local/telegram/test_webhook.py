"""The webhook: updates are delivered, and the method in the reply is carried out."""

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any, ClassVar

import pytest

from tests.infra.local.telegram.samples import CHAT, call
from tests.telegram_server import RunningTelegram

pytestmark = pytest.mark.enable_socket


class _Webhook(BaseHTTPRequestHandler):
    """Remembers updates; the first is refused, then each is answered with a reply."""

    seen: ClassVar[list[tuple[str | None, dict[str, Any]]]] = []

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.seen.append((self.headers["X-Telegram-Bot-Api-Secret-Token"], body))
        reply = {"method": "sendMessage", "chat_id": CHAT, "text": f"reply {len(self.seen)}"}
        data = json.dumps(reply).encode()
        self.send_response(503 if len(self.seen) == 1 else 200)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_args: Any) -> None:
        """Keep the test's output clean."""


class _Elsewhere(BaseHTTPRequestHandler):
    """Redirects every update, and counts what arrives at the redirect's address."""

    seen: ClassVar[list[str]] = []

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.seen.append(self.path)
        self.send_response(307)
        self.send_header("Location", "/elsewhere")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_args: Any) -> None:
        """Keep the test's output clean."""


def test_a_webhook_cannot_redirect_updates_to_another_address(telegram: RunningTelegram) -> None:
    _Elsewhere.seen = []
    with HTTPServer(("127.0.0.1", 0), _Elsewhere) as hook:
        threading.Thread(target=hook.serve_forever, daemon=True).start()
        call(telegram, "setWebhook", url=f"http://127.0.0.1:{hook.server_port}/telegram")
        telegram.request("POST", "/_local/say", {"chat_id": CHAT, "text": "x"})
        deadline = time.monotonic() + 5
        while len(_Elsewhere.seen) < 2 and time.monotonic() < deadline:
            threading.Event().wait(0.01)
        hook.shutdown()
    assert set(_Elsewhere.seen) == {"/telegram"}
    assert "307 Temporary Redirect" in telegram.server.bot.delivery_errors[0][1]


def test_a_persons_message_goes_to_the_webhook_and_its_reply_is_sent(
    telegram: RunningTelegram,
) -> None:
    _Webhook.seen = []
    with HTTPServer(("127.0.0.1", 0), _Webhook) as hook:
        threading.Thread(target=hook.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{hook.server_port}/telegram"
        assert call(telegram, "setWebhook", url=url, secret_token="s3")[0] == 200
        result = telegram.request("POST", "/_local/say", {"chat_id": CHAT, "text": "/stats now"})
        assert result[0] == 200
        deadline = time.monotonic() + 5
        while not telegram.messages and time.monotonic() < deadline:
            threading.Event().wait(0.01)
        hook.shutdown()
    assert [secret for secret, _ in _Webhook.seen] == ["s3", "s3"]
    update = _Webhook.seen[0][1]
    assert update["update_id"] > 0
    assert update["message"]["text"] == "/stats now"
    assert update["message"]["entities"] == [{"type": "bot_command", "offset": 0, "length": 6}]
    assert [row["text"] for row in telegram.messages] == ["reply 2"]
    info = call(telegram, "getWebhookInfo")[1]["result"]
    assert "503" in info["last_error_message"]
