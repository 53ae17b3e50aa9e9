"""Telegram at the HTTP boundary: what `TelegramClient` sends to its connection pool."""

import json
from types import SimpleNamespace
from typing import Any, Final

from signalengine_aws.channels.telegram.client import CONNECT_TIMEOUT_S, READ_TIMEOUT_S
from urllib3.exceptions import NewConnectionError, ReadTimeoutError

from .account import Account
from .outside import RETRY_AFTER_S, Arrivals, Outside


class TelegramServer:
    """The Bot API's `sendMessage`."""

    no_connection_s: Final = CONNECT_TIMEOUT_S
    no_answer_s: Final = READ_TIMEOUT_S

    def __init__(self, account: Account, arrivals: Arrivals) -> None:
        self._outside = Outside(account, arrivals, "sendMessage")

    def request(self, *_: Any, body: bytes, **__: Any) -> Any:
        """Answer as urllib3's pool does; raises its errors."""
        params = json.loads(body)
        reply_to = params.get("reply_parameters", {}).get("message_id")
        return self._outside.send(f"telegram:{params['chat_id']}", self, reply_to)

    def accepted(self, message_id: int) -> Any:
        answer = {"ok": True, "result": {"message_id": message_id}}
        return SimpleNamespace(status=200, data=json.dumps(answer).encode())

    def limited(self) -> Any:
        return _refused(429, "Too Many Requests", parameters={"retry_after": RETRY_AFTER_S})

    def failed(self, status: int) -> Any:
        return _refused(status, "Server Error")

    def no_connection(self) -> Exception:
        return NewConnectionError(SimpleNamespace(), "no connection")  # type: ignore[arg-type]  # only its type is read

    def no_answer(self) -> Exception:
        return ReadTimeoutError(SimpleNamespace(), "", "no answer")  # type: ignore[arg-type]  # as above


def _refused(code: int, description: str, **more: Any) -> Any:
    answer = {"ok": False, "error_code": code, "description": description, **more}
    return SimpleNamespace(status=code, data=json.dumps(answer).encode())
