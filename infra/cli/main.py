"""`signalengine`: one command for the whole system on this machine."""

import sys
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from rich.console import Console
from rich.markup import escape
from signalengine import __version__

from infra.cli.replay import run_replay
from infra.cli.up import run_up
from infra.local.errors import LocalRunError
from infra.local.system import STATE_DIR, RunOptions

app = typer.Typer(
    help="Real-time, explainable trading signals for Binance USD-M futures.",
    no_args_is_help=True,
    pretty_exceptions_show_locals=False,
)

SourceOption = Annotated[
    str,
    typer.Option(
        help="What to play: 'sim' (a seeded market), 'live' (Binance itself), or the path of a "
        "recording (a folder or file of freqtrade feather, or Binance archive CSV or zip).",
    ),
]
SymbolsOption = Annotated[
    str, typer.Option(help="Comma-separated, like BTCUSDT,ETHUSDT. Empty: all the source has.")
]
FromOption = Annotated[
    str | None, typer.Option("--from", help="Start, UTC: 2025-05-19 or 2025-05-19T08:00.")
]
ToOption = Annotated[str | None, typer.Option("--to", help="End (exclusive), UTC, like --from.")]
SpeedOption = Annotated[
    str, typer.Option(help="1 = real time, 60 = a minute a second, max = as fast as it goes.")
]
SeedOption = Annotated[int, typer.Option(help="Seed of the simulated market.")]
AuthOption = Annotated[
    bool, typer.Option("--auth", help="Make the embedded AWS enforce every function's IAM role.")
]


StateOption = Annotated[
    Path, typer.Option("--state-dir", help="Where logs and the ingest task's spool go.")
]


def _options(
    source: str,
    symbols: str,
    start: str | None,
    end: str | None,
    speed: str,
    seed: int,
    auth: bool,
    unpaced: bool,
    state_dir: Path,
) -> RunOptions:
    source = _checked_source(source)
    if source == "live" and speed != "1":
        raise LocalRunError("--source live goes at --speed 1: leave --speed out")
    if speed != "max" and not _positive(speed):
        raise LocalRunError(f"--speed {speed}: use a positive number, or max")
    return RunOptions(source, symbols, start, end, speed, seed, auth, unpaced, state_dir)


def _checked_source(source: str) -> str:
    if source in ("sim", "live"):
        return source
    place = Path(source).expanduser()
    if not place.exists():
        raise LocalRunError(f"--source {place}: no such file or folder (and not 'sim' or 'live')")
    return str(place)


def _positive(text: str) -> bool:
    try:
        return float(text) > 0
    except ValueError:
        return False


@app.command()
def up(
    source: SourceOption = "sim",
    symbols: SymbolsOption = "",
    start: FromOption = None,
    end: ToOption = None,
    speed: SpeedOption = "1",
    seed: SeedOption = 7,
    auth: AuthOption = False,
    state_dir: StateOption = STATE_DIR,
) -> None:
    """Run the whole system on this machine until Ctrl-C.

    The dashboard, the Telegram page and every signal's messages are printed as they come. With
    TELEGRAM_BOT_TOKEN and TELEGRAM_CHAT_ID set, the real Telegram is used.
    """
    unpaced = speed != "1"
    run_up(_options(source, symbols, start, end, speed, seed, auth, unpaced, state_dir))


@app.command()
def replay(
    source: SourceOption,
    symbols: SymbolsOption = "",
    start: FromOption = None,
    end: ToOption = None,
    speed: SpeedOption = "max",
    seed: SeedOption = 7,
    auth: AuthOption = False,
    state_dir: StateOption = STATE_DIR,
    report: Annotated[
        Path | None, typer.Option(help="Write the whole report to this JSON file.")
    ] = None,
) -> None:
    """Play a recording through the same system, wait for every outcome, and report.

    Ends with 1 when anything was lost, told twice, or left unsettled.
    """
    if source == "live":
        raise LocalRunError("replay needs an end: use a recording, or sim with --from and --to")
    options = _options(
        source, symbols, start, end, speed, seed, auth, unpaced=True, state_dir=state_dir
    )
    raise typer.Exit(run_replay(options, report))


@app.command()
def backtest(
    source: SourceOption,
    symbols: SymbolsOption = "",
    start: FromOption = None,
    end: ToOption = None,
    threshold: Annotated[
        float | None, typer.Option(help="The default policy with this score threshold.")
    ] = None,
    policy: Annotated[
        Path | None, typer.Option(help="A policy file instead of the default one.", exists=True)
    ] = None,
    tried: Annotated[
        int, typer.Option(help="How many configurations you tried to find this one.", min=1)
    ] = 1,
    report: Annotated[
        Path | None, typer.Option(help="Write one self-contained HTML page to look at.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Run the engine over a recording: the very code that runs live, costs included.

    Bars before --from warm up. The conclusion says plainly when no edge is shown.
    """
    from infra.cli.backtest import Wanted, run_backtest  # research takes a second to import

    if source in ("sim", "live"):
        raise LocalRunError("backtest reads a recording: give its folder or file")
    place = Path(_checked_source(source))
    run_backtest(Wanted(place, symbols, start, end, threshold, policy, tried, report, as_json))


@app.command()
def sweep(
    source: SourceOption,
    symbols: SymbolsOption = "",
    sets: Annotated[
        list[str] | None,
        typer.Option("--set", help="A field and its values: --set threshold=0.4,0.5 (repeatable)."),
    ] = None,
    grid: Annotated[
        Path | None, typer.Option(help="A JSON or YAML file of policies instead.", exists=True)
    ] = None,
    period: Annotated[
        list[str] | None,
        typer.Option(help="START..END, repeatable; two or more are also walked forward."),
    ] = None,
    scheduler: Annotated[
        str | None, typer.Option(help="Address of a Dask scheduler; default: this machine.")
    ] = None,
    out: Annotated[
        Path, typer.Option(help="Where results go, as Parquet; what is there is not run again.")
    ] = STATE_DIR / "sweeps",
) -> None:
    """Try policies over symbols and periods; resumable, and honest about how many were tried."""
    from infra.cli.backtest import run_sweeps  # research takes a second to import

    place = Path(_checked_source(source))
    names = tuple(symbols.split(",")) if symbols else ()
    raise typer.Exit(run_sweeps(place, names, sets or [], grid, period or [], scheduler, out))


audit = typer.Typer(
    help="Proofs anyone can run: live equals backtest, and nothing repaints.", no_args_is_help=True
)
app.add_typer(audit, name="audit")


@audit.command()
def parity(
    source: SourceOption,
    symbols: SymbolsOption = "",
    start: FromOption = None,
    end: ToOption = None,
    seed: SeedOption = 7,
    auth: AuthOption = False,
    state_dir: StateOption = STATE_DIR,
) -> None:
    """Replay through the deployed stack; compare every decision, signal and outcome.

    The backtester runs on the facts that the replay put on the stream. Ends with 1, and prints
    what differs, when anything does.
    """
    from infra.cli.audit import run_parity  # research's libraries take a second to import

    options = _options(source, symbols, start, end, "max", seed, auth, True, state_dir)
    raise typer.Exit(run_parity(options))


@audit.command()
def repaint(
    source: SourceOption,
    symbols: SymbolsOption = "",
    start: FromOption = None,
    end: ToOption = None,
) -> None:
    """Recompute each decision and signal from history that ends at its own bar.

    Ends with 1, and prints what differs, when anything does.
    """
    from infra.cli.audit import run_repaint  # research's libraries take a second to import

    if source in ("sim", "live"):
        raise LocalRunError("audit repaint reads a recording: give its folder or file")
    options = _options(source, symbols, start, end, "max", 0, False, True, STATE_DIR)
    raise typer.Exit(run_repaint(options))


@app.command()
def version() -> None:
    """Print the version."""
    typer.echo(__version__)


def run() -> None:
    """Entry point: errors meant for people are printed, not traced."""
    try:
        app()
    except LocalRunError as error:
        _complain(str(error))
    except ModuleNotFoundError as error:
        _complain(
            f"{error.name} is missing, which research needs. Install what it needs: "
            "pip install -e '.[research,sweeps]'"
        )


def _complain(words: str) -> NoReturn:
    out = Console(stderr=True)
    out.print(f"[bold red]error[/] {escape(words)}", highlight=False, soft_wrap=True)
    sys.exit(1)


if __name__ == "__main__":
    run()
