"""What an exchange lists of its contracts: tick sizes and lot sizes."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class LotSize:
    """Which quantities of a contract can be ordered; 0: the exchange lists no such limit."""

    step: float
    """Smallest step of the quantity, in base currency; above 0."""
    min_quantity: float = 0.0
    min_notional: float = 0.0
    """In quote currency."""


@dataclass(frozen=True)
class ContractSizes:
    """The sizes of contracts by symbol, where the exchange lists them."""

    tick_sizes: Mapping[str, float] = field(default_factory=dict)
    """Smallest step of each symbol's price."""
    lot_sizes: Mapping[str, LotSize] = field(default_factory=dict)
