"""The interface of a market, recorded or simulated.

A source gives its history once, then one minute after the other, in order. The result does not
depend on the time of the call, the subscribers or the speed of the playback.
"""

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

from .bars import Series
from .instruments import Instrument
from .price_path import PricePath


class SourceError(Exception):
    """A market cannot be played as requested; the message names the fix."""


@dataclass(frozen=True, slots=True)
class Liquidation:
    """A forced order. `side` SELL closes a long; `market` 2 is COIN-M, in which `price` is USD."""

    time: int
    symbol: str
    side: Literal["BUY", "SELL"]
    price: float
    quantity: float
    market: Literal[1, 2] = 1

    @property
    def size_usd(self) -> float:
        return self.price * self.quantity


@dataclass(frozen=True, slots=True)
class Mark:
    """Mark price, its moving average, index price and the funding rate as of one second.

    `rate` is None and `next_funding` 0 where the funding is unknown.
    """

    price: float
    average: float
    index: float
    rate: float | None
    next_funding: int


@dataclass(frozen=True, slots=True)
class Funding:
    """A settled funding: `time` may be a few ms past the hour; mark is None where unknown."""

    time: int
    rate: float
    mark: float | None


@dataclass(frozen=True, slots=True)
class Minute:
    """Everything that happens in the minute from `open_time` on.

    `paths` lacks the symbols whose recording has a gap there; `marks` holds, for every symbol,
    the 60 marks at seconds 1 .. 60; `liquidations` are in order of time.
    """

    open_time: int
    paths: Mapping[str, PricePath]
    marks: Mapping[str, Sequence[Mark]]
    liquidations: Sequence[Liquidation] = ()


@dataclass(slots=True)
class Steps:
    """A value that changes at known times, such as open interest; append-only."""

    times: "array[int]" = field(default_factory=lambda: array("q"))
    values: "array[float]" = field(default_factory=lambda: array("d"))

    def append(self, time: int, value: float) -> None:
        """Add the value that holds from `time` on."""
        self.times.append(time)
        self.values.append(value)

    def as_of(self, time: int) -> float | None:
        """Return the newest value at or before `time` (ms), None before the first."""
        index = bisect_right(self.times, time)
        return self.values[index - 1] if index else None

    def stamped(self, start: int, end: int, period: int) -> Iterator[tuple[int, float]]:
        """Yield (end of period, value then) for each period with a change, `start` .. `end`."""
        first = -(-max(start, self.times[0] if self.times else end + 1) // period) * period
        for stamp in range(first, end + 1, period):
            index = bisect_right(self.times, stamp)
            if index and index > bisect_left(self.times, stamp - period + 1):
                yield stamp, self.values[index - 1]


class Source(Protocol):
    """A market to play."""

    @property
    def market(self) -> Literal["recording", "simulated"]: ...
    @property
    def instruments(self) -> Mapping[str, Instrument]: ...
    @property
    def start(self) -> int: ...
    @property
    def end(self) -> int | None: ...
    @property
    def interests(self) -> Mapping[str, Steps]:
        """Open interest in base currency; symbols without any are absent. May run ahead."""
        ...

    @property
    def fundings(self) -> Mapping[str, Sequence[Funding]]:
        """Settled fundings, ascending. May run ahead of the playback."""
        ...

    def past(self, symbol: str) -> Series:
        """Return the 1m bars that closed at `start` or before."""
        ...

    def older(self, symbol: str) -> Series | None:
        """Return 4h bars from before those of `past`, up to them; None without any."""
        ...

    def minute(self, open_time: int) -> Minute:
        """Return the next minute; called with `start`, `start` + 1 minute, and so on."""
        ...
