"""Updates to the bot: each is POSTed to its webhook, and the method in the reply is carried out."""

import asyncio
import json
import secrets
import time
from typing import Any, Final

import aiohttp

from .bot import Bot, Webhook
from .chats import GENERAL, YOU, Chat, Message, TopicState, api_message, api_person
from .errors import ApiError
from .keyboards import Press

_TRIES: Final = 7
"""With a first wait of a second, about a minute in all; Telegram itself retries longer."""
_REDIRECTS: Final = 300
"""From this status on: a redirect could lead to another machine, and is not followed."""
_TIMEOUT = aiohttp.ClientTimeout(total=30)
SECRET_HEADER: Final = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 - a header's name


class Updates:
    """Sends updates one after another, in order, each up to `_TRIES` times."""

    def __init__(self, bot: Bot, *, first_retry_s: float = 1.0) -> None:
        self._bot = bot
        self._first_retry_s = first_retry_s
        self._queue: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._last_id = time.time_ns() // 1_000_000_000 % 2**30
        """Starts at the time of day, since a bot may remember the ids of an earlier server."""

    def announce(self, message: Message, user_id: int | None = None) -> None:
        """Queue the update for a person's message."""
        kind = "channel_post" if message.chat.kind == "channel" else "message"
        update = api_message(message, self._bot.me, user_id)
        answered = self._bot.chats.message(message.chat, message.reply_to)
        if answered is not None:
            update["reply_to_message"] = api_message(answered, self._bot.me)
        self._queue_update({kind: update})

    def press(self, message: Message, data: str, user_id: int) -> str:
        """Queue the update for a pressed button; return the query's id."""
        query_id = secrets.token_hex(8)
        self._bot.presses[query_id] = Press(query_id, message.chat.id, message.message_id)
        query = {
            "id": query_id,
            "from": api_person(user_id),
            "message": api_message(message, self._bot.me),
            "chat_instance": str(message.chat.id),
            "data": data,
        }
        self._queue_update({"callback_query": query})
        return query_id

    def topic(self, chat: Chat, topic: int, state: TopicState) -> None:
        """Queue the service message of a topic that was closed or opened again."""
        event = {"open": "forum_topic_reopened", "closed": "forum_topic_closed"}.get(state)
        if event is None:
            return
        within = {"message_thread_id": topic, "is_topic_message": True}
        self._service(chat, {event: {}} | (within if topic != GENERAL else {}))

    def migrated(self, old: Chat, new: Chat) -> None:
        """Queue the service messages of a group that became a supergroup: in both chats."""
        self._service(old, {"migrate_to_chat_id": new.id})
        self._service(new, {"migrate_from_chat_id": old.id})

    def _service(self, chat: Chat, event: dict[str, Any]) -> None:
        message = {"message_id": 1, "from": api_person(YOU), "date": int(time.time())}
        self._queue_update({"message": message | {"chat": chat.to_dict()} | event})

    def membership(self, chat: Chat, *, blocked: bool) -> None:
        """Queue the update for the bot being blocked or unblocked."""
        out, back = ("kicked", "member")
        change = {
            "chat": chat.to_dict(),
            "from": api_person(chat.id if chat.id > 0 else YOU),
            "date": int(time.time()),
            "old_chat_member": {"user": self._bot.me, "status": back if blocked else out},
            "new_chat_member": {"user": self._bot.me, "status": out if blocked else back},
        }
        self._queue_update({"my_chat_member": change})

    def _queue_update(self, news: dict[str, Any]) -> None:
        """Queue an update, if the webhook allows its kind."""
        (kind,) = news
        allowed = self._bot.webhook.allowed_updates
        if allowed and kind not in allowed:
            return
        self._last_id += 1
        self._queue.put_nowait({"update_id": self._last_id} | news)
        self._bot.pending_updates = self._queue.qsize()

    async def run(self) -> None:
        """Deliver until cancelled."""
        async with aiohttp.ClientSession(timeout=_TIMEOUT) as session:
            while True:
                update = await self._queue.get()
                await self._deliver(session, update)
                self._bot.pending_updates = self._queue.qsize()

    async def _deliver(self, session: aiohttp.ClientSession, update: dict[str, Any]) -> None:
        wait_s = self._first_retry_s
        for _ in range(_TRIES):
            webhook = self._bot.webhook
            if not webhook.url:
                return
            try:
                reply = await _post(session, webhook, update)
            except (aiohttp.ClientError, TimeoutError) as error:
                self._failed(f"Wrong response from the webhook: {error or type(error).__name__}")
                await asyncio.sleep(wait_s)
                wait_s *= 2
            else:
                self._carry_out(reply)
                return

    def _carry_out(self, reply: Any) -> None:
        if not isinstance(reply, dict) or not isinstance(reply.get("method"), str):
            return
        try:
            self._bot.call(reply["method"], reply, time.time_ns() // 1_000_000)
        except ApiError as error:
            self._failed(f"Reply method {reply['method']}: {error.description}")

    def _failed(self, words: str) -> None:
        self._bot.delivery_errors.append((int(time.time()), words))


async def _post(session: aiohttp.ClientSession, webhook: Webhook, update: dict[str, Any]) -> Any:
    """Return the webhook's JSON answer, None if it is not JSON."""
    headers = {SECRET_HEADER: webhook.secret_token} if webhook.secret_token else {}
    request = session.post(webhook.url, json=update, headers=headers, allow_redirects=False)
    async with request as response:
        response.raise_for_status()
        if response.status >= _REDIRECTS:
            raise aiohttp.ClientError(f"{response.status} {response.reason}")
        body = await response.text()
    try:
        return json.loads(body)
    except ValueError:
        return None
