"""`signalengine data`: its commands, their options and help."""

from pathlib import Path
from typing import Annotated

import typer

from infra.cli.data.choices import KINDS, SOURCES
from infra.cli.options import FromOption, ToOption, check_times

app = typer.Typer(
    help="Recorded data: what there is, whether it holds together, and getting more.",
    no_args_is_help=True,
)


def kinds(incomplete: str) -> list[tuple[str, str]]:
    """Return the kinds of data that begin with `incomplete`, with descriptions."""
    return [(name, text) for name, text in KINDS.items() if name.startswith(incomplete)]


def sources(incomplete: str) -> list[tuple[str, str]]:
    """Return the sources that begin with `incomplete`, with descriptions."""
    return [(name, text) for name, text in SOURCES.items() if name.startswith(incomplete)]


def intervals(incomplete: str) -> list[str]:
    """Return the lists of intervals that one more makes of `incomplete`."""
    from signalengine.intervals import INTERVALS

    *before, last = incomplete.split(",")
    return [
        ",".join([*before, name])
        for name in INTERVALS
        if name.startswith(last) and name not in before
    ]


FolderArgument = Annotated[
    Path | None,
    typer.Argument(help="A folder or file of recordings; default: the folder of downloads."),
]
MappingOption = Annotated[
    Path | None,
    typer.Option(
        help="A file that declares the layout of other files; default: mapping.toml there."
    ),
]
OnlyOption = Annotated[
    str, typer.Option("--symbols", help="Comma-separated, like BTCUSDT,ETHUSDT. Empty: all.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command("list")
def list_data(
    folder: FolderArgument = None,
    symbols: OnlyOption = "",
    mapping: MappingOption = None,
    as_json: JsonOption = False,
) -> None:
    """List what a folder holds: by symbol, kind, interval and source, with span and rows.

    Files that have not changed since the last time are not read again.

    Examples:

      signalengine data list
      signalengine data list ~/data/klines --symbols btc,eth
    """
    from infra.cli.data.listing import run_list  # research is slow to import

    run_list(folder, symbols, mapping, as_json=as_json)


@app.command("check")
def check_data(
    folder: FolderArgument = None,
    symbols: OnlyOption = "",
    mapping: MappingOption = None,
    at: Annotated[
        str | None,
        typer.Option(
            help="The day at which missing symbols are counted; default: the first bar's."
        ),
    ] = None,
    strict: Annotated[bool, typer.Option("--strict", help="Gaps are a failure too.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Check a folder: gaps, repairs, what is beside the bars, agreement, missing symbols.

    Ends with 1 if a file cannot be read or two sources differ.

    Examples:

      signalengine data check
      signalengine data check ~/data/klines --symbols btc --strict
    """
    from infra.cli.data.checking import run_check  # research is slow to import

    check_times(at, None, "--at", "--at")
    run_check(folder, symbols, mapping, at, strict=strict, as_json=as_json)


@app.command("fetch")
def fetch_data(
    kind: Annotated[
        list[str] | None,
        typer.Argument(
            help=f"What to fetch: {', '.join(KINDS)}; default: klines.", autocompletion=kinds
        ),
    ] = None,
    symbols: Annotated[
        str,
        typer.Option(
            help="Comma-separated, like BTCUSDT,ETHUSDT; all: every symbol that traded in the "
            "span, delisted ones included, as the lists of contracts have them."
        ),
    ] = "",
    interval: Annotated[
        str,
        typer.Option(
            "--intervals", help="Of klines, comma-separated: 1m,4h.", autocompletion=intervals
        ),
    ] = "1m",
    days: Annotated[int | None, typer.Option(help="The last days, in place of --from.")] = None,
    start: FromOption = None,
    end: ToOption = None,
    source: Annotated[
        str, typer.Option(help="archive or rest.", autocompletion=sources)
    ] = "archive",
    folder: Annotated[
        Path | None, typer.Option(help="Where files go; default: the folder of downloads.")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Print the estimate, and fetch nothing.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Fetch data of Binance: what is here is not fetched again, so repeat it after a stop.

    Examples:

      signalengine data fetch --symbols btc,eth --intervals 1m,4h --days 90
      signalengine data fetch klines funding --symbols all --from 2024-01-01 --dry-run
      signalengine data fetch exchange-info
    """
    from infra.cli.data.fetching import Request, run_fetch  # research is slow to import

    check_times(start, end, "--from", "--to")
    request = Request(
        tuple(kind or ["klines"]), symbols, interval, days, start, end, source, folder
    )
    run_fetch(request, dry_run=dry_run, as_json=as_json)
