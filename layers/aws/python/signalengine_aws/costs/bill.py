"""The sum by service, in US dollars."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from .model import (
    Amounts,
    fixed_units,
    per_client_minute,
    scaled,
    total,
    variable_units,
)
from .prices import HOURS_A_MONTH, PRICES, Unit
from .usage import FEW_CLIENTS, Rates, Usage, lasting


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
    return _billed(usage, variable_units(usage, symbols))


def _billed(usage: Usage, variable: Amounts) -> tuple[ServiceBill, ...]:
    fixed, counted = _dollars(fixed_units(usage)), _dollars(variable)
    services = dict.fromkeys(price.service for price in PRICES.values())
    return tuple(ServiceBill(one, fixed.get(one, 0.0), counted.get(one, 0.0)) for one in services)


def month(symbols: float, rates: Rates) -> tuple[ServiceBill, ...]:
    """Return the bill of 730 hours."""
    return bill(lasting(HOURS_A_MONTH, symbols, rates), symbols)


def planned_month(symbols: float, rates: Rates) -> tuple[ServiceBill, ...]:
    """Return the bill of 730 hours of an audience whose size is known.

    Beside `month`, statuses of many clients come once a minute, and each client gets all signals.
    """
    usage = lasting(HOURS_A_MONTH, symbols, rates)
    statuses = 6.0 if rates.clients <= FEW_CLIENTS else 1.0
    messages = per_client_minute(symbols, statuses, 2 * rates.opened * symbols)
    listening = [scaled(usage.client_minutes, one) for one in messages]
    return _billed(
        usage, total([variable_units(replace(usage, client_minutes=0.0), symbols), *listening])
    )


def usd(lines: Iterable[ServiceBill]) -> float:
    """Return the sum of all services."""
    return sum(line.usd for line in lines)


def usd_of(amounts: Amounts) -> float:
    """Return the price of some units."""
    return sum(_dollars(amounts).values())


def _dollars(amounts: Amounts) -> dict[str, float]:
    sums: dict[str, float] = {}
    for unit, amount in amounts.items():
        price = PRICES[Unit(unit)]
        sums[price.service] = sums.get(price.service, 0.0) + amount * price.each
    return sums
