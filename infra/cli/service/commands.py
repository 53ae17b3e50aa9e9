"""`signalengine service`: its options and help. The work is done in `infra.local.service`."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from infra.cli.options import (
    PolicyOption,
    SourceOption,
    SymbolsOption,
    check_market,
    checked_source,
)
from infra.errors import PROBLEM
from infra.local.stack.options import STATE_DIR
from infra.names import LOCAL_PORT

if TYPE_CHECKING:  # psutil is slow to import, and not needed for help
    from infra.local.service.plan import Plan, Services

PortOption = Annotated[
    int, typer.Option(help="The port of the dashboard and the API.", min=1, max=65535)
]
DataOption = Annotated[
    Path | None, typer.Option(help="The folder of the data, and of .env.", show_default=False)
]

app = typer.Typer(
    help="The system as a service of this user: it starts with the machine and after failures.",
    no_args_is_help=True,
)


@app.command()
def install(
    source: SourceOption = "live",
    symbols: SymbolsOption = "",
    port: Annotated[
        int, typer.Option(help="The port of the dashboard and the API.", min=1, max=65535)
    ] = LOCAL_PORT,
    data_dir: Annotated[
        Path | None, typer.Option(help="The folder of the data, and of .env.")
    ] = None,
    policy: PolicyOption = None,
    start: Annotated[
        bool, typer.Option("--start/--no-start", help="Start it too, or not yet.")
    ] = True,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Print the service's file and change nothing.")
    ] = False,
) -> None:
    """Install the service and start it; again, with other options, to change it.

    Settings such as TELEGRAM_BOT_TOKEN are read from the file .env in the data
    directory: the service does not see the variables of a shell.

    Examples:

      signalengine service install --symbols top:20
      signalengine service install --dry-run
    """
    from infra.local.service.installed import install as install_service
    from infra.local.service.installed import with_node
    from infra.local.service.plan import checked
    from infra.local.service.session import Session

    check_market(source, symbols, None, None)
    session, manager = Session.current(), _manager()
    plan = with_node(_plan(source, symbols, port, data_dir, policy), session)
    if dry_run:
        typer.echo(manager.render(checked(plan)), nl=False)
        return
    install_service(plan, session, manager, start=start, say=_say, warn=_warn)
    if start:
        _say(f"starting: http://localhost:{port}/ · signalengine service status, logs --follow")


@app.command()
def start() -> None:
    """Start the service; a running one stays as it is.

    Examples:

      signalengine service start
    """
    _installed().start()
    _say("starting: see `signalengine service status`")


@app.command()
def stop() -> None:
    """Stop the service; it starts again with the machine.

    Examples:

      signalengine service stop
    """
    _installed().stop()
    _say("stopped")


@app.command()
def restart() -> None:
    """Stop the service if it runs, and start it, as after an update.

    Examples:

      git pull && make setup && signalengine service restart
    """
    _installed().restart()
    _say("starting: see `signalengine service status`")


@app.command()
def status(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for programs.")] = False,
) -> None:
    """The state of the service: health, uptime, restarts, disk.

    Ends with 1 unless it runs and is well, for use in scripts.

    Examples:

      signalengine service status || page-someone
    """
    from infra.cli.service.view import shown
    from infra.local.service.installed import report

    found = report(_installed())
    shown(found, as_json=as_json)
    raise typer.Exit(0 if found.is_well else PROBLEM)


@app.command()
def logs(
    lines: Annotated[int, typer.Option("--lines", "-n", help="How many lines.", min=1)] = 50,
    follow: Annotated[
        bool, typer.Option("--follow", "-f", help="Show new lines until Ctrl-C.")
    ] = False,
) -> None:
    """The end of the service's log; those of its parts are in the state folder.

    Examples:

      signalengine service logs --follow
    """
    raise typer.Exit(_installed().follow(lines, follow=follow))


@app.command()
def uninstall() -> None:
    """Stop the service and remove its file; the data stays.

    Examples:

      signalengine service uninstall
    """
    from infra.local.service.installed import installed

    manager = _manager()
    if not manager.file.exists():
        _say("no service is installed")
        return
    data_dir = installed(manager).data_dir
    manager.unload()
    _say(f"removed: {manager.file}")
    _say(f"the data stays in {data_dir}")


def _plan(
    source: str, symbols: str, port: int, data_dir: Path | None, policy: Path | None
) -> "Plan":
    from infra.local.service.plan import Plan
    from infra.local.storage.folder import default_root

    source = checked_source(source)
    return Plan(
        Path(sys.executable).with_name("signalengine"),
        (data_dir or default_root()).expanduser().absolute(),
        source if source in ("sim", "live") else str(Path(source).absolute()),
        symbols,
        port,
        policy.absolute() if policy else None,
    )


def _manager() -> "Services":
    from infra.local.service.installed import services
    from infra.local.service.session import Session

    return services(Session.current(), STATE_DIR / "logs")


def _installed() -> "Services":
    from infra.local.service.installed import installed

    manager = _manager()
    installed(manager)
    return manager


def _say(text: str) -> None:
    typer.echo(text)


def _warn(text: str) -> None:
    typer.secho(f"! {text}", fg="yellow", err=True)
