"""What-if settles past signals by the engine's own fold: under their own rules nothing changes."""

import random
from dataclasses import replace
from math import nan
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from signalengine.exits import levels
from signalengine.facts.stream import PathPoint
from signalengine.intervals import MINUTE_MS
from signalengine.settlement import StoredBar, settle
from signalengine.signals import DIRECTIONS, Exits, Outcome, Signal, Target, settled
from signalengine.stats.what_if import (
    BELOW_THRESHOLD,
    NO_ATR,
    NO_BARS,
    NOT_BY_BARS,
    OUT_OF_RANGE,
    OWN_EXITS,
    TOO_YOUNG,
    Rules,
    changed,
    what_if,
)

from tests.aws.positions import T, signal

NEWEST = T + 60 * MINUTE_MS
MULTIPLES = st.floats(0.1, 5.0)
TICKS = st.sampled_from([None, 0.1, 0.01, 0.05])
SEEDS = st.integers(0, 2**32 - 1)


def bars_of(seed: int) -> list[StoredBar]:
    """Bars of a random walk; every seventh pays funding, every fifth has a path."""
    found, price, chance = [], 100.0, random.Random(seed)
    for n in range(60):
        after = max(1.0, price + chance.uniform(-1.0, 1.0))
        high = max(price, after) + chance.uniform(0.0, 1.0)
        low = min(price, after) - chance.uniform(0.0, 1.0)
        path = (PathPoint(10, low, price), PathPoint(40, price, high)) if n % 5 == 0 else None
        paid = 0.0001 if n % 7 == 0 else None
        bar = StoredBar(T + n * MINUTE_MS, price, high, low, after, funding_paid=paid, path=path)
        found.append(bar)
        price = after
    return found


def emitted(direction: Any, atr: float, tp: float, sl: float, tick: float | None) -> Signal | None:
    """A signal with its levels as the engine puts them; None where it would not open."""
    one = replace(signal(direction=direction), atr=atr, tick_size=tick)
    row = [0.0] * levels.EXITS_SIZE
    levels.clear(row)
    levels.expire(row, 60.0)
    levels.bracket_atr(row, 100.0, float(one.side), atr, tp, sl)
    levels.put_on_tick(row, float(one.side), nan if tick is None else tick)
    if levels.fault(row, 100.0, float(one.side)) != levels.FINE:
        return None
    return replace(one, tp_price=row[levels.TARGET], sl_price=row[levels.STOP])


@given(st.sampled_from(DIRECTIONS), st.floats(0.2, 8.0), MULTIPLES, MULTIPLES, TICKS, SEEDS)
def test_under_the_published_rules_the_outcome_is_the_stored_one_to_the_digit(
    direction: Any, atr: float, tp: float, sl: float, tick: float | None, seed: int
) -> None:
    one = emitted(direction, atr, tp, sl, tick)
    if one is None:
        return
    bars = bars_of(seed)
    end = settle(one, bars)
    assert end is not None
    past = settled(one, end)
    assert what_if(past, Rules(), bars, NEWEST) == end
    assert what_if(past, Rules(tp, sl, 60, one.score), bars, NEWEST) == end
    assert what_if(past, Rules(tp_atr=tp), bars, NEWEST) == end
    assert what_if(past, Rules(sl_atr=sl), bars, NEWEST) == end
    assert changed(past, Rules(tp, sl, 60), NEWEST) == one


@given(st.sampled_from(DIRECTIONS), MULTIPLES, MULTIPLES, st.integers(1, 60), SEEDS)
def test_under_other_rules_the_outcome_is_that_of_a_signal_with_them(
    direction: Any, tp: float, sl: float, ttl: int, seed: int
) -> None:
    past = settled_one(bars := bars_of(seed), direction)
    new = emitted(direction, 1.0, tp, sl, None)
    if new is None:
        return
    assert what_if(past, Rules(tp, sl, ttl), bars, NEWEST) == settle(
        replace(new, expires_at=T + ttl * MINUTE_MS), bars
    )


def settled_one(bars: list[StoredBar], direction: Any = "long") -> Signal:
    one = signal(direction=direction)
    end = settle(one, bars)
    assert end is not None
    return settled(one, end)


FLAT = [StoredBar(T + n * MINUTE_MS, 100.0, 100.4, 99.6, 100.0) for n in range(60)]
TARGETS = Exits(targets=(Target(101.0, 0.5), Target(102.0, 0.5)))


def test_a_bar_that_reaches_both_levels_is_the_stop_with_costs() -> None:
    """By hand: a stop at 99.7 loses 0.3 %, and fees and slippage of both sides are 0.12 %."""
    end = what_if(settled_one(FLAT), Rules(tp_atr=0.3, sl_atr=0.3), FLAT, NEWEST)
    assert not isinstance(end, str)
    assert (end.outcome, end.ambiguous) == (Outcome.SL_HIT, True)
    assert (end.gross_return, end.net_return) == (-300_000, -420_000)


@pytest.mark.parametrize(
    ("rules", "changes", "reason"),
    [
        (Rules(threshold=0.63), {}, BELOW_THRESHOLD),
        (Rules(tp_atr=3.0), {"atr": None}, NO_ATR),
        (Rules(sl_atr=3.0), {"exits": TARGETS}, OWN_EXITS),
        (Rules(sl_atr=200.0), {}, OUT_OF_RANGE),
        (Rules(tp_atr=0.01), {"tick_size": 0.5, "direction": "short"}, None),
        (Rules(ttl_minutes=61), {}, TOO_YOUNG),
        (Rules(ttl_minutes=61), {"newest": NEWEST + MINUTE_MS}, NO_BARS),
        (Rules(ttl_minutes=1, threshold=0.63), {"newest": NEWEST - 1}, TOO_YOUNG),
        (Rules(ttl_minutes=30), {"exits": TARGETS}, None),
    ],
)
def test_a_signal_that_is_left_out_has_its_reason(
    rules: Rules, changes: dict[str, Any], reason: str | None
) -> None:
    changes = dict(changes)
    newest = changes.pop("newest", NEWEST)
    past = settled_one(FLAT)
    if changes.get("direction") == "short":
        past = settled_one(FLAT, "short")
    found = what_if(replace(past, **changes), rules, FLAT, newest)
    assert (found if isinstance(found, str) else None) == reason


def test_an_end_that_is_none_of_its_bars_is_not_compared() -> None:
    past = settled_one(FLAT)
    assert past.settlement is not None
    for resolution in ("forced", "tick"):
        other = replace(past, settlement=replace(past.settlement, resolution=resolution))
        assert what_if(other, Rules(), FLAT, NEWEST) == NOT_BY_BARS
    assert changed(signal(), Rules(), NEWEST) == NOT_BY_BARS
