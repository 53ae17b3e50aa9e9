"""`signalengine`: the index of its commands. Each command is described in its own module.

Command modules declare options and help only, and import the implementation when they are called,
so that help and completion are fast.
"""

import os
import sys
from typing import Annotated, NoReturn

import typer
from signalengine import __version__
from signalengine.text.escaping import escaped

from infra.build.proxies import unify
from infra.cli.alerts import commands as alerts
from infra.cli.channels import commands as channels
from infra.cli.data import commands as recorded
from infra.cli.deliveries import commands as deliveries
from infra.cli.deploy import commands as deploy
from infra.cli.evidence import commands as evidence
from infra.cli.export import commands as exporting
from infra.cli.feeds import commands as feeds
from infra.cli.local import commands as local
from infra.cli.local import data
from infra.cli.operator import commands as operator
from infra.cli.privacy import commands as privacy
from infra.cli.reading import commands as reading
from infra.cli.reading import what_if
from infra.cli.recovery import commands as recovery
from infra.cli.redrive.commands import redrive
from infra.cli.research import commands as research
from infra.cli.service import commands as service
from infra.cli.settings import commands as settings
from infra.cli.strategies import commands as strategies
from infra.cli.telegram import commands as telegram
from infra.errors import PROBLEM, CommandError
from infra.local.settings.checks import check_names
from machine.terminal import program

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
app.command("what-if", rich_help_panel=READ)(what_if.what_if)
app.command(rich_help_panel=READ)(exporting.export)
app.command(rich_help_panel=READ)(exporting.sql)
app.command("open", rich_help_panel=READ)(reading.open_page)
app.command(rich_help_panel=PLAY)(local.up)
app.command(rich_help_panel=PLAY)(settings.config)
app.command(rich_help_panel=PLAY)(settings.init)
app.command(rich_help_panel=PLAY)(local.replay)
app.command(rich_help_panel=PLAY)(local.faults)
app.command(rich_help_panel=PLAY)(local.chaos)
app.command(rich_help_panel=PLAY)(local.burst)
app.command(rich_help_panel=PLAY)(local.soak)
app.command(rich_help_panel=PLAY)(data.backup)
app.command(rich_help_panel=PLAY)(data.restore)
app.command(rich_help_panel=RESEARCH)(research.backtest)
app.command(rich_help_panel=RESEARCH)(research.sweep)
app.command(rich_help_panel=SHIP)(deploy.doctor)
app.command(rich_help_panel=SHIP)(deploy.deploy)
app.command(rich_help_panel=SHIP)(deploy.destroy)
app.command(rich_help_panel=SHIP)(redrive)
app.command(rich_help_panel=SHIP)(privacy.forget)
app.command(rich_help_panel=SHIP)(recovery.restore_table)
app.command(rich_help_panel=SHIP)(recovery.rebuild)
app.add_typer(service.app, name="service", rich_help_panel=PLAY)
app.add_typer(channels.app, name="channel", rich_help_panel=SHIP)
app.add_typer(feeds.app, name="feed", rich_help_panel=SHIP)
app.add_typer(alerts.app, name="alert", rich_help_panel=SHIP)
app.add_typer(deliveries.app, name="deliveries", rich_help_panel=SHIP)
app.add_typer(telegram.app, name="telegram", rich_help_panel=SHIP)
app.add_typer(operator.app, name="operator", rich_help_panel=SHIP)
app.add_typer(strategies.app, name="strategy", rich_help_panel=RESEARCH)
app.add_typer(recorded.app, name="data", rich_help_panel=RESEARCH)
app.add_typer(evidence.app, name="evidence", rich_help_panel=RESEARCH)
app.add_typer(research.audit, name="audit", rich_help_panel=RESEARCH)


@app.command()
def version() -> None:
    """Print the version."""
    typer.echo(__version__)


def _version(requested: bool) -> None:
    if requested:
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
    check_names(os.environ)


def run() -> NoReturn:
    """Run the command line, then end the process with its exit code."""
    unify(os.environ)
    program(_commands)


def _commands() -> None:
    """Run a command; errors meant for people are printed without a traceback."""
    try:
        app(prog_name="signalengine")
    except CommandError as error:
        _fail(str(error), error.fix, error.code)
    except ModuleNotFoundError as error:
        _fail(
            f"{error.name} is missing; the research commands need it. Install it with: "
            "make research"
        )


def _fail(message: str, fix: str = "", code: int = PROBLEM) -> NoReturn:
    from rich.console import Console  # slow to import, and rarely needed
    from rich.markup import escape

    out = Console(stderr=True)
    message, fix = (escaped(text, keep="\n") for text in (message, fix))
    out.print(f"[bold red]error[/] {escape(message)}", highlight=False, soft_wrap=True)
    if fix:
        out.print(f"[dim]{escape(fix)}[/]", highlight=False, soft_wrap=True)
    sys.exit(code)


if __name__ == "__main__":
    run()
