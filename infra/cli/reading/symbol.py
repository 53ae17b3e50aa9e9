"""The symbol that a reading command is about, as people write it."""

from collections.abc import Sized
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import typer
from signalengine.text.symbol_reader import (
    SymbolError,
    UnknownSymbolError,
    find_symbol,
    read_symbol,
)

from infra.errors import USAGE, CommandError

if TYPE_CHECKING:  # slow to import, and not needed for help
    from infra.cli.reading.context import ReadContext


_FIX: Final = "`signalengine symbols` lists the followed ones"


@dataclass(frozen=True, slots=True)
class SymbolChoice:
    """A symbol, None for all; `unknown` says that it is not followed, if so."""

    name: str | None = None
    unknown: str | None = None

    def check(self, rows: Sized | None = None) -> None:
        """Raise CommandError if the symbol is not followed, and has no rows of earlier times."""
        if self.unknown is not None and not rows:
            raise CommandError(self.unknown, _FIX, USAGE)


def choose_symbol(context: "ReadContext", text: str | None) -> SymbolChoice:
    """Return the followed symbol that a text names; raises CommandError for none."""
    if text is None:
        return SymbolChoice()
    try:
        try:
            found = find_symbol(text, context.api.get("/symbols")["symbols"])
        except UnknownSymbolError as error:
            return SymbolChoice(read_symbol(text), str(error))
    except SymbolError as error:
        raise CommandError(f"--symbol: {error}", code=USAGE) from error
    if found.note is not None:
        typer.echo(found.note, err=True)
    return SymbolChoice(found.symbol)
