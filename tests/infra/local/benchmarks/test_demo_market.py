"""The simulated market is fair: both sides, nothing that can be foreseen, and a soon first signal.

`python -m infra.local.benchmarks.demo_market` measures twenty seeds; this is a part of it.
"""

import math
from functools import cache

import numpy as np
import pytest

from infra.local.benchmarks.demo_market import START, Result, Total, measured, total
from infra.local.exchange.market.bars import MINUTE_MS
from infra.local.exchange.market.instruments import DEFAULT_SYMBOLS
from infra.local.exchange.market.regime import RegimeProcess
from infra.local.exchange.market.simulated_history import columns, market_moves
from infra.local.exchange.market.simulation import SimulatedMarket
from infra.local.stack.options import RunOptions

MINUTES = 3 * 1_440
FEW = DEFAULT_SYMBOLS[:3]


@cache
def moves_of(seed: int) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    """The market's log returns of some days."""
    process = RegimeProcess(f"{seed}:market", 0.001, 170.0, {})
    times = np.arange(MINUTES, dtype=np.float64) * MINUTE_MS
    return market_moves(columns([process.next() for _ in range(MINUTES)]), times, seed)


@pytest.mark.parametrize("past", [1, 5, 15, 60])
def test_no_minute_can_be_foreseen_from_those_before_it(past: int) -> None:
    """Gains of going with the last minutes' direction are noise, over twenty seeds."""
    gains: list[float] = []
    for seed in range(20):
        level = np.concatenate([[0.0], np.cumsum(moves_of(seed))])
        before, after = (
            level[past:-past] - level[: -2 * past],
            level[2 * past :] - level[past:-past],
        )
        gains.append(float((np.sign(before) * after)[::past].sum()))
    error = float(np.std(gains, ddof=1)) / math.sqrt(len(gains))
    assert abs(float(np.mean(gains))) < 3.0 * error


@pytest.mark.parametrize("deviations", [-2.0, 2.0])
def test_a_liquidation_pushes_no_further_than_expected(deviations: float) -> None:
    """A cascade is a skewed draw, and no drift: pushes of a stretched price have no mean."""
    market = SimulatedMarket(("DOGEUSDT",), START, None, "3", past_minutes=720)
    one = market._simulations["DOGEUSDT"]
    one.average = one.level - deviations * one.sigma * math.sqrt(5.0)
    pushes = []
    for _ in range(4_000):
        one.fuel = {"SELL": 1.0, "BUY": 1.0}
        one._forced(START)
        pushes.append(one.push)
    error = float(np.std(pushes, ddof=1)) / math.sqrt(len(pushes))
    assert abs(float(np.mean(pushes))) < 3.0 * error
    assert max(np.abs(pushes)) > 10.0 * error


def test_the_default_market_has_both_sides_in_its_first_hour_and_a_signal_soon() -> None:
    found = measured(RunOptions().seed, 60)
    assert min(found.longs[0], found.shorts[0]) <= 5 * MINUTE_MS
    assert max(found.longs[0], found.shorts[0]) <= 60 * MINUTE_MS


def test_a_few_seeds_have_both_sides_and_lose_the_costs_but_for_noise() -> None:
    """Too few signals for a share of each side, which the twenty seeds have."""
    found = total([measured(seed, 240, FEW) for seed in (3, 5, 6)])
    assert 0.0 < found.long_share < 1.0
    assert abs(found.gross) <= 2.0 * found.error
    assert found.net == pytest.approx(found.gross - 0.12, abs=0.01)


def test_a_total_is_fair_within_its_noise() -> None:
    even = Total(signals=100, long_share=0.41, gross=0.03, net=-0.09, error=0.02)
    assert even.is_fair
    one_sided = Result(1, (1, 2, 3), (4,), (0.1, 0.1), (0.0, 0.0))
    assert not total([one_sided, one_sided]).is_fair
    assert total([one_sided]).long_share == 0.75
    assert len(DEFAULT_SYMBOLS) == 6
