"""Longer bars, made of 1m bars."""

from collections import deque
from collections.abc import Sequence

from ..facts.stream import Bar
from ..intervals import INTERVAL_MS, MINUTE_MS


def aggregate(interval: str, minutes: Sequence[Bar]) -> Bar:
    """Return the longer bar made of all its 1m bars, oldest first.

    Sums are taken in that order; a value that one minute lacks, the longer bar lacks too. Raises
    ValueError unless every minute is there.
    """
    start, span = minutes[0].open_time if minutes else 0, INTERVAL_MS[interval]
    expected = range(start, start + span, MINUTE_MS)
    if start % span or [bar.open_time for bar in minutes] != list(expected):
        raise ValueError(f"these are not the 1m bars of one {interval} bar")
    high, low, volume = minutes[0].high, minutes[0].low, 0.0
    quote: float | None = 0.0
    trades: int | None = 0
    taker: float | None = 0.0
    for bar in minutes:
        high = bar.high if bar.high > high else high
        low = bar.low if bar.low < low else low
        volume += bar.volume
        quote = None if quote is None or bar.quote_volume is None else quote + bar.quote_volume
        trades = None if trades is None or bar.trades is None else trades + bar.trades
        taker = (
            None if taker is None or bar.taker_buy_volume is None else taker + bar.taker_buy_volume
        )
    return Bar(
        interval, start, minutes[0].open, high, low, minutes[-1].close, volume,
        quote_volume=quote, trades=trades, taker_buy_volume=taker,
    )  # fmt: skip


class BarAggregator:
    """Stores the last hour of 1m bars and builds longer bars from them."""

    def __init__(self) -> None:
        self._minutes: deque[Bar] = deque(maxlen=INTERVAL_MS["1h"] // MINUTE_MS)

    def push(self, bar: Bar) -> None:
        """Add the next 1m bar, newer than all before it."""
        self._minutes.append(bar)

    def build(self, interval: str, last: Bar) -> Bar | None:
        """Return the bar of `interval` that ends with the 1m bar `last`, None if parts lack."""
        count = INTERVAL_MS[interval] // MINUTE_MS
        minutes = [*self._minutes, last][-count:]
        whole = (
            len(minutes) == count and minutes[0].open_time == last.close_time - count * MINUTE_MS
        )
        return aggregate(interval, minutes) if whole else None

    def find(self, open_time: int) -> Bar | None:
        """Return the 1m bar that opened at `open_time`, if it is of the last hour."""
        return next((bar for bar in self._minutes if bar.open_time == open_time), None)
