"""Market data as every exchange's parsers return it: typed, checked, without an exchange's names.

All times are exchange time, ms since the epoch, UTC. Prices are quote currency.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from .facts.frozen import frozen
from .facts.lots import LotSize
from .facts.stream import Bar

StreamClass: TypeAlias = Literal["kline", "mark", "liquidation", "open_interest", "contract"]
"""What a stream carries. `open_interest` is polled."""
ContractState: TypeAlias = Literal["trading", "halted", "delisted"]


@frozen
class Kline:
    """A forming or closed bar as streamed; `event_time` is when the exchange sent it."""

    symbol: str
    event_time: int
    bar: Bar
    closed: bool


@frozen
class MarkPrice:
    """Mark price and the funding rate that will be paid at `next_funding_time` (0 = never)."""

    symbol: str
    event_time: int
    price: float
    funding_rate: float | None
    next_funding_time: int


@frozen
class Liquidation:
    """One forced order. A stream may be sampled, so sums of these are lower bounds."""

    symbol: str
    event_time: int
    side: Literal["long", "short"]
    """Whose position was closed: a forced sell liquidates a long."""
    usd: float


@dataclass(frozen=True, slots=True)
class OpenInterest:
    """Open contracts in base units at `time`."""

    symbol: str
    time: int
    contracts: float


@dataclass(frozen=True, slots=True)
class Funding:
    """A funding payment that has happened, `time` cut to the minute it was due."""

    symbol: str
    time: int
    rate: float


@dataclass(frozen=True, slots=True)
class ContractInfo:
    """A contract was listed, halted, resumed or delisted."""

    symbol: str
    event_time: int
    state: ContractState
    status: str
    """The exchange's own word for the state, for logs and the ledger."""


@dataclass(frozen=True, slots=True)
class Universe:
    """Which symbols can be followed, and why the others cannot."""

    symbols: frozenset[str]
    refused: Mapping[str, str]
    """Reason by symbol, for every symbol of the exchange that cannot be followed."""
    halted: frozenset[str] = frozenset()
    """The refused symbols whose only fault is that they do not trade now."""
    tick_sizes: Mapping[str, float] = field(default_factory=dict)
    """Smallest step of each symbol's price, where the exchange lists one."""
    lot_sizes: Mapping[str, LotSize] = field(default_factory=dict)
    """Of each symbol, where the exchange lists one."""


StreamMessage: TypeAlias = Kline | tuple[MarkPrice, ...] | Liquidation | ContractInfo


def largest(universe: Universe, volumes: Mapping[str, float], count: int) -> tuple[str, ...]:
    """Return the `count` largest symbols of a universe, ranked by quote volume.

    Equal volumes are ordered by name; a symbol without a known volume comes last.
    """
    ranked = sorted(universe.symbols, key=lambda symbol: (-volumes.get(symbol, -1.0), symbol))
    return tuple(ranked[:count])
