"""The Bot API client, and how Telegram's answers map to the errors of `delivery.errors`.

RetryAfterError     429: nothing was sent; `seconds` is Telegram's retry_after
UnavailableError    5xx, a time-out, a broken connection: `ambiguous` when it may have been sent
UnauthorizedError   401, 404: the token (or the base URL) is wrong; no message can be sent
UnreachableError    400, 403 about the chat or its topic (`refusals`): it cannot be written to
MovedError          400: the group became a supergroup; `address` is its new id
RejectedError       any other 4xx: this message cannot be sent; `unknown` if it is not in `refusals`

Telegram has no idempotency key: a send that got no answer may have arrived. The token is part of
every URL, so no URL is ever logged, raised or chained (`from None`), and urllib3's own debug lines
are redacted.
"""

import hashlib
import json
import logging
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import urllib3
from signalengine.errors import PermanentError, TransientError
from signalengine.text.languages import ENGLISH, LANGUAGES, in_language, t
from signalengine.text.messages import Buttons
from signalengine.text.replies import ADMIN_COMMANDS, COMMANDS
from urllib3.exceptions import (
    ConnectTimeoutError,
    HTTPError,
    LocationParseError,
    NameResolutionError,
    NewConnectionError,
    ProxyError,
)

from ...delivery.errors import (
    RejectedError,
    UnauthorizedError,
    UnavailableError,
    UnreachableError,
)
from ...runtime.proxies import proxy_of
from .refusals import Action, Refusal, ResendError, whole_number
from .text import without_tags

API_BASE: Final = "https://api.telegram.org"
ALLOWED_UPDATES: Final = ("message", "channel_post", "callback_query", "my_chat_member")
"""The kinds of updates that are requested for the webhook."""
CONNECT_TIMEOUT_S: Final = 3.0
READ_TIMEOUT_S: Final = 10.0
_NOT_SENT: Final = (NewConnectionError, NameResolutionError, ConnectTimeoutError, ProxyError)


class TelegramClient:
    """Calls one bot. Does not retry: the caller decides what a failure means."""

    def __init__(
        self,
        token: str,
        *,
        base_url: str = API_BASE,
        connect_timeout_s: float = CONNECT_TIMEOUT_S,
        read_timeout_s: float = READ_TIMEOUT_S,
    ) -> None:
        self._url = f"{base_url.rstrip('/')}/bot{token}/"
        self._pool = _pool(
            base_url, urllib3.Timeout(connect=connect_timeout_s, read=read_timeout_s)
        )
        _redact_urllib3()

    def __repr__(self) -> str:
        return "TelegramClient(token=hidden)"

    @property
    def credentials(self) -> str:
        """A digest of the token and the base URL."""
        return hashlib.sha256(self._url.encode()).hexdigest()[:16]

    def call(self, method: str, params: Mapping[str, Any]) -> Any:
        """Return the `result` of a Bot API method; raises one of the errors above."""
        body = json.dumps({name: value for name, value in params.items() if value is not None})
        headers = {"Content-Type": "application/json"}
        try:
            response = self._pool.request(
                "POST", self._url + method, body=body.encode(), headers=headers, redirect=False
            )
        except _NOT_SENT as error:
            raise UnavailableError(type(error).__name__, ambiguous=False) from None
        except LocationParseError:
            raise UnauthorizedError("the base URL of the Bot API is not a URL") from None
        except (HTTPError, OSError) as error:
            raise UnavailableError(type(error).__name__, ambiguous=True) from None
        return _result(response.status, response.data)

    def send_message(
        self,
        chat_id: int | str,
        text: str,
        *,
        reply_to: int | None = None,
        silent: bool = False,
        buttons: Buttons = (),
        topic: int | None = None,
    ) -> int:
        """Send HTML text; return its message id. A reply to a deleted message is sent without."""
        params = html_message(chat_id, text, buttons, topic) | replying(reply_to)
        if silent:
            params["disable_notification"] = True
        return self.send(params)

    def send(self, params: Mapping[str, Any]) -> int:
        """Send a message; return its id.

        A refused message that would be sent in a simpler form is sent in that: without the reply,
        without buttons, as plain text.
        """
        try:
            return int(self.call("sendMessage", params)["message_id"])
        except ResendError as error:
            simpler = _simpler(params, error.action)
            if simpler == params:
                raise RejectedError(str(error)) from None
        return self.send(simpler)

    def edit_message_text(self, chat_id: int | str, message_id: int, text: str) -> None:
        """Replace a message's text; the same text again is no error."""
        try:
            self.call("editMessageText", html_message(chat_id, text) | {"message_id": message_id})
        except RejectedError as error:
            if "message is not modified" not in str(error):
                raise

    def get_me(self) -> Mapping[str, Any]:
        """Return the bot's own user; a call that tests the token."""
        me: Mapping[str, Any] = self.call("getMe", {})
        return me

    def webhook(self) -> str:
        """Return the URL that the bot's updates go to; "" without one."""
        return str(self.call("getWebhookInfo", {})["url"])

    def set_webhook(self, url: str, secret: str, allowed_updates: Sequence[str]) -> None:
        """Have updates POSTed to `url` with `secret` in their header; "" ends that."""
        self.call(
            "setWebhook",
            {"url": url, "secret_token": secret, "allowed_updates": list(allowed_updates)},
        )

    def set_my_commands(
        self,
        commands: Sequence[tuple[str, str]],
        scope: Mapping[str, Any] | None = None,
        language: str = "",
    ) -> None:
        """Set the menu of commands, (name, description), of a scope (None: everywhere).

        `language`: for users of that language only; "" for those without a menu of their own.
        """
        rows = [{"command": name, "description": about} for name, about in commands]
        only = {"language_code": language} if language else {}
        self.call("setMyCommands", {"commands": rows, "scope": scope, **only})

    def rank(self, chat_id: int, user_id: int) -> str:
        """Return a user's status in a chat, like `administrator`; "" when it is unknown."""
        try:
            member = self.call("getChatMember", {"chat_id": chat_id, "user_id": user_id})
        except (TransientError, PermanentError):
            return ""
        return str(member["status"])


def _simpler(params: Mapping[str, Any], action: Action) -> dict[str, Any]:
    """Return the parameters of a message without what was refused."""
    without = {
        Action.WITHOUT_REPLY: "reply_parameters",
        Action.WITHOUT_BUTTONS: "reply_markup",
        Action.AS_PLAIN_TEXT: "parse_mode",
    }[action]
    left = {name: value for name, value in params.items() if name != without}
    if action is Action.AS_PLAIN_TEXT and without in params:
        left["text"] = without_tags(left["text"])
    return left


def html_message(
    chat_id: int | str, text: str, buttons: Buttons = (), topic: int | None = None
) -> dict[str, Any]:
    """Return the parameters of every message: HTML, without link previews; `topic` in a forum."""
    message: dict[str, Any] = {
        "chat_id": chat_id,
        "text": text,
        "parse_mode": "HTML",
        "link_preview_options": {"is_disabled": True},
    }
    within = {} if topic is None else {"message_thread_id": topic}
    return message | within | ({"reply_markup": keyboard(buttons)} if buttons else {})


def keyboard(buttons: Buttons) -> dict[str, Any]:
    """Return rows of buttons below a message."""
    return {"inline_keyboard": [[_button(*button) for button in row] for row in buttons]}


def _button(text: str, data: str) -> dict[str, str]:
    """Return a button that opens an address, or is answered by the bot."""
    return {"text": text, "url" if data.startswith("https://") else "callback_data": data}


def replying(message_id: int | None) -> dict[str, Any]:
    """Return the parameters of a reply, also to a message that was deleted."""
    if message_id is None:
        return {}
    return {"reply_parameters": {"message_id": message_id, "allow_sending_without_reply": True}}


_IN_GROUPS: Final = frozenset(
    {"help", "top", "signals", "status", "stats", "performance", "explain", "size"}
)
"""Commands in every group member's menu; the others change the group's preferences."""


def register_bot(
    client: TelegramClient, url: str, secret: str, admin_ids: Iterable[int] = ()
) -> Mapping[str, Any]:
    """Point the bot's updates at `url` and set its commands; returns the bot's user.

    For deploy and the local `up`. Raises the errors above; safe to repeat.
    """
    me = client.get_me()
    client.set_webhook(url, secret, ALLOWED_UPDATES)
    set_commands(client, admin_ids)
    return me


def set_commands(client: TelegramClient, admin_ids: Iterable[int] = ()) -> None:
    """Set the menus: everyone's, a group's, its administrators', and that of each operator."""
    for code in LANGUAGES:
        with in_language(code):
            _set_menus(client, "" if code == ENGLISH else code)
    for user_id in sorted(admin_ids):
        try:
            scope = {"type": "chat", "chat_id": user_id}
            client.set_my_commands((*COMMANDS, *ADMIN_COMMANDS), scope)
        except (UnreachableError, RejectedError):
            continue  # without a private chat with the bot there is no menu to set


def _set_menus(client: TelegramClient, language: str) -> None:
    """Set everybody's menus for users of a language; "" for those of any other."""
    commands = [(name, t(about)) for name, about in COMMANDS]
    everybody = [row for row in commands if row[0] in _IN_GROUPS]
    client.set_my_commands(commands, language=language)
    client.set_my_commands(everybody, {"type": "all_group_chats"}, language)
    client.set_my_commands(commands, {"type": "all_chat_administrators"}, language)


AT_ONCE: Final = 10
"""Connections that are kept open: as many threads send at once."""


def _pool(base_url: str, timeout: urllib3.Timeout) -> urllib3.PoolManager:
    """Return connections to the Bot API, through the environment's proxy if there is one."""
    proxy = proxy_of(base_url)
    if proxy is None:
        return urllib3.PoolManager(maxsize=AT_ONCE, timeout=timeout, retries=False)
    login = f"{proxy.user}:{proxy.password}" if proxy.user else None
    headers = urllib3.make_headers(proxy_basic_auth=login)
    return urllib3.ProxyManager(
        str(proxy), proxy_headers=headers, maxsize=AT_ONCE, timeout=timeout, retries=False
    )


def _result(status: int, data: bytes) -> Any:
    try:
        answer = json.loads(data)
    except (ValueError, RecursionError):
        answer = None
    if not isinstance(answer, dict):
        if status == 404:
            raise UnauthorizedError("404: there is no Bot API at this base URL")
        raise UnavailableError(f"HTTP {status} without a Bot API answer", ambiguous=True)
    if answer.get("ok") is True:
        return answer.get("result")
    parameters = answer.get("parameters")
    raise Refusal(
        whole_number(answer.get("error_code")) or status,
        str(answer.get("description") or "no description"),
        parameters if isinstance(parameters, dict) else {},
    ).error()


class _HideToken(logging.Filter):
    """Removes bot tokens from urllib3's log lines, which contain the path of each request."""

    _token = re.compile(r"/bot[^/\s]+/")

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg = self._token.sub("/bot***/", record.getMessage())
        record.args = None
        return True


_HIDE_TOKEN: Final = _HideToken()


def _redact_urllib3() -> None:
    for name in ("urllib3.connectionpool", "urllib3.util.retry"):
        logging.getLogger(name).addFilter(_HIDE_TOKEN)
