"""`signalengine`: the index of its commands. Each says how it works in its own module.

Command modules declare options and help, and import what does the work when they are called:
help and completion have to come at once.
"""

import sys
from typing import Annotated, NoReturn

import typer
from signalengine import __version__

from infra.cli import deploy_commands, local_commands, research_commands, telegram
from infra.cli.reading import commands as reading
from infra.errors import PROBLEM, CommandError

app = typer.Typer(
    help="Real-time, explainable trading signals for Binance USD-M futures.",
    no_args_is_help=True,
    pretty_exceptions_show_locals=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

READ, PLAY, RESEARCH, SHIP = "Read a stack", "Run it here", "Research", "Put it on AWS"
for command in (
    reading.status, reading.signals, reading.explain, reading.top, reading.symbols, reading.events,
    reading.decisions, reading.performance, reading.equity, reading.metrics, reading.cost,
    reading.gaps,
):  # fmt: skip
    app.command(rich_help_panel=READ)(command)
app.command("open", rich_help_panel=READ)(reading.open_page)
app.command(rich_help_panel=PLAY)(local_commands.up)
app.command(rich_help_panel=PLAY)(local_commands.replay)
app.command(rich_help_panel=PLAY)(local_commands.faults)
app.command(rich_help_panel=RESEARCH)(research_commands.backtest)
app.command(rich_help_panel=RESEARCH)(research_commands.sweep)
app.command(rich_help_panel=SHIP)(deploy_commands.deploy)
app.command(rich_help_panel=SHIP)(deploy_commands.destroy)
app.add_typer(telegram.app, name="telegram", rich_help_panel=SHIP)
app.add_typer(research_commands.audit, name="audit", rich_help_panel=RESEARCH)


@app.command()
def version() -> None:
    """Print the version."""
    typer.echo(__version__)


def _version(wanted: bool) -> None:
    if wanted:
        version()
        raise typer.Exit


@app.callback()
def main(
    _version: Annotated[
        bool,
        typer.Option("--version", help="Print the version.", callback=_version, is_eager=True),
    ] = False,
) -> None:
    """Real-time, explainable trading signals for Binance USD-M futures."""


def run() -> None:
    """Entry point: errors meant for people are printed, not traced."""
    try:
        app(prog_name="signalengine")
    except CommandError as error:
        _complain(str(error), error.fix, error.code)
    except ModuleNotFoundError as error:
        _complain(
            f"{error.name} is missing, which research needs. Install what it needs: "
            "pip install -e '.[research,sweeps]'"
        )


def _complain(words: str, fix: str = "", code: int = PROBLEM) -> NoReturn:
    from rich.console import Console  # slow to import, and rarely needed
    from rich.markup import escape

    out = Console(stderr=True)
    words, fix = (_harmless(text) for text in (words, fix))
    out.print(f"[bold red]error[/] {escape(words)}", highlight=False, soft_wrap=True)
    if fix:
        out.print(f"[dim]{escape(fix)}[/]", highlight=False, soft_wrap=True)
    sys.exit(code)


def _harmless(text: str) -> str:
    """Errors repeat what others said: nothing of it may drive the terminal."""
    return "".join(c if c.isprintable() or c == "\n" else "?" for c in text)


if __name__ == "__main__":
    run()
