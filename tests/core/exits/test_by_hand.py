"""A partial-target and a trailing signal, once more by a few lines of pandas in whole ticks."""

import pandas as pd
import pytest
from signalengine.facts.stream import Bar
from signalengine.settlement import StopMove, StoredBar, progress, settle
from signalengine.signals import Exits, Signal, Target

from tests.core.markets import WalkRegime, recorded, walk
from tests.core.samples import signal

TICK = 0.1
MOST = 4_000
"""Bars until which each of the signals has ended."""


def minutes_of(name: str) -> list[Bar]:
    """A synthetic market that is always there, and a recorded one."""
    if name == "recorded":
        return recorded("BTC", 3 * MOST)
    return walk(3 * MOST, 4, WalkRegime(price=50_000.0, decimals=1, step=2e-4))


def frame(bars: list[Bar]) -> pd.DataFrame:
    """Prices in ticks, whole numbers."""
    rows = [(b.open, b.high, b.low, b.close) for b in bars]
    ticks = pd.DataFrame(rows, columns=["open", "high", "low", "close"]) / TICK
    return ticks.round().astype(int)


def opened(bars: list[Bar], at: int, exits: Exits, stop: int, side: int) -> Signal:
    """A signal at the close of bar `at`, with a stop so many ticks away."""
    entry = bars[at].close
    return signal(
        side, entry, close_time=bars[at].close_time, sl_price=round(entry - side * stop * TICK, 1),
        tp_price=exits.targets[0].price, exits=exits, minutes=0,
        expires_at=bars[at].close_time + MOST * 60_000,
    )  # fmt: skip


def stored(bars: list[Bar]) -> list[StoredBar]:
    return [StoredBar(b.open_time, b.open, b.high, b.low, b.close) for b in bars]


def first(hits: pd.Series) -> int:
    """Return the first index of a bar that hits."""
    assert hits.any(), "the market is too quiet for this signal"
    return int(hits.idxmax())


@pytest.mark.parametrize("market", ["walk", "recorded"])
@pytest.mark.parametrize("at", [300, 1_500, 5_000])
def test_half_at_a_target_then_break_even(market: str, at: int) -> None:
    """A long: half at +600 ticks, the rest at +1200, stop at −1500, then at the entry."""
    bars = minutes_of(market)
    after = frame(bars[at + 1 :])
    entry = round(bars[at].close / TICK)
    half, rest, stop = entry + 600, entry + 1_200, entry - 1_500

    half_at = first((after.high >= half) | (after.low <= stop))
    won = after.low[half_at] > stop  # else the stop came first
    level = pd.Series(entry if won else stop, after.index).where(after.index > half_at, stop)
    out, done = after.low <= level, after.high >= rest
    end = first((out | done) & (after.index >= half_at))
    price = min(level[end], after.open[end]) if out[end] else rest
    shares = (0.5, 0.5) if won else (0.0, 1.0)
    gross = (shares[0] * (half - entry) + shares[1] * (price - entry)) / entry

    targets = (Target(round(half * TICK, 1), 0.5), Target(round(rest * TICK, 1), 0.5))
    one = opened(bars, at, Exits(targets, break_even=True), 1_500, 1)
    found = settle(one, stored(bars))
    assert found is not None
    assert found.bars_held == end + 1
    assert round(found.exit_price / TICK) == price
    assert bool(found.fills) == won
    assert found.gross_return / 1e8 == pytest.approx(gross, abs=2e-8)


@pytest.mark.parametrize("market", ["walk", "recorded"])
@pytest.mark.parametrize("at", [300, 1_500, 5_000])
def test_a_short_that_trails(market: str, at: int) -> None:
    """A stop 1000 ticks above the entry, trailing by 1000 ticks in steps of 250."""
    bars = minutes_of(market)
    after = frame(bars[at + 1 :])
    entry = round(bars[at].close / TICK)

    best = after.low.cummin().clip(upper=entry)
    stops = entry + 1_000 - (entry - best) // 250 * 250
    in_bar = stops.shift(fill_value=entry + 1_000)
    end = first(after.high >= in_bar)
    price = max(in_bar[end], after.open[end])
    moves = stops[:end][stops[:end].diff().fillna(stops[0] - entry - 1_000) != 0]

    targets = (Target(round(0.5 * entry * TICK, 1), 1.0),)
    trailing = Exits(targets, trail=1_000 * TICK, trail_step=250 * TICK)
    one = opened(bars, at, trailing, 1_000, -1)
    found = settle(one, stored(bars))
    assert found is not None
    assert found.bars_held == end + 1
    assert round(found.exit_price / TICK) == price
    assert found.gross_return / 1e8 == pytest.approx((entry - price) / entry, abs=2e-8)
    steps = progress(one, stored(bars))
    assert [round(step.price / TICK) for step in steps] == moves.tolist()
    assert all(isinstance(step, StopMove) for step in steps)
