"""Which strategy a stored item belongs to: the first part of its key.

Retained tables cannot change their keys. So events, decisions, cooldowns and the indexes of signals
name the strategy (with its parameter set) beside the symbol, the day or the month.
"""

import re
from dataclasses import dataclass
from typing import Final

_NAME: Final = re.compile(r"[a-z0-9_]{1,40}(@[a-z0-9_]{1,40})?")
_SHARED: Final = "shared"


@dataclass(frozen=True, slots=True)
class Strategy:
    """A strategy with one parameter set: "classic", or "donchian@fast".

    Raises ValueError for any other form of a name, and for `shared`: that is reserved for what all
    strategies read.
    """

    name: str

    def __post_init__(self) -> None:
        if self.name == _SHARED or not _NAME.fullmatch(self.name):
            raise ValueError(f"{self.name!r} is no name of a strategy and its parameter set")

    def key(self, what: str) -> str:
        """Return the key of a symbol, day or month of this strategy: "classic#BTCUSDT"."""
        return f"{self.name}#{what}"


CLASSIC: Final = Strategy("classic")
"""The strategy of the policy, and so far the only one."""


def without_strategy(key: str) -> str:
    """Return the symbol, day or month of a key of any strategy."""
    return key.partition("#")[2]
