"""The symbols of research commands, and their errors."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import typer
from signalengine.errors import ModelError, PolicyError, StrategyError
from signalengine.intervals import INTERVALS
from signalengine.text.symbol_reader import SymbolError, find_symbol, read_symbols, split_symbols

from infra.errors import USAGE, CommandError
from research.data.errors import DataError
from research.data.holdings import SEEN_AS
from research.data.loader import interval_of, passed_over, symbols
from research.statistics.errors import StatisticsError


@contextmanager
def research_errors() -> Iterator[None]:
    """Turn the errors of research into CommandErrors."""
    try:
        yield
    except (DataError, ModelError, PolicyError, StatisticsError, StrategyError) as error:
        raise CommandError(str(error)) from error


def chosen(text: str, source: Path) -> tuple[str, ...]:
    """Return the requested symbols, or all with 1m bars; raises CommandError without any.

    Exact names need no look into the recording, which may take long. Data that is passed over is
    named on stderr.
    """
    return chosen_bars(text, source, INTERVALS[:1])[0]


def chosen_bars(text: str, source: Path, usable: Sequence[str]) -> tuple[tuple[str, ...], str]:
    """Return the requested symbols, or all, and the first of the usable intervals that they have.

    Raises CommandError as `chosen`.
    """
    try:
        exact = read_symbols(text)
    except SymbolError as error:
        raise CommandError(f"--symbols: {error}", code=USAGE) from error
    others = passed_over(source)
    if others:
        typer.echo(others, err=True)
    words = split_symbols(text)
    if words and set(words) == set(exact):
        return exact, _recorded_of(exact, source, usable)
    for interval in usable:
        recorded = symbols(source, interval)
        if recorded:
            return (_named(words, recorded) if words else recorded), interval
    longer = [name for name in INTERVALS if symbols(source, name)]
    there = f", only {', '.join(longer)}: bring 1m bars" if longer else f". Known are {SEEN_AS}"
    raise CommandError(f"{source}: no recorded 1m bars there{there}")


def _recorded_of(names: Sequence[str], source: Path, usable: Sequence[str]) -> str:
    """Return the first of the usable intervals that all of these have; else the first."""
    if len(usable) == 1:
        return usable[0]
    for interval in usable:
        if set(names) <= set(symbols(source, interval)):
            return interval
    own = interval_of(source, names[0])
    return usable[0] if own is None or own not in usable else own


def _named(words: Sequence[str], recorded: Sequence[str]) -> tuple[str, ...]:
    try:
        return tuple(dict.fromkeys(find_symbol(word, recorded).symbol for word in words))
    except SymbolError as error:
        fix = f"recorded are {', '.join(recorded)}"
        raise CommandError(f"--symbols: {error.text} is not recorded", fix, USAGE) from error
