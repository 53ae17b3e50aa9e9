"""The sum by service, in US dollars."""

from collections.abc import Iterable
from dataclasses import dataclass

from .model import Amounts, moving, standing
from .prices import HOURS_A_MONTH, PRICES, Unit
from .usage import Rates, Usage, lasting


@dataclass(frozen=True, slots=True)
class Line:
    """One service."""

    service: str
    standing: float
    """US dollars for being there."""
    moving: float
    """US dollars for what was counted."""

    @property
    def usd(self) -> float:
        return self.standing + self.moving


def bill(usage: Usage, symbols: float) -> tuple[Line, ...]:
    """Return every service's line, in the order of the price table."""
    fixed, counted = _dollars(standing(usage)), _dollars(moving(usage, symbols))
    services = dict.fromkeys(price.service for price in PRICES.values())
    return tuple(Line(one, fixed.get(one, 0.0), counted.get(one, 0.0)) for one in services)


def month(symbols: float, rates: Rates) -> tuple[Line, ...]:
    """Return the bill of 730 hours."""
    return bill(lasting(HOURS_A_MONTH, symbols, rates), symbols)


def usd(lines: Iterable[Line]) -> float:
    """Return what all lines come to."""
    return sum(line.usd for line in lines)


def _dollars(amounts: Amounts) -> dict[str, float]:
    sums: dict[str, float] = {}
    for unit, amount in amounts.items():
        price = PRICES[Unit(unit)]
        sums[price.service] = sums.get(price.service, 0.0) + amount * price.each
    return sums
