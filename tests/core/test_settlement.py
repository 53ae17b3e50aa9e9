"""How signals end: laws first, then every way to hit, miss, expire, wait and be forced."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from signalengine.facts.stream import PathPoint
from signalengine.intervals import MINUTE_MS
from signalengine.settlement import (
    DELISTED_MS,
    StoredBar,
    advance,
    contiguous,
    delisted,
    force_expiry,
    opened,
    settle,
)
from signalengine.signals import (
    RETURN_SCALE,
    Outcome,
    Settlement,
    Signal,
    settled,
    settlement_from_dict,
    signal_from_json,
    to_json,
)

from tests.examples import examples

from .markets import T0
from .samples import bar, bars, cut, mirrored, quiet, signal, walked

COST = 120_000  # 12 bps of 1e8
GRACE = 120_000
LONG, SHORT = signal(1), signal(-1)
SEEDS = st.integers(0, 10**6)


# --- laws -----------------------------------------------------------------------------------------


@given(SEEDS, st.sampled_from([LONG, SHORT]))
@examples(60)
def test_the_outcome_does_not_depend_on_how_many_bars_are_there_beyond_it(
    seed: int, one: Signal
) -> None:
    """Seen bar by bar, undecided stays undecided until the deciding bar, and then never changes."""
    rows = walked(seed)
    whole = settle(one, rows)
    assert whole is not None
    for count in range(len(rows) + 1):
        seen = settle(one, rows[:count])
        assert seen == (whole if count >= whole.bars_held else None)


@given(SEEDS, st.sampled_from([LONG, SHORT]))
@examples(40)
def test_bars_before_the_signal_and_repeated_bars_change_nothing(seed: int, one: Signal) -> None:
    rows = walked(seed)
    before = [replace(b, open_time=b.open_time - 100 * MINUTE_MS) for b in walked(seed + 1)]
    doubled = [b for b in rows for _ in range(1 + b.open_time // MINUTE_MS % 2)]
    assert settle(one, [*before[:99], *doubled]) == settle(one, rows)


@given(SEEDS)
@examples(60)
def test_long_and_short_are_mirror_images(seed: int) -> None:
    rows = walked(seed)
    long, short = settle(LONG, rows), settle(SHORT, mirrored(rows))
    assert long is not None
    assert short is not None
    upside_down = replace(
        short, exit_price=200.0 - short.exit_price,
        next_open=None if short.next_open is None else 200.0 - short.next_open,
    )  # fmt: skip
    assert upside_down == long


@given(SEEDS, st.sampled_from([LONG, SHORT]))
@examples(60)
def test_a_hole_stops_the_fold(seed: int, one: Signal) -> None:
    rows = walked(seed)
    whole, holed = settle(one, rows), settle(one, cut(rows, seed))
    assert whole is not None
    decided = whole.bars_held <= seed % len(rows)
    assert holed == (whole if decided else None)


@given(SEEDS, st.sampled_from([LONG, SHORT]))
@examples(40)
def test_returns_add_up_and_excursions_hold_all_prices(seed: int, one: Signal) -> None:
    end = settle(one, walked(seed))
    assert end is not None
    assert end.net_return == end.gross_return - end.cost - end.funding
    assert end.cost == COST
    whole = walked(seed)[: end.bars_held - (end.outcome is not Outcome.EXPIRED)]
    entry = one.entry_price
    prices = [entry, end.exit_price, *(x for row in whole for x in (row.low, row.high))]
    seen = [round(one.side * (price - entry) / entry * RETURN_SCALE) for price in prices]
    assert (end.gross_return, end.mfe, end.mae) == (seen[1], max(seen), min(seen))
    assert end.closed_at == T0 + end.bars_held * MINUTE_MS
    assert settlement_from_dict({**_dict(end)}) == end


@given(SEEDS, st.integers(-20, 14))
@examples(30)
def test_prices_in_another_unit_end_the_same(seed: int, power: int) -> None:
    factor = 2.0**power
    one = replace(LONG, entry_price=100.0 * factor, tp_price=102.0 * factor, sl_price=99.0 * factor)
    rows = [
        StoredBar(b.open_time, b.open * factor, b.high * factor, b.low * factor, b.close * factor)
        for b in walked(seed, paths=False)
    ]
    unpaid = [replace(b, funding_paid=None) for b in walked(seed, paths=False)]
    ours, theirs = settle(LONG, unpaid), settle(one, rows)
    assert ours is not None
    assert theirs is not None
    opened = (theirs.next_open or 0.0) / factor
    assert replace(theirs, exit_price=theirs.exit_price / factor, next_open=opened) == ours


def _dict(end: Settlement) -> dict[str, object]:
    return {name: getattr(end, name) for name in Settlement.__dataclass_fields__}


HOUR = 60 * MINUTE_MS


def joined(rows: Sequence[StoredBar], count: int) -> list[StoredBar]:
    """Longer bars of `count` of these each, without paths, with the funding paid in them."""
    out = []
    for first in range(0, len(rows) - count + 1, count):
        part = rows[first : first + count]
        paid = [row.funding_paid for row in part if row.funding_paid is not None]
        out.append(
            StoredBar(
                part[0].open_time, part[0].open, max(row.high for row in part),
                min(row.low for row in part), part[-1].close, sum(paid) if paid else None, None,
                length_ms=count * MINUTE_MS,
            )
        )  # fmt: skip
    return out


@given(SEEDS, st.sampled_from([1, -1]))
@examples(60)
def test_longer_bars_end_a_signal_as_their_minutes_but_where_one_reaches_both(
    seed: int, side: int
) -> None:
    one, rows = signal(side, minutes=60), walked(seed, paths=False)
    fine, coarse = settle(one, rows), settle(one, joined(rows, 10))
    assert fine is not None
    assert coarse is not None
    if coarse.ambiguous:
        assert coarse.outcome is Outcome.SL_HIT
        return
    assert coarse.outcome is fine.outcome
    assert 0 <= coarse.closed_at - fine.closed_at < 10 * MINUTE_MS
    if coarse.outcome is not Outcome.SL_HIT:  # a stop may be filled at the open of its bar
        assert coarse.exit_price == fine.exit_price


def test_an_expiry_inside_a_longer_bar_is_at_its_close() -> None:
    one = signal(1, minutes=90)
    rows = [
        StoredBar(T0 + n * HOUR, 100.0, 100.2, 99.8, 100.0 + n / 10, 0.0001, None, length_ms=HOUR)
        for n in range(4)
    ]
    end = settle(one, rows)
    assert end is not None
    assert (end.outcome, end.closed_at) == (Outcome.EXPIRED, T0 + 2 * HOUR)
    assert (end.exit_price, end.bars_held) == (100.1, 2)
    assert end.funding == round(0.0002 * RETURN_SCALE), "paid in both bars, at their closes"
    assert settle(one, rows[:1]) is None
    late = [rows[0], replace(rows[1], open_time=rows[1].open_time + MINUTE_MS)]
    assert settle(one, late) is None, "a minute lacks between these two"


# --- levels ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "row", "outcome", "price"),
    [
        (LONG, (100.0, 102.0, 99.5, 101.0), Outcome.TP_HIT, 102.0),
        (LONG, (100.0, 101.999, 99.001, 101.0), None, 0.0),
        (LONG, (100.0, 101.0, 99.0, 99.5), Outcome.SL_HIT, 99.0),
        (LONG, (103.0, 104.0, 102.5, 103.0), Outcome.TP_HIT, 102.0),
        (LONG, (98.0, 98.5, 97.0, 98.0), Outcome.SL_HIT, 98.0),
        (SHORT, (100.0, 100.5, 98.0, 99.0), Outcome.TP_HIT, 98.0),
        (SHORT, (100.0, 100.999, 98.001, 99.0), None, 0.0),
        (SHORT, (100.0, 101.0, 99.0, 100.5), Outcome.SL_HIT, 101.0),
        (SHORT, (97.0, 97.5, 96.0, 97.0), Outcome.TP_HIT, 98.0),
        (SHORT, (102.5, 103.0, 102.0, 102.5), Outcome.SL_HIT, 102.5),
    ],
)
def test_touching_is_reaching_and_gaps_fill_at_the_worse_price(
    one: Signal, row: tuple[float, float, float, float], outcome: Outcome | None, price: float
) -> None:
    end = settle(one, [*quiet(3), *bars([row], first=3)])
    if outcome is None:
        assert end is None
        return
    assert end is not None
    assert (end.outcome, end.exit_price, end.resolution) == (outcome, price, "bar")
    assert (end.bars_held, end.closed_at) == (4, T0 + 4 * MINUTE_MS)
    assert not end.ambiguous
    assert end.touched_at is None


def test_the_numbers_of_a_win_and_a_loss() -> None:
    win = settle(LONG, bars([(100.0, 102.5, 100.0, 102.0)]))
    loss = settle(SHORT, bars([(100.0, 101.5, 100.0, 101.2)]))
    assert win is not None
    assert loss is not None
    assert (win.gross_return, win.net_return) == (2_000_000, 1_880_000)
    assert (loss.gross_return, loss.net_return) == (-1_000_000, -1_120_000)


@pytest.mark.parametrize("one", [LONG, SHORT])
def test_both_levels_in_one_bar_are_a_loss_flagged_ambiguous(one: Signal) -> None:
    end = settle(one, bars([(100.0, 103.0, 97.0, 100.0)]))
    assert end is not None
    assert (end.outcome, end.ambiguous, end.resolution) == (Outcome.SL_HIT, True, "bar")
    assert end.exit_price == one.sl_price


@pytest.mark.parametrize(
    ("points", "outcome", "ambiguous", "second"),
    [
        ([(5, 100.0, 102.0), (30, 99.0, 102.0), (60, 97.0, 103.0)], Outcome.TP_HIT, False, 5),
        ([(5, 99.0, 100.0), (30, 99.0, 102.0), (60, 97.0, 103.0)], Outcome.SL_HIT, False, 5),
        ([(5, 99.5, 101.0), (30, 97.0, 103.0)], Outcome.SL_HIT, True, None),
        ([(60, 97.0, 103.0)], Outcome.SL_HIT, True, None),
        ([(5, 99.5, 101.0)], Outcome.SL_HIT, True, None),
        ([], Outcome.SL_HIT, True, None),
    ],
)
def test_the_path_decides_inside_a_bar(
    points: list[tuple[int, float, float]], outcome: Outcome, ambiguous: bool, second: int | None
) -> None:
    path = tuple(PathPoint(*point) for point in points)
    rows = [*quiet(2), bar(2, 100.0, 103.0, 97.0, 100.0, path=path)]
    end = settle(LONG, rows)
    assert end is not None
    assert (end.outcome, end.ambiguous) == (outcome, ambiguous)
    assert end.resolution == ("bar" if ambiguous else "path")
    start = T0 + 2 * MINUTE_MS
    assert end.touched_at == (None if second is None else start + second * 1000)


def test_the_path_gives_the_time_at_which_a_level_was_touched() -> None:
    path = (PathPoint(3, 100.0, 101.0), PathPoint(17, 100.0, 102.0), PathPoint(40, 99.5, 102.0))
    end = settle(LONG, [bar(0, 100.0, 102.0, 99.5, 101.0, path=path)])
    assert end is not None
    assert (end.resolution, end.touched_at) == ("bar", T0 + 17_000)


def test_a_stop_inside_a_bar_that_gapped_past_it_fills_at_the_open() -> None:
    path = (PathPoint(1, 98.0, 98.5), PathPoint(60, 98.0, 103.0))
    end = settle(LONG, [bar(0, 98.2, 103.0, 98.0, 102.0, path=path)])
    assert end is not None
    assert (end.outcome, end.exit_price) == (Outcome.SL_HIT, 98.2)


# --- expiry ---------------------------------------------------------------------------------------


def test_a_signal_is_open_for_exactly_60_bars() -> None:
    rows = quiet(59)
    assert settle(LONG, rows) is None
    end = settle(LONG, [*rows, bar(59, 100.0, 100.6, 100.0, 100.5)])
    assert end is not None
    assert (end.outcome, end.resolution, end.exit_price) == (Outcome.EXPIRED, "bar", 100.5)
    assert (end.bars_held, end.closed_at) == (60, LONG.expires_at)
    assert end.gross_return == 500_000


def test_a_level_in_the_last_bar_comes_before_expiry() -> None:
    end = settle(LONG, [*quiet(59), bar(59, 100.0, 102.0, 100.0, 100.5)])
    assert end is not None
    assert end.outcome is Outcome.TP_HIT


def test_a_level_after_the_last_bar_is_too_late() -> None:
    end = settle(LONG, [*quiet(60), bar(60, 100.0, 102.0, 100.0, 100.5)])
    assert end is not None
    assert end.outcome is Outcome.EXPIRED


def test_the_excursions_of_an_expired_signal_include_its_last_bar() -> None:
    end = settle(
        signal(1, minutes=2), bars([(100.0, 100.5, 99.8, 100.0), (100.0, 101.5, 99.2, 100.0)])
    )
    assert end is not None
    assert (end.mfe, end.mae) == (1_500_000, -800_000)


def test_the_excursions_of_a_hit_leave_its_bar_out() -> None:
    """What the bar did after the level was hit does not count."""
    end = settle(LONG, bars([(100.0, 100.5, 99.8, 100.0), (100.0, 109.0, 99.1, 108.0)]))
    assert end is not None
    assert (end.mfe, end.mae) == (2_000_000, -200_000)


def test_the_next_open_is_stored_beside_the_reference_entry() -> None:
    end = settle(LONG, bars([(100.3, 102.0, 100.0, 101.0)]))
    assert end is not None
    assert end.next_open == 100.3


# --- funding --------------------------------------------------------------------------------------


@pytest.mark.parametrize(("one", "paid"), [(LONG, 10_000), (SHORT, -10_000)])
def test_longs_pay_positive_funding_and_shorts_get_it(one: Signal, paid: int) -> None:
    rows = [bar(0, 100.0, 100.1, 99.9, 100.0, funding_paid=0.0001), *quiet(59, first=1)]
    end = settle(one, rows)
    assert end is not None
    assert end.funding == paid
    assert end.net_return == end.gross_return - COST - paid


def test_funding_counts_after_the_entry_up_to_the_exit() -> None:
    rate = 0.0001
    before = replace(bar(-1, 100.0, 100.1, 99.9, 100.0), funding_paid=rate)  # closes at the entry
    at_exit = [*quiet(59), bar(59, 100.0, 100.1, 99.9, 100.0, funding_paid=rate)]
    expired = settle(LONG, [before, *at_exit])
    assert expired is not None
    assert expired.funding == 10_000
    hit = settle(LONG, [before, bar(0, 100.0, 102.0, 100.0, 102.0, funding_paid=rate)])
    assert hit is not None
    assert hit.funding == 0  # hit inside the bar, before the funding at its close
    later = settle(
        LONG, [replace(quiet(1)[0], funding_paid=rate), bar(1, 100.0, 102.0, 100.0, 102.0)]
    )
    assert later is not None
    assert later.funding == 10_000


def test_several_fundings_add_up_exactly() -> None:
    rows = [replace(b, funding_paid=0.00010001) for b in quiet(60)]
    end = settle(LONG, rows)
    assert end is not None
    assert end.funding == 60 * 10_001


# --- forced expiry --------------------------------------------------------------------------------


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


# --- the rest -------------------------------------------------------------------------------------


def test_contiguous_bars_end_at_the_first_hole() -> None:
    rows = quiet(5)
    times = [b.open_time for b in contiguous(T0, cut(rows, 3))]
    assert times == [b.open_time for b in rows[:3]]
    assert list(contiguous(T0 + MINUTE_MS, rows)) == rows[1:]
    assert list(contiguous(T0, rows[1:])) == []


def test_a_closed_signal_reads_back_from_its_json() -> None:
    end = settle(LONG, bars([(100.0, 102.0, 99.5, 101.0)]))
    assert end is not None
    closed = settled(LONG, end)
    assert closed.status == "tp_hit"
    assert signal_from_json(to_json(closed)) == closed
    assert LONG.settlement is None


# --- delisting ------------------------------------------------------------------------------------

WEEKS = signal(1, minutes=14 * 1440), signal(-1, minutes=14 * 1440)


@pytest.mark.parametrize("one", WEEKS)
def test_a_symbol_without_bars_for_a_day_ends_its_signals_at_the_last_of_them(one: Signal) -> None:
    position, end = advance(one, opened(one), quiet(3))
    assert end is None
    last = T0 + 3 * MINUTE_MS
    assert delisted(one, position, last + DELISTED_MS - 1) is None
    found = delisted(one, position, last + DELISTED_MS)
    assert found is not None
    assert (found.outcome, found.resolution, found.closed_at) == (Outcome.EXPIRED, "forced", last)
    assert found.exit_price == quiet(3)[-1].close
    assert found.closed_at < one.expires_at
    assert delisted(one, position, last + 9 * DELISTED_MS) == found


def test_a_signal_that_expires_within_the_day_is_left_to_its_expiry() -> None:
    position, _ = advance(LONG, opened(LONG), quiet(3))
    assert delisted(LONG, position, LONG.expires_at + 9 * DELISTED_MS) is None
    none_at_all = delisted(WEEKS[0], opened(WEEKS[0]), T0 + DELISTED_MS)
    assert none_at_all is not None
    assert (none_at_all.exit_price, none_at_all.closed_at) == (WEEKS[0].entry_price, T0)


# --- the own condition of a set, as bars have it --------------------------------------------------


@examples(40)
@given(SEEDS, st.sampled_from([LONG, SHORT]), st.integers(1, 59), st.sampled_from([1, 0, -1]))
def test_a_bar_that_names_the_set_closes_its_signals_of_that_side(
    seed: int, one: Signal, number: int, sides: int
) -> None:
    rows = walked(seed)
    other = {"000000000000": 0}
    marked = [replace(row, leaves=other) for row in rows]
    marked[number] = replace(rows[number], leaves={**other, one.policy_digest: sides})
    mine = sides in (0, one.side)
    assert settle(one, marked) == settle(one, rows, [rows[number].close_time] if mine else [])
