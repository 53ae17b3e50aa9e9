"""The lot size of a contract."""

from dataclasses import dataclass


@dataclass(frozen=True)
class LotSize:
    """Which quantities of a contract can be ordered; 0: the exchange lists no such limit."""

    step: float
    """Smallest step of the quantity, in base currency; above 0."""
    min_quantity: float = 0.0
    min_notional: float = 0.0
    """In quote currency."""
