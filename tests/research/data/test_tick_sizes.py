"""The tick size of a recording: from the decimals of its first prices, and of no later ones."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from signalengine.intervals import MINUTE_MS

from research.data.bars import BarTable
from research.data.series import Floats, Steps
from research.data.tick_sizes import (
    BARS,
    LONGER_BARS,
    decimals_of,
    remark,
    tick_listed,
    ticks_known,
)
from tests.examples import examples
from tests.research.data.recordings import market

TABLE = market(2 * BARS + 50)


def with_closes(table: BarTable, at: int, decimals: int) -> BarTable:
    """The table with a close of so many decimals at one bar."""
    close = table.close.copy()
    close[at] = (table.high[at] + table.low[at]) / 2.0
    close[at] = np.round(close[at], 2) + 10.0**-decimals
    high = np.maximum(table.high, close)
    return replace(table, close=close, high=high)


def test_the_tick_is_the_step_that_the_decimals_show() -> None:
    assert set(ticks_known(TABLE, BARS)) == {0.01}
    assert tick_listed(TABLE, BARS) == 0.01


def test_prices_after_the_start_do_not_change_it() -> None:
    finer = with_closes(TABLE, BARS, 4)
    assert set(ticks_known(finer, BARS)) == {0.01}
    assert set(ticks_known(with_closes(TABLE, BARS - 1, 4), BARS)) == {0.0001}


def test_prices_long_before_the_start_do_not_change_it() -> None:
    finer = with_closes(TABLE, 9, 4)
    assert set(ticks_known(finer, BARS + 10)) == {0.01}
    assert set(ticks_known(finer, BARS + 9)) == {0.0001}


@pytest.mark.parametrize("first", [0, 1, 700, BARS - 1])
def test_without_enough_bars_before_it_is_known_when_the_last_one_has_closed(first: int) -> None:
    ticks = ticks_known(with_closes(TABLE, BARS, 4), first)
    assert np.isnan(ticks[: BARS - 1 - first]).all()
    assert set(ticks[BARS - 1 - first :]) == {0.01}
    assert tick_listed(TABLE, first) == 0.01


def test_fewer_bars_than_that_leave_it_unknown() -> None:
    short = TABLE.between(None, TABLE.start + (BARS - 1) * MINUTE_MS)
    assert np.isnan(ticks_known(short, 0)).all()
    assert tick_listed(short, 0) == 0.01, "an exchange lists what it has"


def exact(values: Floats) -> bytes:
    return values.tobytes()


@given(first=st.integers(0, 2 * BARS), more=st.integers(1, 2 * BARS), finer=st.integers(0, 3000))
@examples(40)
def test_bars_that_come_later_change_nothing_before(first: int, more: int, finer: int) -> None:
    table = with_closes(TABLE, finer, 5)
    end = min(first + more, len(table))
    cut = table.between(None, table.start + end * MINUTE_MS)
    assert exact(ticks_known(table, first)[: end - first]) == exact(ticks_known(cut, first))


def test_prices_of_no_grid_have_no_tick() -> None:
    odd = replace(TABLE, close=TABLE.low + (TABLE.high - TABLE.low) / 3.0)
    assert np.isnan(ticks_known(odd, BARS)).all()
    assert np.isnan(tick_listed(odd, BARS))


def test_a_recorded_tick_is_the_newest_known_at_the_close() -> None:
    at = TABLE.close_time
    table = replace(TABLE, tick_size=Steps(at[[5, 9]], np.array([0.5, 0.25])))
    assert ticks_known(table, 4)[:7].tolist()[1:] == [0.5] * 4 + [0.25] * 2
    assert np.isnan(ticks_known(table, 4)[0])
    assert tick_listed(table, 4) == 0.5
    assert np.isnan(tick_listed(table.between(None, table.start + 5 * MINUTE_MS), 0))
    assert remark(table, ticks_known(table, 4)) is None


@pytest.mark.parametrize(
    ("prices", "decimals"),
    [([5.0, 10.0], 0), ([0.1, 0.25], 2), ([1e-8, 2e-8], 8), ([1.0 / 3.0], None)],
)
def test_the_fewest_decimals_that_are_exact(prices: list[float], decimals: int | None) -> None:
    assert decimals_of([np.array(prices)]) == decimals


def test_a_report_says_where_the_tick_is_from() -> None:
    read = "tick size 0.01, read from the decimals of the first prices"
    assert remark(TABLE, ticks_known(TABLE, 0)) == read
    assert remark(TABLE, np.array([1e-7])) == read.replace("0.01", "0.0000001")
    assert remark(TABLE, np.full(3, np.nan)) == "no tick size is known: TP and SL are not rounded"
    assert remark(None, np.full(3, np.nan)) is None, "the facts of a stream have the exchange's"


def test_longer_bars_show_it_as_soon_as_they_are_as_many_as_warm_up() -> None:
    hours = market(2 * LONGER_BARS, interval="1h")
    known = ticks_known(hours, 0)
    assert np.isnan(known[: LONGER_BARS - 1]).all()
    assert set(known[LONGER_BARS - 1 :]) == {0.01}
    assert set(ticks_known(with_closes(hours, LONGER_BARS, 4), LONGER_BARS)) == {0.01}
    assert set(ticks_known(with_closes(hours, 0, 4), LONGER_BARS)) == {0.0001}
