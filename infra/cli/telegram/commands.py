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

    They go through the stack's queue: each message is delivered once, so what
    the chat has received is not sent again (`telegram send` does that), and
    the chat's rate limit is kept. What was sent now and what before is counted
    apart.

    Examples:

      signalengine telegram sync 10
      signalengine telegram sync 50 --stack SignalEngine
    """
    from infra.cli.reading.client import Api
    from infra.cli.reading.target import Where, resolve

    admin = _admin(stack, region, state_dir)
    where = Where(stack=stack, region=region, state_dir=state_dir)
    rows = Api(resolve(where)).get("/signals", limit=count)["signals"]
    homes = admin.homes()
    channel = homes[-1]
    ids = [row["id"] for row in reversed(rows)]
    before = admin.delivered(ids, *homes)
    events = admin.resend(ids, channel, without=before)
    _report(admin, len(rows), events, channel, as_json, sent_before=len(before))


@app.command()
def send(
    count: Annotated[int, typer.Argument(min=1, max=MOST, help="How many of the newest.")] = 1,
    stack: StackOption = None,
    region: RegionOption = REGION,
    state_dir: StateOption = STATE_DIR,
    as_json: JsonOption = False,
) -> None:
    """Send the newest signals to the configured chat once more, oldest first.

    Each comes as one message, its closing or else its opening, marked as sent
    again: for tests, and for a chat that lost its history. To send only what
    is missing, use `telegram sync`.

    Examples:

      signalengine telegram send 5
    """
    from infra.cli.reading.client import Api
    from infra.cli.reading.target import Where, resolve

    admin = _admin(stack, region, state_dir)
    where = Where(stack=stack, region=region, state_dir=state_dir)
    rows = Api(resolve(where)).get("/signals", limit=count)["signals"]
    channel = admin.home()
    events = admin.repeat([row["id"] for row in reversed(rows)], channel)
    _report(admin, len(rows), events, channel, as_json)


def _report(
    admin: "TelegramAdmin",
    signals: int,
    events: list[str],
    channel: str,
    as_json: bool,
    **before: int,
) -> None:
    """Wait for the deliveries and print their counts; ends with 1 unless all are final and good."""
    found = _watched(admin, events, channel)
    counts = {"sent_now": found.pop("delivered")} | before | found
    _print({"signals": signals, "messages": len(events), **counts}, as_json)
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


@app.command()
def unsent(
    count: Annotated[int, typer.Argument(min=1, max=MOST, help="How many of the newest.")] = 100,
    stack: StackOption = None,
    region: RegionOption = REGION,
    state_dir: StateOption = STATE_DIR,
    as_json: JsonOption = False,
) -> None:
    """The newest signals that a chat has not received, by symbol.

    With the reason, and the time of the next try. Messages that were set
    aside, of any kind, are those of `deliveries unsent`.

    Examples:

      signalengine telegram unsent
      signalengine telegram unsent 200 --stack SignalEngine
    """
    from infra.cli.reading.client import Api
    from infra.cli.reading.context import print_json
    from infra.cli.reading.target import Where, resolve
    from infra.cli.views.page import Page
    from infra.cli.views.unsent import unsent as view

    admin = _admin(stack, region, state_dir)
    where = Where(stack=stack, region=region, state_dir=state_dir)
    signals = Api(resolve(where)).get("/signals", limit=count)["signals"]
    now = time.time_ns() // 1_000_000
    document = {"signals": len(signals), "now": now, "unsent": admin.unsent(signals, now)}
    if as_json:
        print_json(document)
    else:
        page = Page()
        page.print(view(document, page))


for one in (deliveries.pending, deliveries.release):
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
    home = admin.home()
    chat = home.partition(":")[2]
    with _telegram_errors("check token and chat_id"):
        bot = admin.bot()
        name = bot.get_me()["username"]
        text = "✅ SignalEngine reaches this chat."
        number = bot.send_message(chat_of(chat), text, topic=topic_of(chat))
    _print(
        {"bot": f"@{name}", "chat": chat, "message_id": number, **_resumed(admin, admin.home())},
        as_json,
    )


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
        done = admin.register()
    _print(done | _resumed(admin), as_json)


def _resumed(admin: "TelegramAdmin", *chats: str) -> dict[str, str]:
    """End the pause of a bot, and of chats, that Telegram accepts; return what to print of it."""
    if not admin.accept(*chats):
        return {}
    return {"resumed": "it was paused; what waits follows within half an hour"}


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
