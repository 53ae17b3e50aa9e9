"""Bars as hypothesis draws them: on a price grid, as they could have been traded."""

from hypothesis import strategies as st

from infra.local.exchange.market.bars import MINUTE_MS, Bar
from infra.local.exchange.market.instruments import Instrument

COIN = Instrument("TESTUSDT", price_decimals=1, quantity_decimals=3, tick=0.1)


@st.composite
def bars(draw: st.DrawFn, open_time: int = 0) -> Bar:
    """A bar on a grid of 0.1, with up to 8 decimals less than it has volume."""
    low = draw(st.integers(1, 100_000))
    high = low + draw(st.integers(0, 500))
    o, c = draw(st.integers(low, high)), draw(st.integers(low, high))
    volume = draw(st.integers(0, 10**8)) / 1_000
    trades = draw(st.integers(1, 10_000)) if volume else 0
    return Bar(
        open_time, o / 10, high / 10, low / 10, c / 10, volume, volume * (low + high) / 20, trades,
        volume / 2, volume * low / 20,
    )  # fmt: skip


@st.composite
def minutes(draw: st.DrawFn) -> list[Bar]:
    """Bars of ascending minutes, with gaps."""
    steps = draw(st.lists(st.sampled_from([1, 1, 1, 1, 2, 7, 63]), min_size=1, max_size=150))
    time, out = draw(st.integers(28_000_000, 28_000_100)), []
    template = draw(st.lists(bars(), min_size=3, max_size=3))
    for index, step in enumerate(steps):
        time += step
        bar = template[index % 3]
        out.append(
            Bar(time * MINUTE_MS, bar.open, bar.high, bar.low, bar.close, bar.volume + index,
                bar.quote_volume, bar.trades, bar.taker_volume, bar.taker_quote)
        )  # fmt: skip
    return out
