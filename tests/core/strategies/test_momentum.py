"""Momentum across symbols: what is ranked, who is bought and sold, and for how long."""

import math
import random

import pytest
from signalengine.exits.levels import EXITS_SIZE, FINE, STOP, TARGET, clear, expire, fault
from signalengine.intervals import DAY_MS
from signalengine.strategies import momentum
from signalengine.strategy.loading import load_shipped
from signalengine.strategy.running import Row, due, fold_rows
from signalengine.strategy.sets import set_of

ONE = load_shipped("momentum")
P = set_of(ONE).parameters
MONDAY = 1_747_612_800_000  # 2025-05-19 00:00 UTC


def values(count: int, seed: int = 3) -> tuple[list[float], tuple[float, ...]]:
    """Return the closes of days, and the values after them."""
    rng, close, s, closes = random.Random(seed), 100.0, ONE.strategy.fresh(), []
    for day in range(count):
        close *= math.exp(rng.gauss(0.0, 0.03))
        bar = (day * DAY_MS, close, close * 1.01, close / 1.01, close, 1.0, 5e6 + day)
        fold_rows(ONE, s, [Row("1d", bar)], P)
        closes.append(close)
    return closes, tuple(s[:64])


def ranked(v: tuple[float, ...], rank: float) -> tuple[float, ...]:
    return (*v[: momentum.RANK], rank, *v[momentum.RANK + 1 :])


def test_the_return_of_a_week_is_ranked_and_the_quote_volume_of_a_month_makes_the_universe() -> (
    None
):
    closes, v = values(40)
    assert v[momentum.RETURN] == pytest.approx(100.0 * (closes[-1] / closes[-8] - 1.0))
    assert v[momentum.VOLUME] == pytest.approx(5e6 + 24.5)
    assert math.isnan(v[momentum.RANK])
    universe = ONE.strategy.universe
    assert (universe.top, universe.by, universe.age_days) == (50, momentum.VOLUME, 180)


@pytest.mark.parametrize(
    ("rank", "sides"), [(1.0, (True, False)), (0.8, (True, False)), (0.79, (False, False)),
                        (0.5, (False, False)), (0.2, (False, True)), (0.0, (False, True)),
                        (math.nan, (False, False))],
)  # fmt: skip
def test_the_top_fifth_is_bought_and_the_bottom_fifth_sold(
    rank: float, sides: tuple[bool, bool]
) -> None:
    v = ranked(values(40)[1], rank)
    assert tuple(ONE.code.entry(v, (), side, P) for side in (1.0, -1.0)) == sides


def test_no_side_enters_while_the_range_is_not_known() -> None:
    v = ranked(values(9)[1], 1.0)
    assert not ONE.code.entry(v, (), 1.0, P)


def test_it_is_asked_on_mondays_at_midnight_utc_alone() -> None:
    asked = [t for t in range(MONDAY, MONDAY + 14 * DAY_MS, 3_600_000) if due(ONE.strategy, t)]
    assert asked == [MONDAY, MONDAY + 7 * DAY_MS]


def test_the_stop_is_three_daily_ranges_away_and_a_week_is_the_longest() -> None:
    closes, v = values(60)
    for side in (1.0, -1.0):
        x = [0.0] * EXITS_SIZE
        clear(x)
        expire(x, float(ONE.strategy.ttl_minutes))
        ONE.code.exits(v, (), side, P, x)
        assert x[STOP] == closes[-1] - side * 3.0 * v[momentum.ATR]
        assert x[TARGET] == closes[-1] + side * 9.0 * v[momentum.ATR]
        assert fault(x, closes[-1], side) == FINE
    assert ONE.strategy.ttl_minutes == 7 * 1440


def test_its_name_parameters_and_digest_are_stable() -> None:
    """A change of what it decides has to change the digest, and a digest that changes ends its
    statistics: change it knowingly."""
    one = set_of(ONE)
    assert (one.key, one.parameters, one.digest) == (
        "momentum",
        (7.0, 0.2, 3.0, 9.0),
        "2244967a76e8",
    )
