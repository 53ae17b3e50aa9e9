"""Places in a flat array of numbers, given out in the order of definition.

A definition takes its places where it stands (`EMA9: Final = SLOTS.one("ema9")`), so that a new one
renumbers nothing. The constants are plain ints: fast in Python, and constants to numba.
"""

from dataclasses import dataclass
from typing import Literal, TypeAlias

Alike: TypeAlias = Literal[
    "candles", "volume", "contracts", "usd", "quote", "whole", "single", "averages", "bits"
]
"""What a stored slot's values resemble: the state's byte form puts like beside like."""


@dataclass(frozen=True, slots=True)
class Slot:
    """One definition: its first place, its length, and how it is stored."""

    name: str
    at: int
    count: int
    alike: Alike
    fresh: float
    """Value in a new state."""
    lost: float
    """Value when stored bytes lack the slot."""
    since: int | None
    """Slot with the number of bars at which this one's indicator began; None: needs none."""
    vital: bool
    """True where a block without this slot cannot be read on: it begins anew."""


class Slots:
    """Gives out consecutive places from `start`, and remembers them."""

    def __init__(self, start: int = 0) -> None:
        self.end = start
        self.defined: list[Slot] = []

    def one(
        self,
        name: str,
        alike: Alike = "bits",
        *,
        fresh: float = 0.0,
        lost: float | None = None,
        since: int | None = None,
        vital: bool = False,
    ) -> int:
        """Return the place of a single number; `lost` is `fresh` unless given."""
        return self.many(name, 1, alike, fresh=fresh, lost=lost, since=since, vital=vital)

    def many(
        self,
        name: str,
        count: int,
        alike: Alike = "bits",
        *,
        fresh: float = 0.0,
        lost: float | None = None,
        since: int | None = None,
        vital: bool = False,
    ) -> int:
        """Return the first of `count` places in a row."""
        at = self.end
        gone = fresh if lost is None else lost
        self.defined.append(Slot(name, at, count, alike, fresh, gone, since, vital))
        self.end += count
        return at

    def began(self, indicator: str) -> int:
        """Return the slot with the number of bars (`COUNT`) at which an indicator began.

        It is 0, unless the state was stored by code without the indicator.
        """
        return self.one(f"{indicator}_from", "whole")

    def names(self) -> tuple[str, ...]:
        """Return the names in order."""
        return tuple(slot.name for slot in self.defined)


class Features(Slots):
    """Places of features in a snapshot; `prices` names those that are price levels."""

    def __init__(self, start: int = 0) -> None:
        super().__init__(start)
        self.prices: list[str] = []

    def price(self, name: str) -> int:
        """Return the place of a feature that is a price level, and so has a distance."""
        self.prices.append(name)
        return self.one(name)
