"""Signals of 1m bars against those of longer ones: what is the same, and what ended otherwise."""

import math
from dataclasses import replace

import pytest
from signalengine.settlement import settle
from signalengine.signals import RETURN_SCALE, Signal, settled

from research.horizons.comparing import CASES, compare, compared, signed, table_of
from tests.core.samples import bars, signal
from tests.research.backtest.walks import walk

UP, DOWN = (100.0, 102.5, 100.0, 102.0), (100.0, 100.2, 98.5, 99.0)
BOTH = (100.0, 102.5, 98.5, 102.0)


def ended(number: int, row: tuple[float, float, float, float]) -> Signal:
    one = signal(1, signal_id=f"{number}")
    end = settle(one, bars([row]))
    assert end is not None
    return settled(one, end)


def by_id(*signals: Signal) -> dict[str, Signal]:
    return {one.signal_id: one for one in signals}


def test_outcomes_are_compared_where_both_opened_the_same_signal() -> None:
    open_one = signal(1, signal_id="4")
    minutes = by_id(ended(1, UP), ended(2, UP), ended(3, DOWN), open_one, ended(5, UP))
    moved = replace(ended(5, UP), sl_price=98.9)
    coarse = by_id(ended(1, UP), ended(2, BOTH), ended(3, DOWN), open_one, moved, ended(6, UP))

    row = compared("title", "1h", minutes, coarse)

    assert (row.minutes, row.coarse, row.same, row.closed) == (5, 6, 4, 3)
    assert (row.outcomes, row.ambiguous) == (1, 1)
    assert row.net_minutes - row.net_coarse == pytest.approx(0.03 / 3 * RETURN_SCALE)
    assert table_of([row])[2] == ("| title | 1h | 5, 6, 4 | 3 | 1 | 1 | +88.0 | −12.0 | −100.0 |")


def test_signs_are_real_and_nothing_is_a_dash() -> None:
    assert [signed(x) for x in (1.26, -1.26, -0.01, math.nan)] == ["+1.3", "−1.3", "0.0", "–"]
    row = compared("title", "1h", {}, {})
    assert table_of([row])[2].endswith("| – | – | – |")


@pytest.mark.slow  # numba compiles
def test_a_case_is_compared_with_each_of_its_bars() -> None:
    cases = [case for case in CASES if case[0] == "averages crossing at 1h"]
    rows = compare([walk(3, 12 * 1440)], cases)
    assert [row.bars for row in rows] == ["15m", "1h"]
    assert all(row.same == row.minutes == row.coarse > 5 for row in rows)
    assert len(table_of(rows)) == len(rows) + 2
