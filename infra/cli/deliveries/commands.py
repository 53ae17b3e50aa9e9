"""`signalengine deliveries`: what waits, and what was set aside, of any channel."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from infra.cli.deliveries.stack import JsonOption, RegionOption, StackOption, StateOption
from infra.errors import CommandError
from infra.local.stack.options import STATE_DIR
from infra.names import REGION

if TYPE_CHECKING:  # AWS's client is slow to import
    from collections.abc import Callable

    from rich.console import RenderableType

    from infra.cli.deliveries.channel import ChannelDeliveries
    from infra.cli.deliveries.letters import Letter
    from infra.cli.views.page import Page

ChannelOption = Annotated[
    str, typer.Option("--channel", metavar="NAME", help="telegram, or channels for all others.")
]
CHANNEL = "telegram"

app = typer.Typer(
    help="The deliveries of a stack: what waits or is paused, what was set aside, and its release.",
    no_args_is_help=True,
)


@app.command()
def pending(
    channel: ChannelOption = CHANNEL,
    stack: StackOption = None,
    region: RegionOption = REGION,
    state_dir: StateOption = STATE_DIR,
    as_json: JsonOption = False,
) -> None:
    """Queued messages, and the addresses that are paused after errors.

    Examples:

      signalengine deliveries pending
      signalengine deliveries pending --channel telegram --stack SignalEngine
    """
    from infra.cli.views.deliveries import pending as view

    show(_deliveries(channel, stack, region, state_dir).pending(), view, as_json)


@app.command()
def unsent(
    channel: ChannelOption = CHANNEL,
    stack: StackOption = None,
    region: RegionOption = REGION,
    state_dir: StateOption = STATE_DIR,
    as_json: JsonOption = False,
) -> None:
    """Messages that were set aside, each with its address and the reason.

    Examples:

      signalengine deliveries unsent --stack SignalEngine
    """
    from infra.cli.views.deliveries import unsent as view

    rows = _deliveries(channel, stack, region, state_dir).letters().rows()
    show({"channel": channel, "unsent": rows}, view, as_json)


@app.command()
def release(
    events: Annotated[
        list[str] | None, typer.Argument(metavar="[EVENT]...", help="Ids, as `unsent` shows them.")
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="All that were set aside.")] = False,
    address: Annotated[
        str | None,
        typer.Option("--address", "--chat", help="Only those for this address, like a chat."),
    ] = None,
    channel: ChannelOption = CHANNEL,
    stack: StackOption = None,
    region: RegionOption = REGION,
    state_dir: StateOption = STATE_DIR,
    as_json: JsonOption = False,
) -> None:
    """Put messages that were set aside into the queue again.

    Examples:

      signalengine deliveries release 7243455ef27fe3fff21248d8#opened
      signalengine deliveries release --all --address telegram:-1001234
    """
    from infra.cli.views.deliveries import released as view

    if bool(events) == everything:
        raise CommandError("name the events to release, or --all", "see `deliveries unsent`")
    letters = _deliveries(channel, stack, region, state_dir).letters()
    named = frozenset(events or ())

    def wanted(letter: "Letter") -> bool:
        known = letter.address or ""
        of_address = address is None or address in (known, known.partition(":")[2])
        return of_address and (everything or letter.event in named)

    show({"channel": channel, **letters.release(wanted)}, view, as_json)


def _deliveries(
    channel: str, stack: str | None, region: str, state_dir: Path
) -> "ChannelDeliveries":
    from infra.cli.deliveries.channel import deliveries_of
    from infra.cli.deliveries.stack import access

    return deliveries_of(access(stack, region, state_dir), channel)


def show(
    document: dict[str, Any], view: "Callable[[Any, Page], RenderableType]", as_json: bool
) -> None:
    from infra.cli.reading.context import print_json
    from infra.cli.views.page import Page

    if as_json:
        print_json(document)
    else:
        page = Page()
        page.print(view(document, page))
