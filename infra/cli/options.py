"""Options that several commands share, and their checks; nothing here is slow to import."""

from pathlib import Path
from typing import Annotated

import typer

from infra.local.stack.options import RunOptions

SourceOption = Annotated[
    str,
    typer.Option(
        help="What to play: 'sim' (a seeded market), 'live' (Binance itself), or the path of a "
        "recording (a folder or file of freqtrade feather, or Binance archive CSV or zip).",
    ),
]
SymbolsOption = Annotated[
    str,
    typer.Option(
        help="Comma-separated, like BTCUSDT,ETHUSDT; top:20, the largest by volume; all. "
        "Empty: all of the source (live: six large ones)."
    ),
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
    Path, typer.Option("--state-dir", help="The folder of logs and of the ingest task's spool.")
]
PolicyOption = Annotated[
    Path | None, typer.Option(help="A policy file instead of the default one.", exists=True)
]


def run_options(
    source: str,
    symbols: str,
    start: str | None,
    end: str | None,
    speed: str,
    seed: int,
    auth: bool,
    unpaced: bool,
    state_dir: Path,
    policy: Path | None,
) -> RunOptions:
    """Return the checked options of a run; an error names its option."""
    source = checked_source(source)
    if source == "live" and speed != "1":
        raise typer.BadParameter(
            "a live market has speed 1: leave the option out", param_hint="--speed"
        )
    if speed != "max" and not _positive(speed):
        raise typer.BadParameter(f"{speed}: use a positive number, or max", param_hint="--speed")
    return RunOptions(source, symbols, start, end, speed, seed, auth, unpaced, state_dir, policy)


def checked_source(source: str) -> str:
    """Return `sim`, `live`, or the path of an existing recording."""
    if source in ("sim", "live"):
        return source
    place = Path(source).expanduser()
    if not place.exists():
        raise typer.BadParameter(
            f"{place}: no such file or folder (and not 'sim' or 'live')", param_hint="--source"
        )
    return str(place)


def _positive(text: str) -> bool:
    try:
        return float(text) > 0
    except ValueError:
        return False


def recording(source: str, command: str) -> Path:
    """Return the path of the recording for a research command."""
    if source in ("sim", "live"):
        raise typer.BadParameter(
            f"{command} reads a recording: give its folder or file", param_hint="--source"
        )
    return Path(checked_source(source))
