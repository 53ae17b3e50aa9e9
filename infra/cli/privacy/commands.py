"""`signalengine forget`: what a stack has stored about one address is removed."""

import time
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from infra.cli.deliveries.stack import JsonOption, RegionOption, StackOption, StateOption
from infra.local.stack.options import STATE_DIR
from infra.names import REGION

if TYPE_CHECKING:  # AWS's client is slow to import
    from infra.cli.deliveries.stack import StackAccess
    from infra.cli.privacy.forgetting import Forgetting


def forget(
    address: Annotated[
        str, typer.Argument(metavar="CHANNEL:ADDRESS", help="Like telegram:-1001234.")
    ],
    stack: StackOption = None,
    region: RegionOption = REGION,
    state_dir: StateOption = STATE_DIR,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Remove what a stack has stored about an address: a chat, an e-mail address.

    Its subscription and preferences, its pace and pauses, the rows of what it
    was sent, and its place in the audiences of open signals. Of a chat of
    Telegram also its topics and its former ids. That an address was forgotten
    is stored for a year, not which one. docs/privacy.md says what else there
    is, and when it expires.

    Examples:

      signalengine forget telegram:-1001234
      signalengine forget email:ada@example.com --stack SignalEngine
    """
    from infra.cli.deliveries.stack import access
    from infra.cli.reading.context import print_json

    forgetting = _forgetting(access(stack, region, state_dir))
    channel = forgetting.channel(address)
    if not (yes or typer.confirm(f"remove everything that is stored about {address}?")):
        raise typer.Exit(1)
    done = asdict(forgetting.forget(channel, time.time_ns() // 1_000_000))
    if as_json:
        print_json(done)
        return
    for name, value in done.items():
        typer.echo(f"{name:>13}  {value}")


def _forgetting(reached: "StackAccess") -> "Forgetting":
    """Return what forgets an address of a stack."""
    from signalengine_aws.channels.telegram.config import read_secret
    from signalengine_aws.runtime.secrets import secret_by

    from infra.cli.privacy.forgetting import Forgetting

    outputs = reached.outputs
    telegram, channels = outputs["TelegramSecretArn"], outputs.get("ChannelsSecretArn")
    return Forgetting(
        reached.client("dynamodb"),
        outputs["SubscriptionsTable"],
        outputs["DeliveriesTable"],
        home=read_secret(secret_by(reached.client, telegram)).home,
        email_secret=secret_by(reached.client, channels) if channels else "",
    )
