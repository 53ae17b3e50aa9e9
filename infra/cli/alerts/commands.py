"""`signalengine alert`: price alerts of destinations. The work is done in `alerts`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from infra.cli.deliveries.commands import show
from infra.cli.deliveries.stack import JsonOption, RegionOption, StackOption, StateOption
from infra.local.stack.options import STATE_DIR
from infra.names import REGION

if TYPE_CHECKING:  # AWS's client is slow to import
    from infra.cli.alerts.alerts import DestinationAlerts

app = typer.Typer(
    help="One message when a symbol reaches a price, for a destination. Chats have /alert, "
    "browsers the page of a symbol.",
    no_args_is_help=True,
)

ToOption = Annotated[
    str, typer.Option("--to", metavar="DESTINATION", help="As `signalengine channel list` has it.")
]


@app.command()
def add(
    symbol: Annotated[str, typer.Argument(help="Like BTC or BTCUSDT.")],
    price: Annotated[float, typer.Argument(help="The price that is waited for.")],
    to: ToOption,
    stack: StackOption = None,
    region: RegionOption = REGION,
    state_dir: StateOption = STATE_DIR,
    as_json: JsonOption = False,
) -> None:
    """Send one message when a closed minute reaches a price, within 90 days.

    The minutes from the next one on count. Quiet hours do not hold it.

    Examples:

      signalengine alert add BTC 65000 --to phone
      signalengine alert add ETHUSDT 4000 --to email:0f1e2d3c4b5a69788796a5b4
    """
    from infra.cli.views.alerts import added

    done = _alerts(stack, region, state_dir).add(to, symbol, price)
    show(done, added, as_json)


@app.command("list")
def list_(
    to: Annotated[
        str | None, typer.Option("--to", metavar="DESTINATION", help="Only of this one.")
    ] = None,
    stack: StackOption = None,
    region: RegionOption = REGION,
    state_dir: StateOption = STATE_DIR,
    as_json: JsonOption = False,
) -> None:
    """The alerts of destinations that were not reached yet; those of chats and browsers as counts.

    Examples:

      signalengine alert list
      signalengine alert list --to phone --json
    """
    from infra.cli.views.alerts import alerts

    show(_alerts(stack, region, state_dir).rows(to), alerts, as_json)


@app.command()
def remove(
    alert: Annotated[str, typer.Argument(metavar="ALERT", help="Its id, as `list` shows it.")],
    stack: StackOption = None,
    region: RegionOption = REGION,
    state_dir: StateOption = STATE_DIR,
    as_json: JsonOption = False,
) -> None:
    """End an alert of a destination.

    Examples:

      signalengine alert remove 1f2e3d4c5b
    """
    from infra.cli.views.alerts import removed

    show(_alerts(stack, region, state_dir).remove(alert), removed, as_json)


def _alerts(stack: str | None, region: str, state_dir: Path) -> "DestinationAlerts":
    from infra.cli.alerts.alerts import DestinationAlerts
    from infra.cli.channels.store import store_of
    from infra.cli.deliveries.stack import access

    return DestinationAlerts(store_of(access(stack, region, state_dir)))
