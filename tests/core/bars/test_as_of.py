"""Data that accompanies a bar is as of its close."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from signalengine.bars.as_of import MARK_MAX_AGE_MS, OPEN_INTEREST_MAX_AGE_MS, Coverage, Marks
from signalengine.bars.builder import BarRequest
from signalengine.bars.sequencer import LATE_MS
from signalengine.facts.stream import BarsFact
from signalengine.intervals import MINUTE_MS
from signalengine.market_data import Funding, Liquidation, OpenInterest

from tests.core.bar_samples import (
    T0,
    S,
    always_up,
    bar_at,
    close,
    closed,
    fetch,
    form,
    forming,
    fresh,
    mark,
    run,
    seeded,
)
from tests.examples import examples

HOUR_MS = 60 * MINUTE_MS

# --- as of the close -----------------------------------------------------------------------------


@examples(80)
@given(
    st.lists(st.integers(-200_000, 200_000), min_size=1, max_size=40, unique=True),
    st.integers(0, 3),
)
def test_mark_and_open_interest_are_the_latest_not_after_the_close(
    offsets: list[int], late: int
) -> None:
    builder, end = seeded(), T0 + MINUTE_MS
    for offset in sorted(offsets):
        builder.on_mark(mark(end + offset, 100.0 + offset / 1e6, rate=offset / 1e9))
        builder.on_open_interest(OpenInterest(S, end + offset, 1e6 + offset))
    (fact,) = close(builder, closed(bar_at(0)), end + late * 1000).facts
    known = [offset for offset in offsets if offset <= 0]
    if not known:
        assert (fact.mark_price, fact.funding_rate, fact.open_interest) == (None, None, None)
        return
    if max(known) <= -MARK_MAX_AGE_MS:
        assert (fact.mark_price, fact.funding_rate) == (None, None), "too old to be of the close"
    else:
        assert fact.mark_price == 100.0 + max(known) / 1e6
        assert fact.funding_rate == max(known) / 1e9
    assert (fact.open_interest, fact.open_interest_time) == (1e6 + max(known), end + max(known))


@pytest.mark.parametrize(("age", "known"), [(0, True), (OPEN_INTEREST_MAX_AGE_MS, True),
                                            (OPEN_INTEREST_MAX_AGE_MS + 1, False)])  # fmt: skip
def test_open_interest_older_than_five_minutes_is_unknown(age: int, known: bool) -> None:
    builder = seeded()
    builder.on_open_interest(OpenInterest(S, T0 + MINUTE_MS - age, 5.0))
    (fact,) = run(builder, [bar_at(0)])
    assert (fact.open_interest is not None) == known
    assert (fact.open_interest_time is not None) == known


HOURS = st.sampled_from([0, 1, 4, 8, 12])
"""When the next payment is announced for, in hours; 0: never."""


@examples(200)
@given(st.lists(st.tuples(st.integers(1, 120), HOURS), min_size=1, max_size=30))
def test_a_payment_is_what_the_last_mark_before_it_announced(
    announced: list[tuple[int, int]],
) -> None:
    """An interval that becomes longer, shorter or ends in between leaves no payment behind."""
    marks, known, now = Marks(), list[tuple[int, int, float]](), 0
    for number, (minutes, hours) in enumerate(announced):
        now += minutes * MINUTE_MS
        rate, at = number * 1e-6, hours * HOUR_MS
        marks.push(mark(now, 1.0, rate=rate, due=at))
        known.append((now, at, rate))
    for end in (hour * HOUR_MS for hour in (1, 4, 8, 12)):
        before = [one for one in known if one[0] < end or one[:2] == (end, end)]
        expected = before[-1][2] if before and before[-1][1] == end else None
        assert marks.paid(end) == expected
    marks.settle(Funding(S, 4 * HOUR_MS, 7.0))
    assert marks.paid(4 * HOUR_MS) == 7.0


def test_an_interval_that_becomes_longer_reports_no_payment_that_never_came() -> None:
    builder, end = seeded(), T0 + MINUTE_MS
    builder.on_mark(mark(T0 + 1_000, 1.0, rate=1e-4, due=end))
    builder.on_mark(mark(T0 + 30_000, 1.0, rate=1e-4, due=end + HOUR_MS))
    (fact,) = run(builder, [bar_at(0)])
    assert fact.funding_paid is None


def test_reordered_marks_and_open_interest_change_nothing() -> None:
    builder = seeded()
    builder.on_mark(mark(T0 + 59_000, 2.0))
    builder.on_mark(mark(T0 + 58_500, 1.0))
    builder.on_open_interest(OpenInterest(S, T0 + 50_000, 20.0))
    builder.on_open_interest(OpenInterest(S, T0 + 40_000, 10.0))
    (fact,) = run(builder, [bar_at(0)])
    assert (fact.mark_price, fact.open_interest) == (2.0, 20.0)


@pytest.mark.parametrize(("replayed", "known"), [(False, True), (True, False)])
def test_a_replay_has_a_mark_of_the_very_second_or_none(replayed: bool, known: bool) -> None:
    builder = fresh(replayed=replayed)
    builder.on_mark(mark(T0 + 59_000, 5.0))
    builder.on_replayed_open_interest([], T0 + MINUTE_MS, T0 + MINUTE_MS)
    (fact,) = close(builder, closed(bar_at(0))).facts
    assert (fact.mark_price is not None) == known


@pytest.mark.parametrize("offset", [-5_000, 5_000])
def test_data_beside_a_minute_whose_event_times_are_off_is_unknown(offset: int) -> None:
    builder, facts = seeded(coverage=always_up()), list[BarsFact]()
    for minute in range(3):
        off = offset if minute == 0 else 0
        end = T0 + (minute + 1) * MINUTE_MS
        builder.on_mark(mark(end - 500, 1.0))
        facts += close(builder, closed(bar_at(minute), after_ms=20 + off)).facts
    assert [fact.mark_price for fact in facts] == [None, None, 1.0]
    assert [fact.liq_long_usd for fact in facts] == [None, None, 0.0]
    assert [fact.path is None for fact in facts] == [True, True, False]


def test_funding_is_paid_exactly_at_the_close_it_was_due_at() -> None:
    builder, due = seeded(), T0 + 2 * MINUTE_MS
    builder.on_mark(mark(T0 + 1000, 1.0, rate=0.0001, due=due))
    builder.on_mark(mark(due, 1.0, rate=0.0003, due=due))
    builder.on_mark(mark(due + 1000, 1.0, rate=0.0009, due=due + 8 * 3_600_000))
    facts = run(builder, [bar_at(n) for n in range(3)])
    assert [fact.funding_paid for fact in facts] == [None, 0.0003, None]


def test_a_rate_sent_after_it_was_due_is_not_the_rate_paid() -> None:
    builder, due = seeded(), T0 + MINUTE_MS
    builder.on_mark(mark(due - 1000, 1.0, rate=0.0003, due=due))
    builder.on_mark(mark(due + 1000, 1.0, rate=0.0009, due=due))
    (fact,) = run(builder, [bar_at(0)])
    assert fact.funding_paid == 0.0003


def test_a_payment_fetched_for_a_hole_counts() -> None:
    builder = seeded()
    builder.on_funding(Funding(S, T0 + MINUTE_MS, -0.0002))
    assert run(builder, [bar_at(0)])[0].funding_paid == -0.0002


# --- liquidations --------------------------------------------------------------------------------


def order(side: str, usd: float, at: int) -> Liquidation:
    return Liquidation(S, at, side, usd)  # type: ignore[arg-type]  # a test's shorthand


@examples(100)
@given(st.lists(st.tuples(st.integers(0, 239_999), st.integers(0, 4)), max_size=20))
def test_liquidations_belong_to_their_own_minute_and_never_to_another(
    orders: list[tuple[int, int]],
) -> None:
    """Those that come after their bar was sent are left out, and reported to the caller."""
    builder, facts = seeded(coverage=always_up()), []
    expected = [0.0] * 4
    for sent in range(5):  # bars that were sent when an order comes
        for number, (at, comes_at) in enumerate(orders):
            if comes_at == sent:
                usd, minute = float(2**number), at // MINUTE_MS
                assert builder.on_liquidation(order("long", usd, T0 + at)) == (minute >= sent)
                expected[minute] += usd if minute >= sent else 0.0
        facts += run(builder, [bar_at(sent)]) if sent < 4 else []
    assert [fact.liq_long_usd for fact in facts] == expected
    assert {fact.liq_short_usd for fact in facts} == {0.0}


@pytest.mark.parametrize(
    ("last_ms", "traded", "known"),
    [
        (None, 5.0, False),
        (None, 0.0, True),
        (30_000, 2.0, False),
        (30_000, 5.0, True),
        (MINUTE_MS - LATE_MS, 2.0, True),
    ],
)
def test_liquidations_of_a_symbol_that_was_not_streamed_to_the_end_are_unknown_not_zero(
    last_ms: int | None, traded: float, known: bool
) -> None:
    """`traded` of a volume of 5 was received up to `last_ms`; without trades nothing is due."""
    builder, bar = seeded(coverage=always_up()), replace(bar_at(0), volume=5.0)
    if last_ms is None:
        bar = replace(bar, volume=traded)
    else:
        form(builder, forming(replace(bar, volume=traded), T0 + last_ms))
    request = BarRequest(S, "1m", T0, T0 + MINUTE_MS)
    (fact,) = builder.on_backfill(request, [bar], T0 + 2 * MINUTE_MS).facts
    assert (fact.liq_long_usd is not None) == known


def test_after_a_silence_a_closing_kline_alone_does_not_end_it() -> None:
    """The minute may have been silent up to its last moment."""
    builder = seeded(coverage=always_up())
    rows = [replace(bar_at(n), volume=5.0) for n in range(4)]
    request = BarRequest(S, "1m", T0, T0 + MINUTE_MS)
    facts = fetch(builder, request, [rows[0]], T0 + MINUTE_MS + 9_000)
    facts += run(builder, [rows[1]])
    form(builder, forming(rows[2], T0 + 2 * MINUTE_MS + 30_000))
    facts += run(builder, rows[2:])
    assert [fact.liq_long_usd for fact in facts] == [None, None, 0.0, 0.0]


@examples(80)
@given(st.integers(-3, 3), st.integers(0, 6), st.booleans())
def test_liquidations_are_unknown_unless_the_stream_was_up_the_whole_minute(
    up: int, length: int, began: bool
) -> None:
    coverage = Coverage()
    builder = seeded(coverage=coverage)
    if began:
        coverage.received()
    coverage.up(T0 + up * 30_000)
    coverage.down(T0 + (up + length) * 30_000)
    builder.on_liquidation(order("long", 1.0, T0))
    (fact,) = run(builder, [bar_at(0)])
    whole = began and up <= 0 and up + length >= 2
    assert fact.liq_long_usd == (1.0 if whole else None)
    assert fact.liq_short_usd == (0.0 if whole else None)


def test_a_stream_that_came_back_covers_only_what_it_was_up_for() -> None:
    coverage = always_up()
    coverage.down(T0 + 10)
    coverage.up(T0 + 90_000)
    assert coverage.covers(T0 - MINUTE_MS, T0)
    assert not coverage.covers(T0, T0 + MINUTE_MS)
    assert not coverage.covers(T0 + MINUTE_MS, T0 + 2 * MINUTE_MS)
    assert coverage.covers(T0 + 2 * MINUTE_MS, T0 + 3 * MINUTE_MS)
