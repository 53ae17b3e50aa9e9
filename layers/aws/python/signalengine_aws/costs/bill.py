"""The sum by service, in US dollars."""

from collections.abc import Iterable
from dataclasses import dataclass

from .model import Amounts, fixed_units, variable_units
from .prices import HOURS_A_MONTH, PRICES, Unit
from .usage import Rates, Usage, lasting


@dataclass(frozen=True, slots=True)
class ServiceBill:
    """US dollars of one service."""

    service: str
    fixed: float
    """By the hour, whatever happens."""
    variable: float
    """For what was counted."""

    @property
    def usd(self) -> float:
        return self.fixed + self.variable


def bill(usage: Usage, symbols: float) -> tuple[ServiceBill, ...]:
    """Return the bill of every service, in the order of the price table."""
    fixed, counted = _dollars(fixed_units(usage)), _dollars(variable_units(usage, symbols))
    services = dict.fromkeys(price.service for price in PRICES.values())
    return tuple(ServiceBill(one, fixed.get(one, 0.0), counted.get(one, 0.0)) for one in services)


def month(symbols: float, rates: Rates) -> tuple[ServiceBill, ...]:
    """Return the bill of 730 hours."""
    return bill(lasting(HOURS_A_MONTH, symbols, rates), symbols)


def usd(lines: Iterable[ServiceBill]) -> float:
    """Return the sum of all services."""
    return sum(line.usd for line in lines)


def _dollars(amounts: Amounts) -> dict[str, float]:
    sums: dict[str, float] = {}
    for unit, amount in amounts.items():
        price = PRICES[Unit(unit)]
        sums[price.service] = sums.get(price.service, 0.0) + amount * price.each
    return sums
