"""The symbols of research commands, and their errors."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from signalengine.errors import ModelError, PolicyError
from signalengine.intervals import INTERVALS

from infra.errors import CommandError
from research.data.errors import DataError
from research.data.holdings import SEEN_AS
from research.data.loader import symbols
from research.statistics.errors import StatisticsError


@contextmanager
def research_errors() -> Iterator[None]:
    """Turn the errors of research into CommandErrors."""
    try:
        yield
    except (DataError, ModelError, PolicyError, StatisticsError) as error:
        raise CommandError(str(error)) from error


def named(text: str) -> tuple[str, ...]:
    """Return the symbols of an option's list, each once."""
    return tuple(dict.fromkeys(part.strip().upper() for part in text.split(",") if part.strip()))


def chosen(text: str, source: Path) -> tuple[str, ...]:
    """Return the requested symbols, or all with 1m bars; raises CommandError without any."""
    names = named(text) or symbols(source)
    if not names:
        longer = [name for name in INTERVALS if symbols(source, name)]
        there = f", only {', '.join(longer)}: bring 1m bars" if longer else f". Known are {SEEN_AS}"
        raise CommandError(f"{source}: no recorded 1m bars there{there}")
    return names


def writable(option: str, file: Path) -> None:
    """Raise CommandError if a file cannot be written."""
    if file.is_dir():
        raise CommandError(f"{option} {file} is a folder: name a file in it")
    if not file.absolute().parent.is_dir():
        raise CommandError(f"{option} {file}: there is no folder {file.absolute().parent}")
