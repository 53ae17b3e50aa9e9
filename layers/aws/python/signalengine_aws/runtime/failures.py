"""When to give up on a symbol's records: a shard must not stand still for what one of them is.

A permanent error may be the record's, or everybody's (a right or a table that is missing, which a
deployment mends). So a symbol is given up only after several tries, and only when others succeeded
meanwhile. In compute_features the symbols of a group fail together: it takes another group's
success.
"""

from typing import Final

TRIES: Final = 5
"""Failures in a row, as far as one process sees them."""


class Failures:
    """Counts permanent failures in a row by symbol."""

    def __init__(self) -> None:
        self._tries: dict[str, int] = {}
        self._alone: dict[str, bool] = {}
        """Whether no other symbol has succeeded since the first failure."""

    def gives_up(self, symbol: str) -> bool:
        """Count a failure; returns whether its records are to be set aside."""
        self._tries[symbol] = self._tries.get(symbol, 0) + 1
        alone = self._alone.setdefault(symbol, True)
        return self._tries[symbol] >= TRIES and not alone

    def succeeded(self, symbol: str) -> None:
        """Note a success: it ends the symbol's failures, and is a witness for those of others."""
        self._tries.pop(symbol, None)
        self._alone.pop(symbol, None)
        self._alone.update(dict.fromkeys(self._alone, False))
