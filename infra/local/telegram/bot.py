"""The Bot API methods, as functions of this server's state: no sockets here.

Answers and errors have the form and the texts of Bot API 10.1. Like a Bot API server run with
`--local`, the webhook may be plain http; unlike one, it must be on loopback.
"""

import json
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from ingest_task.loopback import is_loopback

from .chats import GENERAL, YOU, Chat, Chats, Message, api_message, api_person
from .errors import ApiError, bad_request
from .keyboards import Press, read_keyboard
from .limits import SendLimits
from .markup import MAX_TEXT_UNITS, Formatted, MarkupError, parse_html, plain, units_of

_BOT_ID: Final = 1_234_567_890
_TOKEN = re.compile(r"^\d+:[\w-]{20,}$")
_SECRET = re.compile(r"^[A-Za-z0-9_-]{1,256}$")
_COMMAND = re.compile(r"^[a-z0-9_]{1,32}$")
_SCOPES: Final = (
    "default",
    "all_private_chats",
    "all_group_chats",
    "all_chat_administrators",
)
_TOO_OLD: Final = "query is too old and response timeout expired or query ID is invalid"
_NOT_MODIFIED: Final = (
    "message is not modified: specified new message content and reply markup are exactly the same "
    "as a current content and reply markup of the message"
)

Params = Mapping[str, Any]


def new_bot_token() -> str:
    """Return a random token in Telegram's form."""
    return f"{_BOT_ID}:{secrets.token_urlsafe(26)}"


@dataclass(frozen=True, slots=True)
class Webhook:
    """Where updates go; `url` is empty while none is set."""

    url: str = ""
    secret_token: str | None = None
    max_connections: int = 40
    allowed_updates: tuple[str, ...] = ()


class Bot:
    """One bot: its token, its chats, its webhook and its commands."""

    def __init__(self, chats: Chats, token: str = "", *, limited: bool = False) -> None:
        """`token`: the only one that is accepted; a random one by default."""
        self.chats = chats
        self.token = token or new_bot_token()
        self.webhook = Webhook()
        self._commands: dict[str, list[dict[str, str]]] = {}
        """By scope: "default", "all_group_chats", "chat:42", …"""
        self.presses: dict[str, Press] = {}
        """Pressed buttons that the bot has not answered yet."""
        self.toasts: list[dict[str, Any]] = []
        """The bot's answers to pressed buttons."""
        self.delivery_errors: list[tuple[int, str]] = []
        """Failed webhook deliveries: (seconds, what happened)."""
        self.pending_updates = 0
        self._limits = SendLimits() if limited else None
        self._methods: dict[str, Callable[[Params, int], Any]] = {
            "getme": lambda _params, _now: self.me,
            "sendmessage": self._send_message,
            "editmessagetext": self._edit_message_text,
            "setwebhook": self._set_webhook,
            "deletewebhook": self._delete_webhook,
            "getwebhookinfo": self._webhook_info,
            "setmycommands": self._set_my_commands,
            "getmycommands": lambda params, _now: self._commands.get(_scope(params), []),
            "answercallbackquery": self._answer_callback_query,
            "getchatmember": self._get_chat_member,
            "sendchataction": self._send_chat_action,
        }

    @property
    def commands(self) -> list[dict[str, str]]:
        """The default menu."""
        return self._commands.get("default", [])

    def menu(self, chat: Chat) -> list[dict[str, str]]:
        """Return the menu of a chat, as shown to the person at the page."""
        own = f"chat:{chat.id}"
        groups = ("all_chat_administrators", "all_group_chats")
        scopes = [own, "all_private_chats"] if chat.kind == "private" else [own, *groups]
        known = (self._commands[name] for name in (*scopes, "default") if name in self._commands)
        return next(known, [])

    @property
    def me(self) -> dict[str, Any]:
        return {
            "id": int(self.token.partition(":")[0]),
            "is_bot": True,
            "first_name": "SignalEngine",
            "username": "signalengine_local_bot",
            "can_join_groups": True,
            "can_read_all_group_messages": False,
            "supports_inline_queries": False,
        }

    def authorize(self, token: str) -> None:
        """Raise ApiError 404 for a malformed token, 401 for another bot's token."""
        if not _TOKEN.match(token):
            raise ApiError(404, "Not Found")
        if not secrets.compare_digest(token.encode(), self.token.encode()):
            raise ApiError(401, "Unauthorized")

    def call(self, method: str, params: Params, now: int) -> Any:
        """Return the result of a method; `now` is wall-clock ms. Raises ApiError."""
        handler = self._methods.get(method.lower())
        if handler is None:
            raise ApiError(404, "Not Found")
        return handler(params, now)

    # --- messages --------------------------------------------------------------------------------

    def _send_message(self, params: Params, now: int) -> dict[str, Any]:
        chat = self.chats.find(params.get("chat_id"))
        if chat.id in self.chats.blocked:
            kind = chat.kind
            was = "blocked by the user" if kind == "private" else f"kicked from the {kind} chat"
            raise ApiError(403, f"Forbidden: bot was {was}")
        topic = _topic(params, chat)
        self.chats.check_topic(chat, topic)
        content = read_text(params)
        keyboard = read_keyboard(structured(params, "reply_markup"))
        if chat.id in self.chats.restricted:
            raise bad_request("not enough rights to send text messages to the chat")
        reply_to = self._reply_target(chat, params)
        if self._limits is not None:
            wait = self._limits.retry_after(chat, now)
            if wait:
                words = f"Too Many Requests: retry after {wait}"
                raise ApiError(429, words, retry_after=wait)
        silent = str(params.get("disable_notification") or "").lower() == "true"
        message = self.chats.add(
            chat, "bot", content, now, reply_to, silent=silent, keyboard=keyboard, topic=topic
        )
        return self._sent(message)

    def _edit_message_text(self, params: Params, _now: int) -> dict[str, Any]:
        chat = self.chats.find(params.get("chat_id"))
        message = self.chats.message(chat, params.get("message_id"))
        if message is None:
            raise bad_request("message to edit not found")
        if message.sender != "bot":
            raise bad_request("message can't be edited")
        content = read_text(params)
        keyboard = read_keyboard(structured(params, "reply_markup"))
        if (content, keyboard) == (message.content, message.keyboard):
            raise bad_request(_NOT_MODIFIED)
        return self._sent(self.chats.edit(message, content, keyboard))

    def _answer_callback_query(self, params: Params, _now: int) -> bool:
        press = self.presses.pop(str(params.get("callback_query_id")), None)
        if press is None:
            raise bad_request(_TOO_OLD)
        alert = str(params.get("show_alert") or "").lower() == "true"
        text = str(params.get("text") or "")[:200]
        self.toasts.append({"query_id": press.query_id, "text": text, "alert": alert})
        self.chats.wake()
        return True

    def _get_chat_member(self, params: Params, _now: int) -> dict[str, Any]:
        """Return "creator" for the person at the page, "member" for everyone else."""
        self.chats.find(params.get("chat_id"))
        try:
            user_id = int(params.get("user_id") or 0)
        except ValueError as error:
            raise bad_request("invalid user_id specified") from error
        status = "creator" if user_id == YOU else "member"
        return {"status": status, "user": api_person(user_id)}

    def _send_chat_action(self, params: Params, _now: int) -> bool:
        """Accept an action such as "typing"; the page does not show it."""
        self.chats.find(params.get("chat_id"))
        return True

    def _sent(self, message: Message) -> dict[str, Any]:
        out = api_message(message, self.me)
        if message.reply_to is not None:
            target = self.chats.message(message.chat, message.reply_to)
            if target is not None:
                out["reply_to_message"] = api_message(target, self.me)
        return out

    def _reply_target(self, chat: Chat, params: Params) -> int | None:
        reply = structured(params, "reply_parameters")
        if reply is None:
            return None
        target = self.chats.message(chat, reply.get("message_id"))
        if target is not None:
            return target.message_id
        if reply.get("allow_sending_without_reply"):
            return None
        raise bad_request("message to be replied not found")

    # --- webhook and commands --------------------------------------------------------------------

    def _set_webhook(self, params: Params, _now: int) -> bool:
        url = str(params.get("url") or "")
        if not url:
            return self._delete_webhook(params, _now)
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise bad_request("bad webhook: An HTTPS URL must be provided for webhook")
        if not is_loopback(parts.hostname):
            raise bad_request("bad webhook: this local server only calls this machine")
        secret = params.get("secret_token") or None
        if secret is not None and not _SECRET.match(str(secret)):
            raise bad_request("secret token contains unallowed characters")
        allowed = structured(params, "allowed_updates") or []
        most = int(params.get("max_connections") or 40)
        self.webhook = Webhook(url, secret, most, tuple(str(name) for name in allowed))
        self.delivery_errors.clear()
        self.chats.wake()
        return True

    def _delete_webhook(self, _params: Params, _now: int) -> bool:
        self.webhook = Webhook()
        self.chats.wake()
        return True

    def _webhook_info(self, _params: Params, _now: int) -> dict[str, Any]:
        out: dict[str, Any] = {
            "url": self.webhook.url,
            "has_custom_certificate": False,
            "pending_update_count": self.pending_updates,
            "max_connections": self.webhook.max_connections,
        }
        if self.webhook.allowed_updates:
            out["allowed_updates"] = list(self.webhook.allowed_updates)
        if self.delivery_errors:
            seconds, words = self.delivery_errors[-1]
            out |= {"last_error_date": seconds, "last_error_message": words}
        return out

    def _set_my_commands(self, params: Params, _now: int) -> bool:
        commands = structured(params, "commands")
        if not isinstance(commands, list) or len(commands) > 100:
            raise bad_request("can't parse commands list")
        self._commands[_scope(params)] = [_read_command(item) for item in commands]
        self.chats.wake()
        return True


def _topic(params: Params, chat: Chat) -> int | None:
    """Return the topic of a call, None for none; raises ApiError for what names no topic."""
    given = params.get("message_thread_id")
    if given in (None, "", 0, "0"):
        return None
    try:
        topic = int(str(given))
    except ValueError as error:
        raise bad_request("invalid message thread identifier specified") from error
    if chat.forum and topic == GENERAL:
        raise bad_request("message thread not found")
    return topic if chat.forum else None


def _scope(params: Params) -> str:
    """Return the name of a scope; raises ApiError for an unknown one."""
    scope = structured(params, "scope") or {"type": "default"}
    kind = scope.get("type") if isinstance(scope, Mapping) else None
    if kind == "chat":
        return f"chat:{scope.get('chat_id')}{_language(params)}"
    if kind not in _SCOPES:
        raise bad_request("can't parse BotCommandScope: unsupported type")
    return f"{kind}{_language(params)}"


def _language(params: Params) -> str:
    """Return the end of a scope's name for users of one language; "" for all others."""
    code = str(params.get("language_code") or "")
    if code and not (len(code) == 2 and code.isalpha()):
        raise bad_request("invalid language code specified")
    return f" {code}" if code else ""


def read_text(params: Params) -> Formatted:
    """Return the formatted text of a send or an edit; raises ApiError as Telegram does."""
    source = params.get("text")
    if not isinstance(source, str):
        raise bad_request("message text is empty")
    mode = str(params.get("parse_mode") or "").lower()
    if mode not in ("", "html"):
        raise bad_request(f"unsupported parse_mode: this local server supports HTML, not {mode!r}")
    try:
        content = parse_html(source) if mode else plain(source)
    except MarkupError as error:
        raise ApiError(400, str(error)) from error
    if not content.text:
        raise bad_request("message text is empty")
    if units_of(content.text) > MAX_TEXT_UNITS:
        raise bad_request("message is too long")
    return content


def structured(params: Params, name: str) -> Any:
    """Return a parameter that is JSON inside a form or a query, or already an object."""
    value = params.get(name)
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError as error:
        raise bad_request(f"can't parse {name.replace('_', ' ')} JSON object") from error


def _read_command(item: Any) -> dict[str, str]:
    if not isinstance(item, dict) or not _COMMAND.match(str(item.get("command", ""))):
        raise bad_request("BOT_COMMAND_INVALID")
    about = str(item.get("description", ""))
    if not 1 <= len(about) <= 256:
        raise bad_request("BOT_COMMAND_DESCRIPTION_INVALID")
    return {"command": item["command"], "description": about}
