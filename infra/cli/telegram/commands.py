"""`signalengine telegram`: a stack's bot, from a terminal. The work is in `telegram_admin`."""

import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from infra.errors import PROBLEM, CommandError
from infra.local.stack.options import STATE_DIR
from infra.names import REGION

if TYPE_CHECKING:  # AWS's client is slow to import
    from infra.cli.telegram.admin import TelegramAdmin


StackOption = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
        envvar="SIGNALENGINE_STACK",
        help="A CloudFormation stack by its name. Default: the one running here.",
    ),
]
RegionOption = Annotated[str, typer.Option(envvar="SIGNALENGINE_REGION", help="Where --stack is.")]
StateOption = Annotated[Path, typer.Option(help="The state folder of a system running here.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]

MOST: Final = 200
"""Signals of one sync: a page of the API."""
TIMEOUT_S: Final = 30.0
"""How long a sync waits beyond a second and a half a message."""

app = typer.Typer(
    help="The bot of a stack: send signals again, see what waits, test it, set its menus.",
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

    They take the stack's own way: each is told once, so what was told before
    is not told again, and the chat's pace is kept.

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
    counts_ = _watched(admin, events, channel)
    _print({"signals": len(rows), "messages": len(events), **counts_}, as_json)
    if counts_["failed"] or counts_["waiting"]:
        raise typer.Exit(PROBLEM)


def _watched(admin: "TelegramAdmin", events: list[str], channel: str) -> dict[str, int]:
    """Wait until all are told or the patience is over; return the counts."""
    until = time.monotonic() + TIMEOUT_S + 1.5 * len(events)
    counts = Counter[str]()
    while events:
        counts = admin.states(events, channel)
        if not counts["waiting"] or time.monotonic() > until:
            break
        time.sleep(1.0)
    return {name: counts[name] for name in ("delivered", "suppressed", "failed", "waiting")}


@app.command()
def pending(
    stack: StackOption = None,
    region: RegionOption = REGION,
    state_dir: StateOption = STATE_DIR,
    as_json: JsonOption = False,
) -> None:
    """What waits to be told, what never will be, and which chats refuse us."""
    _print(_admin(stack, region, state_dir).pending(), as_json)


@app.command("test")
def send_test_message(
    stack: StackOption = None,
    region: RegionOption = REGION,
    state_dir: StateOption = STATE_DIR,
    as_json: JsonOption = False,
) -> None:
    """Ask Telegram who the bot is, and send a word to the configured chat."""
    from signalengine.errors import PermanentError, TransientError

    admin = _admin(stack, region, state_dir)
    chat_id = admin.home().partition(":")[2]
    try:
        bot = admin.bot()
        name = bot.get_me()["username"]
        number = bot.send_message(chat_id, "✅ SignalEngine reaches this chat.")
    except (TransientError, PermanentError) as error:
        raise CommandError(f"Telegram refuses: {error}", "check token and chat_id") from error
    _print({"bot": f"@{name}", "chat": chat_id, "message_id": number}, as_json)


@app.command()
def commands(
    stack: StackOption = None,
    region: RegionOption = REGION,
    state_dir: StateOption = STATE_DIR,
    as_json: JsonOption = False,
) -> None:
    """Point the bot's updates at the stack, and set the menus of its commands."""
    from signalengine.errors import PermanentError, TransientError

    admin = _admin(stack, region, state_dir)
    try:
        _print(admin.register(), as_json)
    except (TransientError, PermanentError) as error:
        raise CommandError(f"Telegram refuses: {error}", "check the token") from error


def _admin(stack: str | None, region: str, state_dir: Path) -> "TelegramAdmin":
    """Return the desk of a stack; raises CommandError when there is none."""
    from infra.cli.cloud import AwsCloud
    from infra.cli.telegram.admin import admin_of
    from infra.local.stack.running import find

    options: dict[str, Any] = {"region_name": region}
    if stack in (None, "local"):
        note = find(state_dir)
        if note is None:
            raise CommandError("no SignalEngine runs here", "start one with `make up`")
        keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
        options |= {"endpoint_url": note.addresses.aws} | keys
        telegram = note.addresses.telegram
        return admin_of(note.outputs, *([telegram] if telegram else []), **options)
    found = AwsCloud(region).stack(stack)
    if found is None:
        raise CommandError(f"there is no stack {stack} in {region}", "is it deployed?")
    return admin_of(found.outputs, **options)


def _print(document: dict[str, Any], as_json: bool) -> None:
    from infra.cli.reading.context import print_json

    if as_json:
        print_json(document)
        return
    from rich.console import Console
    from rich.markup import escape

    out = Console()
    for name, value in document.items():
        rows = value if isinstance(value, list) else [value]
        for row in rows or ["none"]:
            text = (
                row if not isinstance(row, dict) else ", ".join(f"{k} {v}" for k, v in row.items())
            )
            out.print(f"[dim]{name.replace('_', ' '):>13}[/]  {escape(str(text))}", highlight=False)
