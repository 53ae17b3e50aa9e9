"""Commands that play a market through the whole system on this machine."""

from pathlib import Path
from typing import Annotated

import typer

from infra.cli.options import (
    AuthOption,
    FromOption,
    PolicyOption,
    SeedOption,
    SourceOption,
    SpeedOption,
    StateOption,
    SymbolsOption,
    ToOption,
    run_options,
)
from infra.local.options import STATE_DIR


def up(
    source: SourceOption = "sim",
    symbols: SymbolsOption = "",
    start: FromOption = None,
    end: ToOption = None,
    speed: SpeedOption = "1",
    seed: SeedOption = 7,
    auth: AuthOption = False,
    state_dir: StateOption = STATE_DIR,
    policy: PolicyOption = None,
) -> None:
    """Run the whole system on this machine until Ctrl-C.

    The dashboard, the Telegram page and every signal's messages are printed as they come. With
    TELEGRAM_BOT_TOKEN and TELEGRAM_CHAT_ID set, the real Telegram is used.
    """
    from infra.cli.up import run_up  # AWS, HTTP and WebSocket clients take a second to import

    unpaced = speed != "1"
    run_up(run_options(source, symbols, start, end, speed, seed, auth, unpaced, state_dir, policy))


def replay(
    source: SourceOption,
    symbols: SymbolsOption = "",
    start: FromOption = None,
    end: ToOption = None,
    speed: SpeedOption = "max",
    seed: SeedOption = 7,
    auth: AuthOption = False,
    state_dir: StateOption = STATE_DIR,
    policy: PolicyOption = None,
    report: Annotated[
        Path | None, typer.Option(help="Write the whole report to this JSON file.")
    ] = None,
) -> None:
    """Play a recording through the same system, wait for every outcome, and report.

    Ends with 1 when anything was lost, told twice, or left unsettled.
    """
    from infra.cli.replay import run_replay  # as above

    if source == "live":
        raise typer.BadParameter(
            "replay needs an end: use a recording, or sim with --from and --to",
            param_hint="--source",
        )
    options = run_options(source, symbols, start, end, speed, seed, auth, True, state_dir, policy)
    raise typer.Exit(run_replay(options, report))
