"""Commands that deploy the stack to AWS and delete it."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer
from signalengine.text.symbol_reader import SymbolError

from infra.cli.options import listed_symbols
from infra.names import PARAMETER_BYTES, REGION, symbol_parameters

RegionOption = Annotated[
    str,
    typer.Option(
        envvar="SIGNALENGINE_REGION",
        help="Not in the US or Canada: Binance answers HTTP 451 there.",
    ),
]
YesOption = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask for confirmation.")]
DryOption = Annotated[bool, typer.Option("--dry-run", help="Check, print the commands, and stop.")]


def deploy(
    symbols: Annotated[
        str,
        typer.Option(
            help="Comma-separated, like BTCUSDT,ETHUSDT; or top:20; or all. Empty: unchanged."
        ),
    ] = "",
    region: RegionOption = REGION,
    policy: Annotated[
        Path | None, typer.Option(help="A policy file instead of the default one.", exists=True)
    ] = None,
    parameter: Annotated[
        list[str] | None,
        typer.Option("--parameter", "-p", metavar="NAME=VALUE", help="One of docs/deploy.md."),
    ] = None,
    yes: YesOption = False,
    dry_run: DryOption = False,
) -> None:
    """Deploy to AWS: checks this machine and the account, then runs the CDK.

    It checks region, credentials, Docker, the CDK's bootstrap (added if
    missing) and the stack's state, prints the commands, and asks for
    confirmation.

    Examples:

      signalengine deploy --symbols BTCUSDT,ETHUSDT,SOLUSDT
      signalengine deploy --region eu-central-1 --dry-run
      signalengine deploy -p LogLevel=DEBUG --yes
    """
    from rich.console import Console  # AWS's client and rich are slow to import

    from infra.cli.cloud import AwsCloud
    from infra.cli.deploy.deployment import DeployOptions, LocalMachine, checked
    from infra.cli.deploy.deployment import deploy as run

    given = dict([_pair(text) for text in parameter or []])
    if symbols:
        given = {**_symbols(symbols), **given}
    path = None if policy is None else str(policy.resolve())
    options = DeployOptions(checked(region), given, path)
    out = Console()
    code = run(options, AwsCloud(region), LocalMachine(), out, _confirmer(yes), dry=dry_run)
    raise typer.Exit(code)


def destroy(
    region: RegionOption = REGION, yes: YesOption = False, dry_run: DryOption = False
) -> None:
    """Delete the stack; prints first what is deleted and what is retained.

    The tables are retained, so that the track record is not lost.

    Examples:

      signalengine destroy --dry-run
    """
    from rich.console import Console  # AWS's client and rich are slow to import

    from infra.cli.cloud import AwsCloud
    from infra.cli.deploy.deployment import LocalMachine
    from infra.cli.deploy.deployment import destroy as run

    out = Console()
    code = run(region, AwsCloud(region), LocalMachine(), out, _confirmer(yes), dry=dry_run)
    raise typer.Exit(code)


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not (equals and name.isalnum()):
        raise typer.BadParameter(f"{text}: write it as NAME=VALUE", param_hint="--parameter")
    if len(value.encode()) > PARAMETER_BYTES:
        why = f"{name}: a parameter holds {PARAMETER_BYTES} bytes; for symbols use --symbols"
        raise typer.BadParameter(why, param_hint="--parameter")
    return name, value


def _symbols(text: str) -> dict[str, str]:
    """Return the parameters for a list; `top:50` and `all` stay as they are."""
    try:
        return symbol_parameters(",".join(listed_symbols(text)) or text.strip().lower())
    except (SymbolError, ValueError) as error:
        raise typer.BadParameter(str(error), param_hint="--symbols") from error


def _confirmer(yes: bool) -> Callable[[str], bool]:
    """Return the function that asks for confirmation; with --yes it always confirms."""
    return (lambda _question: True) if yes else typer.confirm
