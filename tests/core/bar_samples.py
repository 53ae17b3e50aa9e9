"""Made-up minutes of one symbol, and a builder that takes them."""

import random
from collections.abc import Sequence

from signalengine.bars.as_of import Coverage
from signalengine.bars.builder import BarBuilder, BarRequest, BuilderOutput
from signalengine.facts.stream import Bar, BarsFact, Market
from signalengine.intervals import MINUTE_MS
from signalengine.market_data import Kline, MarkPrice

T0 = 1_747_612_800_000  # 2025-05-19T00:00Z
S = "BTCUSDT"


def bar_at(minute: int, *, seed: int = 0, close: float | None = None) -> Bar:
    rng = random.Random(f"{seed}:{minute}")
    o, c = rng.uniform(90, 110), close or rng.uniform(90, 110)
    return Bar(
        "1m", T0 + minute * MINUTE_MS, o, max(o, c) + rng.random(), min(o, c) - rng.random(), c,
        volume=rng.uniform(0, 9), quote_volume=rng.uniform(0, 900), trades=rng.randrange(99),
        taker_buy_volume=rng.uniform(0, 4),
    )  # fmt: skip


def closed(bar: Bar, after_ms: int = 20) -> Kline:
    return Kline(S, bar.close_time + after_ms, bar, closed=True)


def forming(bar: Bar, at: int) -> Kline:
    return Kline(S, at, bar, closed=False)


def mark(at: int, price: float, rate: float = 1e-4, due: int = T0 + 8 * 3_600_000) -> MarkPrice:
    return MarkPrice(S, at, price, rate, due)


def always_up() -> Coverage:
    coverage = Coverage()
    coverage.received()
    coverage.up(0)
    return coverage


def fresh(market: Market = "simulated", *, replayed: bool = False) -> BarBuilder:
    """A builder without a past, of a market without liquidations."""
    return BarBuilder(S, market, Coverage(), replayed=replayed)


def seeded(
    minutes: int = 60, market: Market = "simulated", coverage: Coverage | None = None
) -> BarBuilder:
    """A builder warmed up with the hour that ends at T0."""
    made = BarBuilder(S, market, coverage or Coverage())
    made.seed(bar_at(n) for n in range(-minutes, 0))
    return made


def close(builder: BarBuilder, kline: Kline, clock: int | None = None) -> BuilderOutput:
    """Stream a closing kline; the clock is its event time unless given."""
    output = builder.on_kline(kline, kline.event_time if clock is None else clock)
    assert output is not None
    return output


def form(builder: BarBuilder, kline: Kline) -> None:
    """Stream a forming kline."""
    assert builder.on_kline(kline, kline.event_time) is None


def fetch(
    builder: BarBuilder, request: BarRequest, bars: Sequence[Bar], clock: int
) -> list[BarsFact]:
    """Answer a request; returns the facts that follow."""
    return list(builder.on_backfill(request, bars, clock).facts)


def run(builder: BarBuilder, bars: Sequence[Bar]) -> list[BarsFact]:
    """Stream closing klines one after the other; returns the facts that follow."""
    return [fact for bar in bars for fact in close(builder, closed(bar)).facts]
