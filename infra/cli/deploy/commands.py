"""Commands that deploy the stack to AWS and delete it."""

from collections.abc import Callable
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from signalengine.text.symbol_reader import SymbolError

from infra.cli.options import listed_symbols
from infra.errors import PROBLEM
from infra.names import (
    DATA_PARAMETERS,
    INGEST_CAPACITIES,
    PARAMETER_BYTES,
    PARAMETERS,
    REGION,
    symbol_parameters,
)

if TYPE_CHECKING:  # slow to import, and not needed for help
    from rich.console import Console

RegionOption = Annotated[
    str,
    typer.Option(
        envvar="SIGNALENGINE_REGION",
        help="Not in the US or Canada: Binance answers HTTP 451 there.",
    ),
]
StageOption = Annotated[
    str,
    typer.Option(
        metavar="NAME",
        envvar="SIGNALENGINE_STAGE",
        help="A system of its own beside others, like dev or prod. Default: the only one.",
    ),
]
SymbolsOption = Annotated[
    str,
    typer.Option(
        help="Comma-separated, like BTCUSDT,ETHUSDT; or top:20; or all. Empty: unchanged."
    ),
]
PublicOption = Annotated[
    bool | None,
    typer.Option(
        "--public/--private",
        help="Whether everyone may read without the API's token. Default: unchanged; "
        "a new stack is private.",
    ),
]
IngestOption = Annotated[
    str,
    typer.Option(
        "--ingest",
        metavar="spot|on-demand",
        help="What the ingest task runs on: Fargate Spot costs a third, and is interrupted "
        "now and then. Empty: unchanged; a new stack has spot.",
    ),
]
YesOption = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask for confirmation.")]
DryOption = Annotated[
    bool, typer.Option("--dry-run", help="Check, print what would be done, and stop.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]


def deploy(
    symbols: SymbolsOption = "",
    region: RegionOption = REGION,
    stage: StageOption = "",
    policy: Annotated[
        Path | None, typer.Option(help="A policy file instead of the default one.", exists=True)
    ] = None,
    parameter: Annotated[
        list[str] | None,
        typer.Option("--parameter", "-p", metavar="NAME=VALUE", help="One of docs/deploy.md."),
    ] = None,
    public: PublicOption = None,
    ingest: IngestOption = "",
    yes: YesOption = False,
    dry_run: DryOption = False,
) -> None:
    """Deploy to AWS: checks this machine and the account, then runs the CDK.

    It makes the checks of `signalengine doctor`, prints the commands, asks
    for confirmation, and adds the CDK's bootstrap if it is missing. With
    --dry-run it prints what would change, and what a month costs.

    Examples:

      signalengine deploy --symbols BTCUSDT,ETHUSDT,SOLUSDT
      signalengine deploy --region eu-central-1 --dry-run
      signalengine deploy --stage prod --symbols top:20
      signalengine deploy --ingest on-demand
      signalengine deploy -p LogLevel=DEBUG --yes
    """
    from rich.console import Console  # AWS's client and rich are slow to import

    from infra.cli.cloud import AwsCloud
    from infra.cli.deploy.deployment import DeployOptions, checked, known_stage
    from infra.cli.deploy.deployment import deploy as run
    from infra.cli.deploy.doctor import examine
    from infra.cli.deploy.machine import LocalMachine

    given = _parameters(symbols, public, ingest, parameter or [])
    path = None if policy is None else str(policy.resolve())
    options = DeployOptions(checked(region), given, known_stage(stage), path)
    out, cloud = Console(), AwsCloud(region)
    checks = examine(cloud, options.stage)
    _print_notices(out, _count(symbols), public=bool(public))
    code = run(options, cloud, LocalMachine(), checks, out, _confirmer(yes), dry=dry_run)
    if dry_run and code == 0:
        _print_cost(out, _count(symbols))
    raise typer.Exit(code)


def doctor(
    region: RegionOption = REGION, stage: StageOption = "", as_json: JsonOption = False
) -> None:
    """Check everything that a deployment needs; each line says ok, or the fix.

    This machine's tools, the account (credentials, bootstrap, quotas), and
    whether Telegram and Binance answer. A line with ! is advice. Ends with 1
    when something prevents a deployment.

    Examples:

      signalengine doctor
      signalengine doctor --region eu-central-1 --json
    """
    import json

    from rich.console import Console  # AWS's client and rich are slow to import

    from infra.cli.cloud import AwsCloud
    from infra.cli.deploy.checks import document, passed, print_checks
    from infra.cli.deploy.deployment import known_stage
    from infra.cli.deploy.doctor import examine

    checks = examine(AwsCloud(region), known_stage(stage))
    if as_json:
        typer.echo(json.dumps(document(checks), indent=2, ensure_ascii=False))
    else:
        print_checks(checks, Console())
    raise typer.Exit(0 if passed(checks) else PROBLEM)


def destroy(
    region: RegionOption = REGION,
    stage: StageOption = "",
    yes: YesOption = False,
    dry_run: DryOption = False,
) -> None:
    """Delete the stack of the code; prints first what is deleted and what is retained.

    Tables, archive and secrets have a stack of their own, which stays: the next
    deploy goes on with them.

    Examples:

      signalengine destroy --dry-run
    """
    from rich.console import Console  # AWS's client and rich are slow to import

    from infra.cli.cloud import AwsCloud
    from infra.cli.deploy.deployment import destroy as run
    from infra.cli.deploy.deployment import known_stage
    from infra.cli.deploy.machine import LocalMachine

    out = Console()
    place = region, known_stage(stage)
    code = run(*place, AwsCloud(region), LocalMachine(), out, _confirmer(yes), dry=dry_run)
    raise typer.Exit(code)


def _parameters(symbols: str, public: bool | None, ingest: str, pairs: list[str]) -> dict[str, str]:
    """Return the stack's parameters; those that are named by themselves go first."""
    given = _symbols(symbols) if symbols else {}
    if public is not None:
        given["PublicApi"] = str(public).lower()
    if ingest:
        given["IngestCapacity"] = _capacity(ingest)
    return given | dict([_pair(text) for text in pairs])


def _capacity(text: str) -> str:
    if text not in INGEST_CAPACITIES:
        raise typer.BadParameter(f"{text}: write spot or on-demand", param_hint="--ingest")
    return text


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not (equals and name.isalnum()):
        raise typer.BadParameter(f"{text}: write it as NAME=VALUE", param_hint="--parameter")
    known = (*PARAMETERS, *DATA_PARAMETERS)
    if name not in known:
        (nearest,) = get_close_matches(name, known, n=1, cutoff=0)
        why = f"the stack has no parameter {name}; did you mean {nearest}?"
        raise typer.BadParameter(why, param_hint="--parameter")
    if len(value.encode()) > PARAMETER_BYTES:
        why = f"{name}: a parameter holds {PARAMETER_BYTES} bytes; for symbols use --symbols"
        raise typer.BadParameter(why, param_hint="--parameter")
    return name, value


def _symbols(text: str) -> dict[str, str]:
    """Return the parameters for a list; `top:50` and `all` stay as they are."""
    whole = text.strip().lower()
    if whole.startswith("top:") and _top(whole) is None:
        raise typer.BadParameter(f"{text}: write it like top:50", param_hint="--symbols")
    try:
        return symbol_parameters(",".join(listed_symbols(text)) or whole)
    except (SymbolError, ValueError) as error:
        raise typer.BadParameter(str(error), param_hint="--symbols") from error


def _top(text: str) -> int | None:
    """Return N of `top:N`, None if the text is not of that form."""
    kind, _, number = text.partition(":")
    whole = kind == "top" and number.isascii() and number.isdigit() and int(number) > 0
    return int(number) if whole else None


def _count(symbols: str) -> int | None:
    """Return how many symbols are followed; None for those that are deployed, and for `all`."""
    return _top(symbols.strip().lower()) or len(listed_symbols(symbols)) or None


def _print_cost(out: "Console", symbols: int | None) -> None:
    from signalengine_aws.costs.report import planned

    from infra.cli.views import costs
    from infra.cli.views.page import Page

    if symbols is None:
        out.print("a month's cost: signalengine cost --plan NUMBER_OF_SYMBOLS", highlight=False)
        return
    page = Page(console=out)
    page.print(costs.plan(planned(symbols), page))


def _print_notices(out: "Console", symbols: int | None, *, public: bool) -> None:
    """Print the variables that have no effect, and what visitors may cost."""
    from signalengine_aws.costs.public import SYMBOLS, exposure

    from infra.cli.settings.environment import say_unread

    say_unread()
    if not public:
        return
    document = exposure(symbols or SYMBOLS)
    out.print(
        f"public: visitors can add up to ${document['usd_a_day']:.2f} a day, by direct calls to "
        "both APIs or through a CDN: signalengine cost --public",
        highlight=False,
        soft_wrap=True,
    )


def _confirmer(yes: bool) -> Callable[[str], bool]:
    """Return the function that asks for confirmation; with --yes it always confirms."""
    return (lambda _question: True) if yes else typer.confirm
