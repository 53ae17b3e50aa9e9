"""Which strategy a stored item belongs to: the first part of its key.

Retained tables cannot change their keys. So events, decisions, cooldowns and the indexes of signals
name the strategy (with its parameter set) beside the symbol, the day or the month.
"""

from typing import Final

from signalengine.signals import Evaluation, Signal

_LETTERS: Final = frozenset("abcdefghijklmnopqrstuvwxyz0123456789_")
_LONGEST: Final = 40
_SHARED: Final = "shared"


class Strategy:
    """A strategy with one parameter set: "classic", or "donchian@fast".

    Raises ValueError for any other form of a name, and for `shared`: that is reserved for what all
    strategies read.
    """

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        parts = name.split("@")
        known = all(0 < len(part) <= _LONGEST and _LETTERS.issuperset(part) for part in parts)
        if name == _SHARED or len(parts) > 2 or not known:
            raise ValueError(f"{name!r} is no name of a strategy and its parameter set")
        self.name = name

    def key(self, what: str) -> str:
        """Return the key of a symbol, day or month of this strategy: "classic#BTCUSDT"."""
        return f"{self.name}#{what}"


CLASSIC: Final = Strategy("classic")
"""The strategy of the policy."""


def strategy_of(one: Evaluation | Signal) -> Strategy:
    """Return the parameter set that an evaluation or a signal is of."""
    return Strategy(one.strategy) if one.strategy else CLASSIC


def without_strategy(key: str) -> str:
    """Return the symbol, day or month of a key of any strategy."""
    return key.partition("#")[2]
