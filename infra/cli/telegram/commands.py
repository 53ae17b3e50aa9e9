"""`signalengine telegram`: the bot of a stack. The work is done in `admin`."""

import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from infra.errors import PROBLEM, CommandError
from infra.local.stack.options import STATE_DIR
from infra.names import REGION

if TYPE_CHECKING:  # AWS's client is slow to import
    from infra.cli.telegram.admin import TelegramAdmin
    from infra.cli.telegram.letters import Letter


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


@app.command()
def pending(
    stack: StackOption = None,
    region: RegionOption = REGION,
    state_dir: StateOption = STATE_DIR,
    as_json: JsonOption = False,
) -> None:
    """Queued messages, dead letters, and chats that are paused after errors."""
    _print(_admin(stack, region, state_dir).pending(), as_json)


@app.command()
def unsent(
    stack: StackOption = None,
    region: RegionOption = REGION,
    state_dir: StateOption = STATE_DIR,
    as_json: JsonOption = False,
) -> None:
    """Messages that were set aside, each with its chat and the reason."""
    rows = _admin(stack, region, state_dir).letters().rows()
    _print({"unsent": rows}, as_json)


@app.command()
def release(
    events: Annotated[
        list[str] | None, typer.Argument(metavar="[EVENT]...", help="Ids, as `unsent` shows them.")
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="All that were set aside.")] = False,
    chat: Annotated[str | None, typer.Option(help="Only those of this chat.")] = None,
    stack: StackOption = None,
    region: RegionOption = REGION,
    state_dir: StateOption = STATE_DIR,
    as_json: JsonOption = False,
) -> None:
    """Put messages that were set aside into the queue again.

    Examples:

      signalengine telegram release 7243455ef27fe3fff21248d8#opened
      signalengine telegram release --all --chat telegram:-1001234
    """
    if bool(events) == everything:
        raise CommandError("name the events to release, or --all", "see `telegram unsent`")
    letters = _admin(stack, region, state_dir).letters()
    named = frozenset(events or ())

    def wanted(letter: "Letter") -> bool:
        of_chat = chat is None or chat in (letter.chat, (letter.chat or "").partition(":")[2])
        return of_chat and (everything or letter.event in named)

    _print(dict(letters.release(wanted)), as_json)


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
    from infra.cli.cloud import AwsCloud
    from infra.cli.telegram.admin import admin_of
    from infra.local.stack.running import find

    options: dict[str, Any] = {"region_name": region}
    if stack in (None, "local"):
        note = find(state_dir)
        if note is None:
            raise CommandError("no SignalEngine runs here", "start one with `make up`")
        options |= {
            "endpoint_url": note.addresses.aws,
            "aws_access_key_id": note.access.access_key_id,
            "aws_secret_access_key": note.access.secret_access_key,
        }
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
