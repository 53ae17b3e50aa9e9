"""Endings that do not wait for their bar: by a tick, and by force when the bars never come."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from signalengine.facts.stream import Tick
from signalengine.intervals import MINUTE_MS
from signalengine.settlement import (
    StoredBar,
    force_expiry,
    settle,
    settle_tick,
)
from signalengine.signals import (
    Outcome,
    Signal,
)

from tests.examples import examples

from .markets import T0
from .samples import bar, bars, cut, quiet, signal, walked

COST = 120_000  # 12 bps of 1e8
LONG, SHORT = signal(1), signal(-1)
SEEDS = st.integers(0, 10**6)


# --- ticks ----------------------------------------------------------------------------------------


def tick(minute: int, o: float, h: float, lo: float, last: float) -> Tick:
    return Tick(T0 + minute * MINUTE_MS, o, h, lo, last)


@pytest.mark.parametrize(
    ("one", "at", "outcome", "price"),
    [
        (LONG, tick(0, 100.0, 102.0, 100.0, 101.9), Outcome.TP_HIT, 102.0),
        (LONG, tick(0, 100.0, 100.5, 98.9, 99.0), Outcome.SL_HIT, 99.0),
        (LONG, tick(0, 98.0, 98.5, 97.9, 98.0), Outcome.SL_HIT, 98.0),
        (SHORT, tick(0, 100.0, 100.5, 98.0, 98.1), Outcome.TP_HIT, 98.0),
        (SHORT, tick(0, 101.5, 101.6, 101.0, 101.2), Outcome.SL_HIT, 101.5),
    ],
)
def test_a_tick_that_crosses_one_level_closes(
    one: Signal, at: Tick, outcome: Outcome, price: float
) -> None:
    end = settle_tick(one, [], at, T0 + 12_345)
    assert end is not None
    assert (end.outcome, end.exit_price, end.resolution) == (outcome, price, "tick")
    assert (end.touched_at, end.closed_at, end.bars_held) == (T0 + 12_345, T0 + MINUTE_MS, 1)
    assert end.next_open == at.open


@pytest.mark.parametrize(
    ("rows", "at"),
    [
        ([], tick(0, 100.0, 101.0, 99.5, 100.0)),  # nothing crossed
        ([], tick(0, 100.0, 102.0, 99.0, 100.0)),  # both crossed: the path decides
        ([], tick(1, 100.0, 102.0, 100.0, 102.0)),  # the bar before is not there yet
        (quiet(3), tick(4, 100.0, 102.0, 100.0, 102.0)),
        (cut(quiet(3), 1), tick(3, 100.0, 102.0, 100.0, 102.0)),  # a hole
        (quiet(3), tick(1, 100.0, 102.0, 100.0, 102.0)),  # its minute's bar is there, and decides
        (bars([(100.0, 102.0, 100.0, 101.0)]), tick(1, 100.0, 103.0, 100.0, 102.0)),
        (quiet(60), tick(60, 100.0, 102.0, 100.0, 102.0)),  # expired
        ([], tick(-1, 100.0, 102.0, 100.0, 102.0)),  # before the signal
    ],
)
def test_ticks_that_cannot_decide_do_not(rows: list[StoredBar], at: Tick) -> None:
    assert settle_tick(LONG, rows, at, at.open_time + 5000) is None


# --- forced expiry --------------------------------------------------------------------------------

GRACE = 120_000


def test_expiry_is_forced_when_the_bars_never_came() -> None:
    rows = [*quiet(4), bar(4, 100.0, 100.9, 99.5, 100.5)]
    assert force_expiry(LONG, rows, LONG.expires_at + GRACE - 1, GRACE) is None
    end = force_expiry(LONG, rows, LONG.expires_at + GRACE, GRACE)
    assert end is not None
    assert (end.outcome, end.resolution, end.forced) == (Outcome.EXPIRED, "forced", True)
    assert (end.exit_price, end.closed_at, end.bars_held) == (100.5, LONG.expires_at, 5)
    assert (end.mfe, end.mae) == (900_000, -500_000)


def test_a_forced_expiry_without_any_bar_exits_at_the_entry() -> None:
    end = force_expiry(SHORT, [], SHORT.expires_at + GRACE, GRACE)
    assert end is not None
    assert (end.exit_price, end.gross_return, end.net_return) == (100.0, 0, -COST)
    assert (end.bars_held, end.next_open) == (0, None)


@given(SEEDS, st.sampled_from([LONG, SHORT]))
@examples(40)
def test_nothing_is_forced_that_the_bars_decide(seed: int, one: Signal) -> None:
    rows = walked(seed)
    assert force_expiry(one, rows, one.expires_at + GRACE, GRACE) is None
    holed = cut(rows, seed)
    forced = force_expiry(one, holed, one.expires_at + GRACE, GRACE)
    assert (forced is None) == (settle(one, holed) is not None)


def test_bars_after_a_hole_do_not_count_for_a_forced_expiry() -> None:
    rows = [*quiet(2), bar(5, 100.0, 105.0, 95.0, 104.0)]
    end = force_expiry(LONG, rows, LONG.expires_at + GRACE, GRACE)
    assert end is not None
    assert (end.outcome, end.exit_price, end.bars_held) == (Outcome.EXPIRED, 100.0, 2)
