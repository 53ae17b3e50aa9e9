"""Donchian's channel: entries past the days before, levels in daily ATRs, and nothing else."""

import math
import random

from hypothesis import given
from hypothesis import strategies as st
from signalengine.exits.levels import EXITS_SIZE, FINE, STOP, TARGET, clear, expire, fault
from signalengine.intervals import DAY_MS
from signalengine.strategies import donchian
from signalengine.strategy.loading import Loaded, load_shipped
from signalengine.strategy.running import Row, fold_rows
from signalengine.strategy.sets import set_of

from tests.examples import examples

ONE = load_shipped("donchian")
Bar = tuple[float, float, float]
"""High, low, close."""


def run(bars: list[Bar], loaded: Loaded = ONE, **chosen: float) -> list[float]:
    """Return the buffer after days with these bars."""
    s, p = loaded.strategy.fresh(), set_of(loaded, {"parameters": chosen}).parameters
    for day, (high, low, close) in enumerate(bars):
        fold_rows(loaded, s, [Row("1d", (day * DAY_MS, close, high, low, close, 1.0, 1.0))], p)
    return s


def days(count: int, seed: int) -> list[Bar]:
    rng, close, out = random.Random(seed), 100.0, []
    for _ in range(count):
        close *= math.exp(rng.gauss(0.0, 0.03))
        out.append((close * rng.uniform(1.0, 1.03), close / rng.uniform(1.0, 1.03), close))
    return out


@examples(30)
@given(st.integers(0, 10_000), st.integers(5, 60), st.integers(0, 30))
def test_an_entry_is_a_close_past_every_high_or_low_of_the_days_before(
    seed: int, length: int, more: int
) -> None:
    bars = days(length + 1 + more, seed)

    s = run(bars, days=length)

    before, close = bars[-1 - length : -1], bars[-1][2]
    assert s[donchian.HIGHEST] == max(high for high, _, _ in before)
    assert s[donchian.LOWEST] == min(low for _, low, _ in before)
    v, p = tuple(s[:64]), set_of(ONE).parameters
    assert ONE.code.entry(v, (), 1.0, p) == (close > s[donchian.HIGHEST])
    assert ONE.code.entry(v, (), -1.0, p) == (close < s[donchian.LOWEST])


def test_no_side_enters_before_the_channel_is_known() -> None:
    v = tuple(run(days(20, 1))[:64])

    assert not any(ONE.code.entry(v, (), side, set_of(ONE).parameters) for side in (1.0, -1.0))
    assert math.isnan(v[donchian.HIGHEST])


def test_levels_are_two_and_six_daily_atrs_away_for_fourteen_days() -> None:
    v, one = tuple(run(days(60, 2))[:64]), set_of(ONE)
    close, atr = v[donchian.PRICE], v[donchian.ATR]

    for side in (1.0, -1.0):
        x = [0.0] * EXITS_SIZE
        clear(x)
        expire(x, float(ONE.strategy.ttl_minutes))
        ONE.code.exits(v, (), side, one.parameters, x)
        assert x[STOP] == close - side * 2.0 * atr
        assert x[TARGET] == close + side * 6.0 * atr
        assert fault(x, close, side) == FINE
    assert one.ttl_ms == 14 * DAY_MS
    assert one.one_open


def test_its_name_parameters_and_digest_are_stable() -> None:
    """A change of what it decides has to change the digest, and a digest that changes ends its
    statistics: change it knowingly."""
    one = set_of(ONE)

    assert (one.key, one.parameters, one.digest) == ("donchian", (20.0, 2.0, 6.0), "2d48b59cf389")
