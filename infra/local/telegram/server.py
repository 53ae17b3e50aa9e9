"""The server: Bot API under `/bot<token>/`, chat page at `/`, operator endpoints at `/_local/`.

Only this machine can use it (`infra.local.operator_requests`): the Bot API wants the bot's token
and is for programs, the operator's endpoints want the token of this run. The chat page has it from
the fragment of its address, which a browser never sends: `http://127.0.0.1:PORT/#TOKEN`.
"""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, get_args

from aiohttp import web

from infra.local.operator_requests import new_token, only_this_machine
from infra.local.page_files import page_routes

from .bot import Bot
from .chats import YOU, Chat, TopicState
from .errors import ApiError
from .faults import SILENT, Fault, Faults, read_fault
from .markup import plain
from .webhook import Updates

_PAGE: Final = Path(__file__).parent / "page"
_HOLD_S: Final = 120.0  # how long a "timeout" fault holds a connection without an answer
_KEEPALIVE_S: Final = 15.0
_KEEPALIVE_EVENT: Final = "event: bot\ndata: {}\n\n"
"""Keeps the connection open, and makes the page fetch commands and webhook again."""


class TelegramServer:
    """The routes and their shared state; `app()` returns the aiohttp application."""

    def __init__(self, bot: Bot, *, webhook_retry_s: float = 1.0) -> None:
        self.bot = bot
        self.token = new_token()
        """What the operator's requests have to carry."""
        self.faults = Faults()
        self.updates = Updates(bot, first_retry_s=webhook_retry_s)
        self._run = str(wall_ms())
        self._stopping = asyncio.Event()

    def app(self) -> web.Application:
        guard = only_this_machine(self.token, pages=("/",), programs_below="/bot")
        app = web.Application(middlewares=[guard], client_max_size=1 << 20)
        app.add_routes(
            [
                web.route("*", "/bot{token}/{method}", self._bot_api),
                web.get("/_local/messages", self._messages),
                web.get("/_local/faults", self._list_faults),
                web.post("/_local/faults", self._add_fault),
                web.delete("/_local/faults", self._clear_faults),
                web.post("/_local/say", self._write_message),
                web.post("/_local/press", self._press),
                web.post("/_local/block", self._block),
                web.post("/_local/restrict", self._restrict),
                web.post("/_local/topic", self._topic),
                web.post("/_local/migrate", self._migrate),
                web.get("/_local/chats", self._chats),
                web.get("/_local/stream", self._stream),
                *page_routes(_PAGE, "chat.js", "chat.css"),
            ]
        )
        app.on_shutdown.append(self._stop)
        app.cleanup_ctx.append(self._deliver_updates)
        return app

    # --- Bot API ---------------------------------------------------------------------------------

    async def _bot_api(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        try:
            self.bot.authorize(request.match_info["token"])
            params = await _parameters(request)
            fault = self.faults.take(method, params.get("chat_id"))
            if fault is not None and fault.kind in SILENT:
                return await self._silence(request, fault, method, params)
            if fault is not None:
                raise fault.refusal()
            result = self.bot.call(method, params, wall_ms())
        except ApiError as error:
            return _refused(error)
        return web.json_response({"ok": True, "result": result})

    async def _silence(
        self, request: web.Request, fault: Fault, method: str, params: dict[str, Any]
    ) -> web.StreamResponse:
        if fault.kind == "timeout_after_delivery":
            self.bot.call(method, params, wall_ms())
        if fault.kind != "drop":
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), _HOLD_S)
        if request.transport is not None:
            request.transport.abort()
        return web.Response(status=502)

    # --- operator endpoints and the chat page ----------------------------------------------------

    async def _messages(self, _request: web.Request) -> web.Response:
        sent = [message.to_dict() for message in self.bot.chats.messages if message.sender == "bot"]
        return web.json_response({"messages": sent})

    async def _list_faults(self, _request: web.Request) -> web.Response:
        waiting = [
            {"method": fault.method, "kind": fault.kind, "times": fault.times}
            for fault in self.faults.waiting
        ]
        return web.json_response({"faults": waiting})

    async def _add_fault(self, request: web.Request) -> web.Response:
        try:
            fault = read_fault(await request.json())
            if fault.kind == "migrate" and fault.chat_id is not None:
                self.bot.chats.migrate(self.bot.chats.find(fault.chat_id), fault.migrate_to_chat_id)
        except ValueError as error:
            return web.json_response({"error": str(error)}, status=400)
        except ApiError as error:
            return _refused(error)
        self.faults.add(fault)
        return await self._list_faults(request)

    async def _clear_faults(self, request: web.Request) -> web.Response:
        self.faults.clear()
        return await self._list_faults(request)

    async def _write_message(self, request: web.Request) -> web.Response:
        """Add a person's message: `{"chat_id", "text"}`; also `reply_to`, `user_id`, `topic`."""
        return await _answered(request, self._add_message)

    def _add_message(self, body: dict[str, Any]) -> dict[str, Any]:
        chat = self.bot.chats.find(body.get("chat_id"))
        text = plain(str(body.get("text") or "")[:4096])
        if not text.text:
            raise ValueError("text is empty")
        answered = self.bot.chats.message(chat, body.get("reply_to"))
        reply_to = None if answered is None else answered.message_id
        user_id = _user_id(body, chat)
        topic = None if body.get("topic") is None else int(body["topic"])
        message = self.bot.chats.add(
            chat, "person", text, wall_ms(), reply_to, writer=user_id, topic=topic
        )
        self.updates.announce(message, user_id)
        return message.to_dict()

    async def _press(self, request: web.Request) -> web.Response:
        """Press a button: `{"chat_id", "message_id", "data"}`, optional `user_id`."""
        return await _answered(request, self._pressed)

    def _pressed(self, body: dict[str, Any]) -> dict[str, Any]:
        chat = self.bot.chats.find(body.get("chat_id"))
        message = self.bot.chats.message(chat, body.get("message_id"))
        buttons = [b.data for row in message.keyboard for b in row] if message else []
        if message is None or body.get("data") not in buttons:
            raise ValueError("there is no such button")
        query_id = self.updates.press(message, str(body["data"]), _user_id(body, chat))
        return {"query_id": query_id}

    async def _block(self, request: web.Request) -> web.Response:
        """Block the bot in a chat, or unblock it: `{"chat_id", "blocked"}`."""
        return await _answered(request, self._blocked)

    def _blocked(self, body: dict[str, Any]) -> dict[str, Any]:
        chat = self.bot.chats.find(body.get("chat_id"))
        blocked = bool(body.get("blocked", True))
        self.bot.chats.block(chat, blocked=blocked)
        self.updates.membership(chat, blocked=blocked)
        return {"blocked": sorted(self.bot.chats.blocked)}

    async def _restrict(self, request: web.Request) -> web.Response:
        """Take the bot the right to send text, or give it: `{"chat_id", "restricted"}`."""
        return await _answered(request, self._restricted)

    def _restricted(self, body: dict[str, Any]) -> dict[str, Any]:
        chat, known = self.bot.chats.find(body.get("chat_id")), self.bot.chats.restricted
        (known.add if body.get("restricted", True) else known.discard)(chat.id)
        return {"restricted": sorted(known)}

    async def _topic(self, request: web.Request) -> web.Response:
        """Set the state of a forum's topic: `{"chat_id", "topic", "state"}`, as in `TopicState`."""
        return await _answered(request, self._changed_topic)

    def _changed_topic(self, body: dict[str, Any]) -> dict[str, Any]:
        chat, topic = self.bot.chats.find(body.get("chat_id")), int(body["topic"])
        state = body.get("state", "open")
        if state not in get_args(TopicState):
            raise ValueError(f"state: {state!r} is not one of {', '.join(get_args(TopicState))}")
        known = (chat.id, topic) in self.bot.chats.topics
        self.bot.chats.set_topic(chat, topic, state)
        if known:
            self.updates.topic(chat, topic, state)
        return {"topic": topic, "state": state}

    async def _migrate(self, request: web.Request) -> web.Response:
        """Make a group a supergroup: `{"chat_id", "to"}`."""
        return await _answered(request, self._migrated)

    def _migrated(self, body: dict[str, Any]) -> dict[str, Any]:
        old, new_id = self.bot.chats.find(body.get("chat_id")), int(body["to"])
        self.bot.chats.migrate(old, new_id)
        self.updates.migrated(old, self.bot.chats.find(new_id))
        return {"chat_id": new_id}

    async def _chats(self, _request: web.Request) -> web.Response:
        chats = [
            chat.to_dict() | {"commands": self.bot.menu(chat)} for chat in self.bot.chats.known
        ]
        known = {"bot": self.bot.me, "chats": chats, "commands": self.bot.commands}
        more = {"webhook": bool(self.bot.webhook.url), "toasts": self.bot.toasts[-20:]}
        return web.json_response(known | more)

    async def _stream(self, request: web.Request) -> web.StreamResponse:
        """Server-sent events: every message so far, then each new or edited one.

        Event ids contain this run of the server; a page from another run starts from the beginning.
        """
        response = web.StreamResponse(headers={"Cache-Control": "no-store"})
        response.content_type = "text/event-stream"
        await response.prepare(request)
        run, _, number = request.headers.get("Last-Event-ID", "").partition(".")
        at = int(number) if run == self._run and number.isdigit() else 0
        with suppress(ConnectionError):  # the page was closed
            await response.write(b"" if at else b"event: reset\ndata: {}\n\n")
            await self._write_changes(response, at)
        return response

    async def _write_changes(self, response: web.StreamResponse, at: int) -> None:
        """Write the changes after number `at`, and later ones until the server stops."""
        chats = self.bot.chats
        while not self._stopping.is_set():
            revision = chats.revision
            lines = [
                f"id: {self._run}.{number}\ndata: {json.dumps(message.for_page())}\n\n"
                for number, message in enumerate(chats.changes[at:], start=at + 1)
            ]
            at = len(chats.changes)
            await response.write("".join(lines or [_KEEPALIVE_EVENT]).encode())
            await chats.wait_for_change(revision, _KEEPALIVE_S)

    # --- start and stop --------------------------------------------------------------------------

    async def _stop(self, _app: web.Application) -> None:
        self._stopping.set()
        self.bot.chats.wake()

    async def _deliver_updates(self, _app: web.Application) -> AsyncIterator[None]:
        task = asyncio.create_task(self.updates.run())
        yield
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def wall_ms() -> int:
    return time.time_ns() // 1_000_000


async def _parameters(request: web.Request) -> dict[str, Any]:
    """Return the parameters of a method: query, form and JSON body, as the Bot API takes them."""
    params: dict[str, Any] = dict(request.query)
    if request.content_type == "application/json":
        try:
            body = await request.json()
        except ValueError:
            body = None
        if not isinstance(body, dict):
            raise ApiError(400, "Bad Request: can't parse request JSON object")
        return params | body
    return params | dict(await request.post())


async def _answered(
    request: web.Request, do: Callable[[dict[str, Any]], dict[str, Any]]
) -> web.Response:
    """Answer an operator request with `do`; its errors become the answer."""
    try:
        body = await request.json()
        return web.json_response(do(body if isinstance(body, dict) else {}))
    except ApiError as error:
        return _refused(error)
    except (KeyError, ValueError, TypeError) as error:
        return web.json_response({"error": str(error)}, status=400)


def _user_id(body: dict[str, Any], chat: Chat) -> int:
    """Return the acting user's id: the request's, else the person at the page."""
    return int(body.get("user_id") or (chat.id if chat.id > 0 else YOU))


def _refused(error: ApiError) -> web.Response:
    wait = error.parameters.get("retry_after")
    headers = {"Retry-After": str(wait)} if wait is not None else {}
    return web.json_response(error.to_dict(), status=error.code, headers=headers)
