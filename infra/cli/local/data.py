"""`signalengine backup` and `signalengine restore`: stored data as one file."""

from pathlib import Path
from typing import Annotated

import typer

from infra.cli.options import DataOption
from infra.errors import CommandError

MarketOption = Annotated[
    str, typer.Option(help="Whose data: live, simulated or recording.", show_default=True)
]


def backup(
    file: Annotated[Path, typer.Argument(help="The file to write, as in data.tar.gz.")],
    market: MarketOption = "live",
    data_dir: DataOption = None,
) -> None:
    """Write stored data into one file, also while a system runs on it.

    It is as of one moment. It holds chats and secrets, so only its owner may read it.

    Examples:

      signalengine backup ~/signalengine-2026-11-29.tar.gz
      signalengine backup sim.tar.gz --market simulated
    """
    from infra.local.storage.backup import back_up
    from infra.local.storage.errors import StorageError
    from infra.local.storage.folder import MARKETS, default_root

    if market not in MARKETS:
        raise typer.BadParameter(f"choose one of {', '.join(MARKETS)}", param_hint="--market")
    try:
        size = back_up((data_dir or default_root()) / market, file)
    except StorageError as error:
        raise CommandError(str(error), error.fix) from error
    typer.echo(f"{file}: {size / 1e6:.1f} MB")


def restore(
    file: Annotated[Path, typer.Argument(help="A file that `signalengine backup` wrote.")],
    replace: Annotated[
        bool, typer.Option("--replace", help="Replace the data that is there.")
    ] = False,
    data_dir: DataOption = None,
) -> None:
    """Put a backup where the next `signalengine up` of its market finds it.

    The whole file is checked before anything is replaced. No system may run on that data.

    Examples:

      signalengine restore ~/signalengine-2026-11-29.tar.gz
    """
    from infra.local.storage.backup import restore as put_back
    from infra.local.storage.errors import StorageError
    from infra.local.storage.folder import default_root

    try:
        folder = put_back(file, data_dir or default_root(), replace=replace)
    except StorageError as error:
        raise CommandError(str(error), error.fix) from error
    typer.echo(f"restored into {folder}")
