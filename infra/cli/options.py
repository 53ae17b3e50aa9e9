"""Options that several commands share, and their checks; nothing here is slow to import."""

import os
from pathlib import Path
from typing import Annotated

import typer
from signalengine.intervals import DAY_MS, MINUTE_MS
from signalengine.text.symbol_reader import (
    SymbolError,
    did_you_mean,
    find_symbol,
    read_symbols,
)
from signalengine.text.time_reader import TimeError, check_period, read_time

from infra.local.stack.options import RunOptions
from infra.settings import strategy_folder

SIMULATED_FROM = "2026-01-05"
"""Where days of the simulated market begin, unless they are named."""
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
    str | None, typer.Option("--from", help="Start, UTC: 2025-05-19, 2025-05-19T08:00, or ms.")
]
ToOption = Annotated[str | None, typer.Option("--to", help="End (exclusive), UTC, like --from.")]
SpeedOption = Annotated[
    str, typer.Option(help="1 = real time, 60 = a minute a second, max = as fast as it goes.")
]
SeedOption = Annotated[int, typer.Option(help="Seed of the simulated market.")]
StateOption = Annotated[
    Path, typer.Option("--state-dir", help="The folder of logs and of the ingest task's spool.")
]
DataOption = Annotated[
    Path | None,
    typer.Option(
        "--data-dir",
        help="The folder of stored data, with a folder for each kind of market; default: the "
        "platform's folder for the data of programs.",
    ),
]
StrategyOption = Annotated[
    str | None,
    typer.Option(help="A strategy by its name, or the path of its file; default: classic."),
]
PolicyOption = Annotated[
    Path | None, typer.Option(help="A policy file instead of the default one.", exists=True)
]


def data_folder(root: Path | None, source: str, *, keep: bool) -> Path | None:
    """Return where the data of a market is kept: always of a live one, of others on request."""
    market = RunOptions(source).market
    if market != "live" and not keep:
        return None
    from infra.local.storage.folder import default_root

    return (root or default_root()) / market


def run_options(
    source: str,
    symbols: str,
    start: str | None,
    end: str | None,
    speed: str,
    seed: int,
    unpaced: bool,
    state_dir: Path,
    policy: Path | None,
) -> RunOptions:
    """Return the checked options of a run; an error names its option."""
    source = checked_source(source)
    check_market(source, symbols, start, end)
    if source == "live" and speed != "1":
        raise typer.BadParameter(
            "a live market has speed 1: leave the option out", param_hint="--speed"
        )
    if speed != "max" and not _positive(speed):
        raise typer.BadParameter(f"{speed}: use a positive number, or max", param_hint="--speed")
    return RunOptions(
        source, symbols, start, end, speed, seed, unpaced, state_dir, policy,
        strategies=strategy_folder(os.environ),
    )  # fmt: skip


def check_market(source: str, symbols: str, start: str | None, end: str | None) -> None:
    """Check what is played before anything starts; an error names its option."""
    check_times(start, end, "--from", "--to")
    for option, text in (("--from", start), ("--to", end)):
        if text is not None and read_time(text) % MINUTE_MS:
            raise typer.BadParameter(f"{text} is not a whole minute", param_hint=option)
    try:
        names = listed_symbols(symbols)
        if source == "sim":
            from infra.local.exchange.market.instruments import simulated

            simulated(names)
        elif source != "live":
            _check_recorded(names, Path(source))
    except SymbolError as error:
        raise typer.BadParameter(str(error), param_hint="--symbols") from error


def _check_recorded(names: tuple[str, ...], source: Path) -> None:
    """Check that files of bars are named after the symbols; raises SymbolError.

    An archive of the stream does not name its symbols: that takes reading it.
    """
    from research.data.errors import DataError
    from research.data.holdings import FACTS, survey

    try:
        recorded = {held.symbol for held in survey(source) if held.kind in ("1m", FACTS, "")}
    except DataError:
        return  # reading it says why
    if not recorded or "" in recorded:
        return
    for name in names:
        try:
            find_symbol(name, recorded)
        except SymbolError as error:
            there = ", ".join(sorted(recorded))
            why = f"is not recorded{did_you_mean(error)} Recorded are: {there}."
            raise SymbolError(error.text, why) from error


def listed_symbols(text: str) -> tuple[str, ...]:
    """Return the symbols of a list, none for `all` and `top:20`; raises SymbolError."""
    if text.strip().lower() == "all" or text.strip().lower().startswith("top:"):
        return ()
    return read_symbols(text)


def check_times(start: str | None, end: str | None, *names: str) -> None:
    """Check the times of a period; an error names its option."""
    times = []
    for name, text in zip(names, (start, end), strict=True):
        try:
            times.append(None if text is None else read_time(text))
        except TimeError as error:
            raise typer.BadParameter(str(error), param_hint=name) from error
    try:
        check_period(times[0], times[1], (names[0], names[1]))
    except TimeError as error:
        raise typer.BadParameter(str(error), param_hint=" / ".join(names)) from error


def trial_days(source: str, start: str | None, days: int) -> tuple[str, str]:
    """Return the first and the last moment of whole days of a local market."""
    if source == "live":
        raise typer.BadParameter(
            "faults need a local market: use sim or a recording", param_hint="--source"
        )
    if start is None and source != "sim":
        raise typer.BadParameter(
            "name the first day of the recording to play, as in 2025-05-19", param_hint="--from"
        )
    try:
        begin = read_time(start or SIMULATED_FROM)
    except TimeError as error:
        raise typer.BadParameter(str(error), param_hint="--from") from error
    return str(begin), str(begin + days * DAY_MS)


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
