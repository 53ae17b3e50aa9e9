"""`signalengine feed add | list | remove`: the addresses that feed readers subscribe to."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from infra.cli.deliveries.stack import JsonOption, RegionOption, StackOption, StateOption
from infra.errors import USAGE, CommandError
from infra.local.stack.options import STATE_DIR
from infra.names import REGION

if TYPE_CHECKING:
    from infra.cli.feeds.tokens import FeedTokens, Row

app = typer.Typer(
    help="Addresses of the Atom and RSS feeds, with a token for each reader where one is needed.",
    no_args_is_help=True,
)

Name = Annotated[str, typer.Argument(metavar="READER", help="Your name for it: a-z, 0-9, -.")]
Symbol = Annotated[str | None, typer.Option(help="Only this symbol, like BTC or ETHUSDT.")]
Direction = Annotated[str | None, typer.Option(help="Only long, or only short.")]
Strategy = Annotated[str | None, typer.Option(help="Only this parameter set.")]
MinScore = Annotated[float | None, typer.Option(help="Lowest score, in percent.")]


@app.command()
def add(
    reader: Name,
    symbol: Symbol = None,
    direction: Direction = None,
    strategy: Strategy = None,
    min_score: MinScore = None,
    stack: StackOption = None,
    region: RegionOption = REGION,
    state_dir: StateOption = STATE_DIR,
    as_json: JsonOption = False,
) -> None:
    """Make a token for a reader, and print the addresses of its feeds.

    The token reads /feed.atom and /feed.rss and nothing else. Where everyone
    may read, the addresses are printed without one.

    Examples:

      signalengine feed add phone
      signalengine feed add office --symbol BTC --min-score 70 --stack SignalEngine
    """
    filters = _filters(symbol, direction, strategy, min_score)
    _print([_tokens(stack, region, state_dir).add(reader, filters)], as_json=as_json)


@app.command("list")
def list_readers(
    symbol: Symbol = None,
    direction: Direction = None,
    strategy: Strategy = None,
    min_score: MinScore = None,
    stack: StackOption = None,
    region: RegionOption = REGION,
    state_dir: StateOption = STATE_DIR,
    as_json: JsonOption = False,
) -> None:
    """Print the addresses of every reader's feeds, with their tokens.

    Examples:

      signalengine feed list
      signalengine feed list --symbol ETH --json
    """
    filters = _filters(symbol, direction, strategy, min_score)
    _print(_tokens(stack, region, state_dir).rows(filters), as_json=as_json)


@app.command()
def remove(
    reader: Name,
    stack: StackOption = None,
    region: RegionOption = REGION,
    state_dir: StateOption = STATE_DIR,
    as_json: JsonOption = False,
) -> None:
    """Revoke a reader's token: its addresses end within five minutes.

    Examples:

      signalengine feed remove phone
    """
    _print([_tokens(stack, region, state_dir).remove(reader)], as_json=as_json)


def _print(rows: "list[Row]", *, as_json: bool) -> None:
    """Print what there is, an address a line: none is cut or wrapped, to be copied whole."""
    from infra.cli.reading.context import print_json

    if as_json:
        print_json({"feeds": rows})
        return
    for row in rows:
        for name, value in row.items():
            if value:
                typer.echo(f"{name:>8}  {value}")
    if not rows:
        typer.echo("no feed readers; `signalengine feed add NAME`")


def _filters(
    symbol: str | None, direction: str | None, strategy: str | None, min_score: float | None
) -> dict[str, str]:
    """Return the parameters of a feed; raises CommandError for those that it does not have."""
    from infra.cli.channels.preferences import changes

    read = changes({"symbols": symbol, "direction": direction, "min_score": min_score})
    symbols = read.get("symbols", ())
    if len(symbols) > 1:
        raise CommandError("a feed has one symbol or all", "--symbol BTC", USAGE)
    score = round(read.get("min_score", 0.0), 4)
    if score >= 1:
        raise CommandError("no score is as high", "--min-score 70", USAGE)
    found = {
        "symbol": "".join(symbols), "direction": read.get("direction") or "",
        "strategy": strategy or "", "min_score": f"{score:g}" if score else "",
    }  # fmt: skip
    return {name: value for name, value in found.items() if value}


def _tokens(stack: str | None, region: str, state_dir: Path) -> "FeedTokens":
    from signalengine_aws.runtime.secrets import secret_by

    from infra.cli.channels.store import store_of
    from infra.cli.deliveries import stack as stacks
    from infra.cli.feeds.tokens import FeedTokens

    found = stacks.access(stack, region, state_dir)
    arn, store = found.outputs["ApiSecretArn"], store_of(found)
    return FeedTokens(
        read=lambda: secret_by(found.client, arn),
        write=lambda text: store.put(arn, text),
        site=found.site,
    )
