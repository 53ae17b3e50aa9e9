"""A squeeze: when the market is calm, when it moves again, in which direction, and its levels."""

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from signalengine.exits.levels import EXITS_SIZE, FINE, STOP, TARGET, clear, expire, fault
from signalengine.intervals import INTERVAL_MS
from signalengine.strategies import squeeze
from signalengine.strategy.loading import load_shipped
from signalengine.strategy.running import Row, fold_rows
from signalengine.strategy.sets import set_of

from tests.examples import examples

ONE = load_shipped("squeeze")
P = set_of(ONE).parameters
SIDES = (1.0, -1.0)
Bar = tuple[float, float, float]
"""High, low, close."""


def after(bars: list[Bar], **chosen: float) -> list[tuple[float, ...]]:
    """Return the values after each bar."""
    s, p = ONE.strategy.fresh(), set_of(ONE, {"parameters": chosen}).parameters
    found = []
    for k, (high, low, close) in enumerate(bars):
        bar = (k * INTERVAL_MS["4h"], close, high, low, close, 1.0, 1.0)
        fold_rows(ONE, s, [Row("4h", bar)], p)
        found.append(tuple(s[:64]))
    return found


def wild(count: int, seed: int = 5) -> list[Bar]:
    """Trending bars: closes are farther apart than a bar is long."""
    rng, close, out = random.Random(seed), 100.0, []
    for _ in range(count):
        close *= 1.0 + rng.uniform(0.005, 0.02)
        out.append((close * 1.001, close * 0.999, close))
    return out


def quiet(count: int, close: float) -> list[Bar]:
    """Bars whose closes stay where they are, though they reach up and down."""
    return [(close * 1.01, close * 0.99, close * (1.0 + 1e-4 * (-1) ** k)) for k in range(count)]


def calm_then(move: float, *, length: int = 40) -> list[tuple[float, ...]]:
    """Return the values of a wild market that becomes calm, and then moves by a factor a bar."""
    start = wild(60)
    bars = [*start, *quiet(length, start[-1][2])]
    for _ in range(6):
        close = bars[-1][2] * move
        bars.append((max(close, bars[-1][2]), min(close, bars[-1][2]), close))
    return after(bars)


def entries(values: list[tuple[float, ...]], side: float) -> list[int]:
    return [k for k, v in enumerate(values) if ONE.code.entry(v, (), side, P)]


@pytest.mark.parametrize(("move", "side"), [(1.02, 1.0), (0.98, -1.0)])
def test_the_end_of_a_calm_opens_in_the_direction_of_the_move_once(
    move: float, side: float
) -> None:
    values = calm_then(move)
    (at,) = entries(values, side)
    assert at >= 100  # not before the market moves
    assert entries(values, -side) == []
    assert values[at][squeeze.CALM] == 0.0
    assert values[at][squeeze.BEFORE] >= 6.0


def test_a_short_calm_opens_nothing() -> None:
    values = calm_then(1.02, length=20)
    most = max(v[squeeze.CALM] for v in values)
    assert 0.0 < most < 6.0
    assert entries(values, 1.0) == []


@examples(20)
@given(st.integers(0, 10_000))
def test_calm_counts_the_closes_with_the_bands_inside_the_channel(seed: int) -> None:
    """Computed again from the definitions, over a market that is calm at times."""
    rng, close, bars = random.Random(seed), 100.0, list[Bar]()
    for k in range(140):
        close *= math.exp(rng.gauss(0.0, 0.002 if k % 70 < 45 else 0.02))
        reach = 1.0 + rng.uniform(0.004, 0.012)
        bars.append((close * reach, close / reach, close))
    values, count = after(bars), 0.0
    ema, atr = _averages(bars)
    for k in range(20, len(bars)):
        last = [c for _, _, c in bars[k - 19 : k + 1]]
        mean = math.fsum(last) / 20
        reach = 2.0 * math.sqrt(math.fsum((c - mean) ** 2 for c in last) / 20)
        inside = (mean + reach < ema[k] + 1.5 * atr[k]) and (mean - reach > ema[k] - 1.5 * atr[k])
        count = min(count + 1.0, 60.0) if inside else 0.0
        assert values[k][squeeze.CALM] == count
        assert values[k][squeeze.MOMENTUM] == pytest.approx(bars[k][2] - mean, abs=1e-9)


def _averages(bars: list[Bar]) -> tuple[dict[int, float], dict[int, float]]:
    """Return EMA and ATR of 20 by row, from where both are known."""
    closes = [c for _, _, c in bars]
    spans = [
        max(high, before) - min(low, before)
        for (high, low, _), before in zip(bars[1:], closes, strict=False)
    ]
    e, a = math.fsum(closes[:20]) / 20, math.fsum(spans[:20]) / 20
    e += (closes[20] - e) * 2 / 21
    ema, atr = {20: e}, {20: a}
    for k in range(21, len(bars)):
        e += (closes[k] - e) * 2 / 21
        a = (a * 19 + spans[k - 1]) / 20
        ema[k], atr[k] = e, a
    return ema, atr


def test_no_side_enters_before_the_values_are_known() -> None:
    values = after(quiet(20, 100.0))
    assert values[-1][squeeze.CALM] == 0.0
    assert not any(entries(values, side) for side in SIDES)


def test_levels_are_two_and_four_ranges_away_for_five_days() -> None:
    v, one = calm_then(1.02)[-1], set_of(ONE)
    close, atr = v[squeeze.PRICE], v[squeeze.ATR]
    for side in SIDES:
        x = [0.0] * EXITS_SIZE
        clear(x)
        expire(x, float(ONE.strategy.ttl_minutes))
        ONE.code.exits(v, (), side, one.parameters, x)
        assert x[STOP] == close - side * 2.0 * atr
        assert x[TARGET] == close + side * 4.0 * atr
        assert fault(x, close, side) == FINE
    assert one.ttl_ms == 5 * 24 * INTERVAL_MS["1h"]
    assert "form only" in ONE.strategy.about


def test_its_name_parameters_and_digest_are_stable() -> None:
    """A change of what it decides has to change the digest, and a digest that changes ends its
    statistics: change it knowingly."""
    one = set_of(ONE)
    assert (one.key, one.parameters, one.digest) == (
        "squeeze",
        (6.0, 1.5, 2.0, 4.0),
        "8ea9e9941d2b",
    )
