"""`signalengine strategy`: its commands, their options and help.

Those on the sets of a stack are in `stack_commands`.
"""

from pathlib import Path
from typing import Annotated

import typer

from infra.cli.options import FromOption, SourceOption, SymbolsOption, ToOption
from infra.cli.reading.context import RegionOption, StackOption, StateOption
from infra.cli.research.commands import (
    OutOption,
    PeriodOption,
    RangesOption,
    ReportOption,
    SearchOption,
    SearchSeedOption,
    SetsOption,
    TrialsOption,
    TriedOption,
)
from infra.cli.strategies.stack_commands import COMMANDS, retire
from infra.local.stack.options import STATE_DIR

app = typer.Typer(
    help="Your own rules: a strategy is one file, checked before it is believed.",
    no_args_is_help=True,
)
NameArgument = Annotated[str, typer.Argument(help="A strategy's name, or the path of its file.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]


@app.command()
def new(
    name: Annotated[str, typer.Argument(help="Lower-case letters, digits and _.")],
    folder: Annotated[
        Path | None, typer.Option(help="Where to write; default: the folder of STRATEGIES.")
    ] = None,
) -> None:
    """Write a commented strategy and its test.

    Examples:

      signalengine strategy new my_idea
    """
    from infra.cli.strategies.folder import folder as usual
    from infra.cli.strategies.writing import write_new

    paths = write_new(name, folder or usual())
    for path in paths:
        typer.echo(f"written: {path}")
    typer.echo(f"next: signalengine strategy check {name if folder is None else paths[0]}")


@app.command("list")
def list_(
    stack: StackOption = None,
    region: RegionOption = None,
    state_dir: StateOption = STATE_DIR,
    as_json: JsonOption = False,
) -> None:
    """List the strategies that ship and your own; a broken file with its reason.

    Below them the sets of the stack that runs here, or of --stack.

    Examples:

      signalengine strategy list --json
      signalengine strategy list --stack SignalEngine
    """
    from infra.cli.strategies.describing import listed, on_stack

    document = listed() | {"stack": on_stack(stack, region, state_dir)}
    if as_json:
        _print_json(document)
        return
    from infra.cli.views.page import Page
    from infra.cli.views.strategies import strategies

    page = Page()
    page.print(strategies(document, page))


@app.command()
def show(name: NameArgument, as_json: JsonOption = False) -> None:
    """Show one strategy: what it says, its parameters and values, its warm-up and digest.

    Examples:

      signalengine strategy show donchian
    """
    from infra.cli.strategies.describing import shown

    document = shown(name)
    if as_json:
        _print_json(document)
        return
    from infra.cli.views.page import Page
    from infra.cli.views.strategies import strategy

    page = Page()
    page.print(strategy(document))


@app.command()
def check(
    name: NameArgument,
    source: Annotated[
        str | None,
        typer.Option(help="A recording as of `backtest`: the laws are tried on it too."),
    ] = None,
    symbols: SymbolsOption = "",
    sets: SetsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Try the laws that every strategy obeys, on random markets and on recordings.

    Nothing looks ahead, all state is declared, compiled and plain agree to the last bit, both sides
    are treated alike, the warm-up is long enough. Each failure has its line and the fix; ends with
    1 if there are any.

    Examples:

      signalengine strategy check my_idea
      signalengine strategy check ./my_idea.py --source ~/data/klines --set fast=5
    """
    from infra.cli.options import recording
    from infra.cli.strategies.checking import checked  # research takes a second to import

    place = None if source is None else recording(source, "strategy check")
    document = checked(name, place, symbols, sets or [])
    if as_json:
        _print_json(document)
    else:
        from infra.cli.views.page import Page
        from infra.cli.views.strategies import check as view

        Page().print(view(document))
    raise typer.Exit(0 if document["holds"] else 1)


@app.command()
def backtest(
    name: NameArgument,
    source: SourceOption,
    symbols: SymbolsOption = "",
    start: FromOption = None,
    end: ToOption = None,
    sets: SetsOption = None,
    tried: TriedOption = 1,
    report: ReportOption = None,
    as_json: JsonOption = False,
) -> None:
    """Run a strategy over a recording, as `backtest --strategy` does.

    Examples:

      signalengine strategy backtest my_idea --source ~/data/klines --set fast=8
    """
    from infra.cli.research.commands import backtest as run

    run(
        source, symbols, start, end, strategy=name, sets=sets, tried=tried, report=report,
        as_json=as_json,
    )  # fmt: skip


@app.command()
def sweep(
    name: NameArgument,
    source: SourceOption,
    symbols: SymbolsOption = "",
    sets: Annotated[
        list[str] | None,
        typer.Option("--set", help="A parameter and its values: --set days=10,20 (repeatable)."),
    ] = None,
    period: PeriodOption = None,
    out: OutOption = STATE_DIR / "sweeps",
    search: SearchOption = None,
    ranges: RangesOption = None,
    trials: TrialsOption = None,
    seed: SearchSeedOption = None,
) -> None:
    """Run a strategy's parameters over symbols and periods, as `sweep --strategy` does.

    Examples:

      signalengine strategy sweep my_idea --source ~/data/klines --set fast=5,10 --set slow=20,30
      signalengine strategy sweep my_idea --source ~/data/klines --search optuna --range fast=3..30
    """
    from infra.cli.research.commands import sweep as run

    run(
        source, symbols, sets, period=period, out=out, strategy=name, search=search,
        ranges=ranges, trials=trials, seed=seed,
    )  # fmt: skip


for command in COMMANDS:
    app.command(rich_help_panel="On a stack")(command)
app.command("off", rich_help_panel="On a stack", help="The same as `strategy retire`.")(retire)


def _print_json(document: object) -> None:
    from infra.cli.reading.context import print_json

    print_json(document)
