"""`signalengine telegram`: the bot of a stack. The work is done in `admin`."""

import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from infra.cli.deliveries import commands as deliveries
from infra.cli.deliveries.stack import JsonOption, RegionOption, StackOption, StateOption
from infra.errors import PROBLEM, CommandError
from infra.local.stack.options import STATE_DIR
from infra.names import REGION

if TYPE_CHECKING:  # AWS's client is slow to import
    from infra.cli.telegram.admin import TelegramAdmin


MOST: Final = 200
"""Signals of one sync: a page of the API."""
TIMEOUT_S: Final = 30.0
"""Seconds that a sync waits beyond 1.5 s per message."""

app = typer.Typer(
    help="The bot of a stack: send signals again, show the queue and what was set aside, "
    "release it, test the bot, set its menus.",
    no_args_is_help=True,
)


@app.command()
def sync(
    count: Annotated[int, typer.Argument(min=1, max=MOST, help="How many of the newest.")] = 10,
    stack: StackOption = None,
    region: RegionOption = REGION,
    state_dir: StateOption = STATE_DIR,
    as_json: JsonOption = False,
) -> None:
    """Send the newest signals to the configured chat, oldest first.

    They go through the stack's queue: each message is delivered once, so
    delivered ones are not sent again, and the chat's rate limit is kept.

    Examples:

      signalengine telegram sync 10
      signalengine telegram sync 50 --stack SignalEngine
    """
    from infra.cli.reading.client import Api
    from infra.cli.reading.target import Where, resolve

    admin = _admin(stack, region, state_dir)
    where = Where(stack=stack, region=region, state_dir=state_dir)
    rows = Api(resolve(where)).get("/signals", limit=count)["signals"]
    channel = admin.home()
    events = admin.resend([row["id"] for row in reversed(rows)], channel)
    found = _watched(admin, events, channel)
    _print({"signals": len(rows), "messages": len(events), **found}, as_json)
    if found["failed"] or found["waiting"]:
        raise typer.Exit(PROBLEM)


def _watched(admin: "TelegramAdmin", events: list[str], channel: str) -> dict[str, int]:
    """Wait until all are delivered or the time-out has passed; return the counts."""
    until = time.monotonic() + TIMEOUT_S + 1.5 * len(events)
    counts = Counter[str]()
    while events:
        counts = admin.states(events, channel)
        if not counts["waiting"] or time.monotonic() > until:
            break
        time.sleep(1.0)
    return {name: counts[name] for name in ("delivered", "suppressed", "failed", "waiting")}


for one in (deliveries.pending, deliveries.unsent, deliveries.release):
    app.command(help=f"The same as `deliveries {one.__name__}`.")(one)


@app.command("test")
def send_test_message(
    stack: StackOption = None,
    region: RegionOption = REGION,
    state_dir: StateOption = STATE_DIR,
    as_json: JsonOption = False,
) -> None:
    """Check the bot's token, and send a test message to the configured chat."""
    from signalengine_aws.channels.telegram.address import chat_of, topic_of

    admin = _admin(stack, region, state_dir)
    chat = admin.home().partition(":")[2]
    with _telegram_errors("check token and chat_id"):
        bot = admin.bot()
        name = bot.get_me()["username"]
        text = "✅ SignalEngine reaches this chat."
        number = bot.send_message(chat_of(chat), text, topic=topic_of(chat))
    _print({"bot": f"@{name}", "chat": chat, "message_id": number}, as_json)


@app.command()
def commands(
    stack: StackOption = None,
    region: RegionOption = REGION,
    state_dir: StateOption = STATE_DIR,
    as_json: JsonOption = False,
) -> None:
    """Set the bot's webhook to the stack, and the menus of its commands."""
    admin = _admin(stack, region, state_dir)
    with _telegram_errors("check the token"):
        _print(admin.register(), as_json)


@contextmanager
def _telegram_errors(fix: str) -> Iterator[None]:
    """Turn Telegram's errors into CommandErrors with this fix."""
    from signalengine.errors import PermanentError, TransientError

    try:
        yield
    except (TransientError, PermanentError) as error:
        raise CommandError(f"Telegram refuses: {error}", fix) from error


def _admin(stack: str | None, region: str, state_dir: Path) -> "TelegramAdmin":
    """Return the bot's admin of a stack; raises CommandError if there is no stack."""
    from infra.cli.deliveries.stack import access
    from infra.cli.telegram.admin import admin_of

    return admin_of(access(stack, region, state_dir))


def _print(document: dict[str, Any], as_json: bool) -> None:
    from infra.cli.reading.context import print_json

    if as_json:
        print_json(document)
        return
    from rich.console import Console
    from rich.markup import escape

    out = Console()
    for name, value in document.items():
        out.print(f"[dim]{name.replace('_', ' '):>13}[/]  {escape(str(value))}", highlight=False)
