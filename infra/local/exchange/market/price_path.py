"""How a price moves inside one minute.

A `PricePath` is a row of knots, `offset ms, price`, with running extremes and cumulative volumes at
each knot; between knots the price moves on a straight line, or stays until the next (`jumps`).
`at(offset)` is the bar as formed by then, so a kline update can be made at any moment and at any
speed from the same path.

The engine may settle by a path that jumps, second by second. A client that samples it once a second
has to see the same extremes at any speed, so updates are due at the offsets given by `update_due`.

A recorded bar has no path, so `recorded` makes one up, always the same for the same symbol, minute
and seed:

    open -> the extreme nearer to the open -> the other extreme -> close
            (equally near: chosen at random)

Each of the three legs gets time in proportion to its length (jittered), and `_STEPS` knots that
deviate between the leg's own ends. So every price lies within low .. high, both are reached, the
nearer one first, and the last knot is the close. Volume grows with the distance travelled and
with time, up to the bar's volume. Such a path is invented: the engine
does not settle by the paths of recordings.
"""

import itertools
import random
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from .bars import MINUTE_MS, Bar
from .instruments import EXACT, Instrument

FIRST_MS: Final = 250
"""Offset of the first update of a minute whose path jumps."""
_STEPS: Final = 5
_WANDER: Final = 0.35
"""Largest deviation of a knot from the straight line, in lengths of its leg."""
_STILL_SHARE: Final = 0.4
"""Share of the volume that grows with time, independent of the price."""


@dataclass(frozen=True, slots=True)
class PricePath:
    """One minute of one symbol; all sequences have one entry per knot.

    `offsets` ascend from 0 to 60,000 ms; `highs`, `lows` are extremes so far; `volumes`, `quotes`
    are cumulative and end at the bar's own. With `jumps` the price changes at knots only.
    """

    bar: Bar
    instrument: Instrument
    offsets: Sequence[int]
    prices: Sequence[float]
    highs: Sequence[float]
    lows: Sequence[float]
    volumes: Sequence[float]
    quotes: Sequence[float]
    jumps: bool = False

    def update_due(self, offset: int) -> bool:
        """Return whether an update is due at `offset` (ms) besides the grid: a new extreme."""
        if not self.jumps or offset >= MINUTE_MS:
            return False
        knot = bisect_right(self.offsets, offset) - 1
        if knot < 1 or self.offsets[knot] != offset:
            return offset == FIRST_MS
        before = knot - 1
        return self.highs[knot] > self.highs[before] or self.lows[knot] < self.lows[before]

    def price_at(self, offset: int) -> float:
        """Return the last price `offset` ms into the minute."""
        if offset >= MINUTE_MS:
            return self.bar.close
        knot = bisect_right(self.offsets, offset) - 1
        before, after = self.prices[knot], self.prices[knot + 1]
        if self.jumps or before == after:
            return before
        share = (offset - self.offsets[knot]) / (self.offsets[knot + 1] - self.offsets[knot])
        price = self.instrument.on_grid(before + (after - before) * share)
        return min(max(price, min(before, after)), max(before, after))

    def at(self, offset: int) -> Bar:
        """Return the bar as formed `offset` ms into the minute; from 60,000 on the whole bar."""
        bar = self.bar
        if offset >= MINUTE_MS:
            return bar
        knot = bisect_right(self.offsets, offset) - 1
        price = self.price_at(offset)
        share = (offset - self.offsets[knot]) / (self.offsets[knot + 1] - self.offsets[knot])
        volume = _between(self.volumes[knot], self.volumes[knot + 1], share)
        if self.instrument.quantity_decimals != EXACT:
            volume = min(round(volume, self.instrument.quantity_decimals), bar.volume)
        done = volume / bar.volume if bar.volume else 0.0
        return Bar(
            bar.open_time, bar.open, max(self.highs[knot], price), min(self.lows[knot], price),
            price, volume, _between(self.quotes[knot], self.quotes[knot + 1], share),
            int(bar.trades * done), bar.taker_volume * done, bar.taker_quote * done,
        )  # fmt: skip


def _between(before: float, after: float, share: float) -> float:
    return min(before + (after - before) * share, after)


def through(
    bar: Bar, instrument: Instrument, offsets: Sequence[int], prices: Sequence[float],
    volumes: Sequence[float], quotes: Sequence[float], *, jumps: bool = False,
) -> PricePath:  # fmt: skip
    """Return the path through these knots (cumulative volumes), running extremes added."""
    highs, lows = [prices[0]], [prices[0]]
    for price in prices[1:]:
        highs.append(max(highs[-1], price))
        lows.append(min(lows[-1], price))
    return PricePath(bar, instrument, offsets, prices, highs, lows, volumes, quotes, jumps)


def recorded(bar: Bar, instrument: Instrument, seed: str) -> PricePath:
    """Return the made-up path of a recorded bar (see above); `seed` and the minute decide it."""
    chance = random.Random(f"{seed}:{instrument.symbol}:{bar.open_time}")
    corners = _corners(bar, chance)
    legs = [*itertools.pairwise(corners)]
    offsets = _offsets(legs, bar.high - bar.low, chance)
    prices = [bar.open]
    for start, end in legs:
        prices.extend(_leg(start, end, instrument, chance))
    volumes = list(_grown(prices, offsets, bar.volume, chance))
    quotes = [bar.quote_volume * v / bar.volume if bar.volume else 0.0 for v in volumes]
    volumes[-1], quotes[-1] = bar.volume, bar.quote_volume
    return through(bar, instrument, offsets, prices, volumes, quotes)


def _corners(bar: Bar, chance: random.Random) -> tuple[float, float, float, float]:
    to_low, to_high = bar.open - bar.low, bar.high - bar.open
    low_first = to_low < to_high or (to_low == to_high and chance.random() < 0.5)
    if low_first:
        return bar.open, bar.low, bar.high, bar.close
    return bar.open, bar.high, bar.low, bar.close


def _offsets(
    legs: Sequence[tuple[float, float]], height: float, chance: random.Random
) -> list[int]:
    """Return ascending whole ms, one a knot, longer legs taking longer."""
    weights = list[float]()
    for start, end in legs:
        length = abs(end - start) / height if height else 0.0
        weights.extend((0.15 + length) * chance.uniform(0.5, 1.5) for _ in range(_STEPS))
    total, passed = sum(weights), 0.0
    offsets = [0]
    for weight in weights[:-1]:
        passed += weight
        offsets.append(max(offsets[-1] + 1, round(MINUTE_MS * passed / total)))
    return [*offsets, MINUTE_MS]


def _leg(start: float, end: float, instrument: Instrument, chance: random.Random) -> list[float]:
    """Return the prices after `start` up to and with `end`, none outside start .. end."""
    low, high = min(start, end), max(start, end)
    prices = []
    for step in range(1, _STEPS):
        share = step / _STEPS + chance.uniform(-_WANDER, _WANDER)
        price = instrument.on_grid(start + (end - start) * share)
        prices.append(min(max(price, low), high))
    return [*prices, end]


def _grown(
    prices: Sequence[float], offsets: Sequence[int], volume: float, chance: random.Random
) -> Iterator[float]:
    moves = [abs(b - a) for a, b in itertools.pairwise(prices)]
    spans = [b - a for a, b in itertools.pairwise(offsets)]
    travelled = sum(moves) or 1.0
    weights = [
        chance.uniform(0.5, 1.5)
        * (_STILL_SHARE * span / MINUTE_MS + (1 - _STILL_SHARE) * move / travelled)
        for move, span in zip(moves, spans, strict=True)
    ]
    total, done = sum(weights), 0.0
    yield 0.0
    for weight in weights:
        done += weight
        yield min(volume * (done / total), volume)
