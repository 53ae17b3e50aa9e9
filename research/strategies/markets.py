"""Seeded random markets for the laws: bars as a strategy sees them, warm-up first.

A market has the past of each interval by itself, as the exchange gives it, then live bars of the
shortest interval with the longer ones that end with them.
"""

import math
import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, TypeAlias

from signalengine.intervals import INTERVAL_MS, INTERVALS, MINUTE_MS
from signalengine.strategy.running import Row

BEGIN: Final = 1_735_516_800_000
"""When live bars begin: 2024-12-30 00:00 UTC, a Monday."""
LIVE_BARS: Final = 320
MOST_LIVE_BARS: Final = 3_000
CENTRE: Final = 128.0
"""Around which prices are reflected: those of REFLECTED lie on a binary grid, so that it is
exact."""


Change: TypeAlias = Callable[[tuple[float, ...]], tuple[float, ...]]
"""A change of a bar's numbers."""


@dataclass(frozen=True, slots=True)
class Step:
    """Bars that end together."""

    close_time: int
    rows: tuple[Row, ...]
    f: tuple[float, ...] = ()
    """Shared features as of the close, by `signalengine.snapshot`."""


@dataclass(frozen=True, slots=True)
class Regime:
    """How prices of a market move."""

    name: str
    price: float = 100.0
    step: float = 0.001
    """Standard deviation of a minute's return; of longer bars by the square root of time."""
    near: bool = False
    """Whether every bar moves as a minute does, and prices stay near where they began."""
    decimals: int | None = 2
    """Of a price; None: whole multiples of 2**-12."""
    gap: float = 0.0
    """Share of bars that open elsewhere than the one before closed."""
    dead: float = 0.0
    """Share of bars without a trade."""
    hole: float = 0.0
    """Share of live bars that lack."""
    trend: float = 0.0
    """Drift in steps; its sign changes now and then."""
    quotes: bool = True
    """Whether quote volumes are known."""


CALM: Final = Regime("calm")
REGIMES: Final = (
    CALM,
    Regime("trends", trend=0.7, step=0.0015),
    Regime("tiny prices", price=2e-5, decimals=9, step=0.002),
    Regime("large prices with gaps", price=95_000.0, decimals=1, gap=0.1, step=0.002),
    Regime("holes and dead bars", price=3.0, decimals=4, dead=0.25, hole=0.03, quotes=False),
)
REFLECTED: Final = Regime(
    "reflected", price=CENTRE, decimals=None, trend=0.6, step=0.004, near=True
)


@dataclass(frozen=True, slots=True)
class Market:
    """Bars of one symbol."""

    name: str
    past: Mapping[str, tuple[Step, ...]]
    """Warm-up by interval, oldest bar first."""
    live: tuple[Step, ...] = field(default=())

    @property
    def steps(self) -> tuple[Step, ...]:
        """All of it in the order in which it is folded."""
        longest_first = sorted(self.past, key=lambda name: -INTERVAL_MS[name])
        return (*(step for name in longest_first for step in self.past[name]), *self.live)

    def warmed(self, bars: Mapping[str, int]) -> "Market":
        """Return it with only the last so many bars of each interval before the live ones."""
        past = {
            name: steps[max(0, len(steps) - bars.get(name, 0)) :]
            for name, steps in self.past.items()
        }
        return replace(self, past=past)


def market(
    regime: Regime, intervals: Sequence[str], past: Mapping[str, int], seed: int, every: str
) -> Market:
    """Return a random market with bars of some intervals; `past` counts those of the warm-up."""
    rng = random.Random(f"{seed} {regime.name}")  # noqa: S311 - reproducible, not secret
    shortest = min(intervals, key=lambda name: INTERVAL_MS[name])
    count = min(MOST_LIVE_BARS, max(LIVE_BARS, 12 * INTERVAL_MS[every] // INTERVAL_MS[shortest]))
    before = {
        name: tuple(_step((row,)) for row in _past(rng, regime, name, past.get(name, 0)))
        for name in intervals
    }
    base = _ahead(rng, regime, shortest, regime.price, count)
    there = [row for row in base if rng.random() >= regime.hole]
    return Market(regime.name, before, tuple(_with_longer(there, intervals, shortest)))


def changed(one: Market, change: Change) -> Market:
    """Return a market with every bar changed; its shared features are left out."""

    def of(steps: Iterable[Step]) -> tuple[Step, ...]:
        return tuple(
            Step(step.close_time, tuple(Row(r.interval, change(r.numbers)) for r in step.rows))
            for step in steps
        )

    past = {name: of(steps) for name, steps in one.past.items()}
    return replace(one, past=past, live=of(one.live))


class Reflected:
    """Every price p becomes 2 × CENTRE − p; highs become lows."""

    def __call__(self, bar: tuple[float, ...]) -> tuple[float, ...]:
        at, o, h, lo, c, volume, quote = bar
        twice = 2.0 * CENTRE
        return at, twice - o, twice - lo, twice - h, twice - c, volume, twice * volume - quote


@dataclass(frozen=True, slots=True)
class Scaled:
    """Every price is multiplied by a power of two."""

    factor: float

    def __call__(self, bar: tuple[float, ...]) -> tuple[float, ...]:
        at, *prices, volume, quote = bar
        o, h, lo, c = (self.factor * price for price in prices)
        return at, o, h, lo, c, volume, self.factor * quote


def _step(rows: tuple[Row, ...]) -> Step:
    last = rows[0]
    return Step(int(last.numbers[0]) + INTERVAL_MS[last.interval], rows)


def _past(rng: random.Random, regime: Regime, interval: str, count: int) -> list[Row]:
    """Return bars that end where live bars begin, at the regime's price."""
    size = _size(regime, interval)
    prices = [regime.price]
    for _ in range(count):
        prices.append(prices[-1] * _move(rng, regime, size, len(prices), prices[-1]))
    prices.reverse()
    begin = BEGIN - count * INTERVAL_MS[interval]
    out = []
    for k in range(count):
        at = begin + k * INTERVAL_MS[interval]
        out.append(_bar(rng, regime, interval, at, prices[k], prices[k + 1]))
    return out


def _ahead(
    rng: random.Random, regime: Regime, interval: str, price: float, count: int
) -> list[Row]:
    size, out = _size(regime, interval), []
    for k in range(count):
        close = price * _move(rng, regime, size, k, price)
        at = BEGIN + k * INTERVAL_MS[interval]
        out.append(_bar(rng, regime, interval, at, price, close))
        price = out[-1].numbers[4]
    return out


def _size(regime: Regime, interval: str) -> float:
    minutes = 1.0 if regime.near else INTERVAL_MS[interval] / MINUTE_MS
    return regime.step * math.sqrt(minutes)


def _move(rng: random.Random, regime: Regime, size: float, number: int, price: float) -> float:
    drift = regime.trend * (1.0 if number // 40 % 2 else -1.0)
    if regime.near:
        drift -= 5.0 * math.log(price / regime.price)
    return math.exp(size * max(-4.0, min(4.0, rng.gauss(drift, 1.0))))


def _bar(
    rng: random.Random, regime: Regime, interval: str, at: int, before: float, close: float
) -> Row:
    size = _size(regime, interval)
    opened = (
        before * math.exp(3.0 * size * rng.gauss(0, 1)) if rng.random() < regime.gap else before
    )
    volume = round(math.exp(rng.gauss(3.0, 1.0)), 3)
    if rng.random() < regime.dead:
        opened, close, volume = before, before, 0.0
        high = low = before
    else:
        high = max(opened, close) * math.exp(0.5 * size * abs(rng.gauss(0, 1)))
        low = min(opened, close) / math.exp(0.5 * size * abs(rng.gauss(0, 1)))
    o, h, lo, c = (_on_grid(x, regime.decimals) for x in (opened, high, low, close))
    quote = (h + lo + c) / 3.0 * volume if regime.quotes else math.nan
    return Row(interval, (float(at), o, h, lo, c, volume, quote))


def _on_grid(price: float, decimals: int | None) -> float:
    if decimals is None:
        return max(1.0, round(price * 4096.0)) / 4096.0
    return max(10.0**-decimals, round(price, decimals))


def _with_longer(base: list[Row], intervals: Sequence[str], shortest: str) -> Iterable[Step]:
    """Yield the bars with the longer ones that end with them, where none of a bar lacks."""
    longer = [name for name in INTERVALS if name in intervals and name != shortest]
    unfinished: dict[str, list[Row]] = {name: [] for name in longer}
    for row in base:
        close_time = int(row.numbers[0]) + INTERVAL_MS[shortest]
        rows = [row]
        for name in longer:
            unfinished[name].append(row)
            if close_time % INTERVAL_MS[name] == 0:
                parts, unfinished[name] = unfinished[name], []
                start = close_time - INTERVAL_MS[name]
                parts = [part for part in parts if part.numbers[0] >= start]
                if len(parts) * INTERVAL_MS[shortest] == INTERVAL_MS[name]:
                    rows.append(joined(name, parts))
        yield Step(close_time, tuple(rows))


def joined(interval: str, parts: Sequence[Row]) -> Row:
    """Return the longer bar of shorter ones."""
    columns = list(zip(*(part.numbers for part in parts), strict=True))
    at, o, h, lo, c, volume, quote = columns
    numbers = (at[0], o[0], max(h), min(lo), c[-1], math.fsum(volume), sum(quote))
    return Row(interval, numbers)
