"""`python -m infra.local.telegram --port P`: run the local Telegram until SIGTERM or Ctrl-C.

Prints `READY {"port", "token", "chat_id", "control_token"}` when it listens: the bot's token and
that of operators, both new in each run. With `--print`, then one line for each message as it
arrives.
"""

import argparse
import asyncio
import json
import signal
import sys
from contextlib import suppress
from datetime import datetime

from aiohttp import web

from .bot import Bot
from .chats import Chats, Message, parse_chat
from .server import TelegramServer

DEFAULT_CHAT = "424242"


def main() -> None:
    with suppress(KeyboardInterrupt):
        asyncio.run(_run(_arguments()))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m infra.local.telegram", description=__doc__)
    parser.add_argument("--port", type=int, default=8081, help="0 takes a free one")
    parser.add_argument(
        "--chat",
        action="append",
        help="a known chat: id, negative id, @name or forum:ID; repeatable",
    )
    parser.add_argument("--rate-limit", action="store_true", help="enforce the send limits (429)")
    parser.add_argument("--print", action="store_true", dest="show", help="messages on stdout")
    return parser.parse_args()


async def _run(arguments: argparse.Namespace) -> None:
    named = arguments.chat or [DEFAULT_CHAT]
    chats = Chats([parse_chat(text, at) for at, text in enumerate(named)])
    bot = Bot(chats, limited=arguments.rate_limit)
    server = TelegramServer(bot)
    runner = web.AppRunner(server.app(), access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", arguments.port)
    try:
        await site.start()
    except OSError as error:
        await runner.cleanup()
        sys.exit(f"port {arguments.port} cannot be used ({error.strerror}): choose another --port")
    ready = {
        "port": _port(runner), "token": bot.token, "chat_id": named[0],
        "control_token": server.token,
    }  # fmt: skip
    _print(f"READY {json.dumps(ready)}")
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    showing = asyncio.create_task(_show(chats)) if arguments.show else None
    await stop.wait()
    if showing is not None:
        showing.cancel()
    await runner.cleanup()


async def _show(chats: Chats) -> None:
    printed = 0
    while True:
        revision = chats.revision
        for message in chats.changes[printed:]:
            _print(one_line(message))
        printed = len(chats.changes)
        await chats.wait_for_change(revision, 3600.0)


def one_line(message: Message) -> str:
    """Return a message as one line of plain text: time, chat, number, what it answers, text."""
    at = datetime.fromtimestamp(message.received_at / 1000).astimezone().strftime("%H:%M:%S")
    reply = f" (reply to #{message.reply_to})" if message.reply_to else ""
    edited = " (edited)" if message.edited else ""
    who = "" if message.sender == "bot" else " you:"
    lines = [line.strip() for line in message.content.text.splitlines()]
    text = " · ".join("".join(c for c in line if c.isprintable()) for line in lines if line)
    return f"{at} {message.chat.id} #{message.message_id}{reply}{edited}{who} {text}"


def _port(runner: web.AppRunner) -> int:
    return int(runner.addresses[0][1])


def _print(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
