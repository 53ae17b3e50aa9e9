"""Made-up minutes of one symbol, and a tape that plays them."""

import random
from collections.abc import Sequence

from signalengine.bars.as_of import Coverage
from signalengine.bars.builder import BarBuilder
from signalengine.exchanges.binance.messages import Kline, MarkPrice
from signalengine.facts.stream import Bar, BarsFact, Market
from signalengine.intervals import MINUTE_MS

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


def heard() -> Coverage:
    coverage = Coverage()
    coverage.heard()
    coverage.up(0)
    return coverage


def drain(tape: BarBuilder, clock: int, coverage: Coverage | None = None) -> list[BarsFact]:
    facts = []
    while (fact := tape.next_fact(clock, coverage or Coverage())) is not None:
        facts.append(fact)
    return facts


def seeded(minutes: int = 60, market: Market = "simulated") -> BarBuilder:
    """A tape warmed up with the hour that ends at T0."""
    tape = BarBuilder(S, market)
    tape.seed(bar_at(n) for n in range(-minutes, 0))
    return tape


def run(tape: BarBuilder, bars: Sequence[Bar]) -> list[BarsFact]:
    facts = []
    for bar in bars:
        tape.on_kline(closed(bar))
        facts += drain(tape, bar.close_time + 20)
    return facts
