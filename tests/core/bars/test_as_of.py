"""Laws of the tape: what a bar says beside its prices is as of its close."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from signalengine.bars.as_of import MARK_MAX_AGE_MS, OPEN_INTEREST_MAX_AGE_MS, Coverage
from signalengine.bars.builder import LATE_MS, BarBuilder, BarRequest
from signalengine.exchanges.binance.messages import Funding, Liquidation, OpenInterest
from signalengine.facts.stream import Bar, PathPoint, Tick
from signalengine.intervals import MINUTE_MS

from tests.core.tapes import T0, S, bar_at, closed, drain, forming, heard, mark, run, seeded
from tests.examples import examples

# --- as of the close -----------------------------------------------------------------------------


@examples(80)
@given(
    st.lists(st.integers(-200_000, 200_000), min_size=1, max_size=40, unique=True),
    st.integers(0, 3),
)
def test_mark_and_open_interest_are_the_latest_not_after_the_close(
    offsets: list[int], late: int
) -> None:
    tape, end = seeded(), T0 + MINUTE_MS
    for offset in sorted(offsets):
        tape.on_mark(mark(end + offset, 100.0 + offset / 1e6, rate=offset / 1e9))
        tape.on_open_interest(OpenInterest(S, end + offset, 1e6 + offset))
    tape.on_kline(closed(bar_at(0)))
    (fact,) = drain(tape, end + late * 1000)
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
    tape = seeded()
    tape.on_open_interest(OpenInterest(S, T0 + MINUTE_MS - age, 5.0))
    (fact,) = run(tape, [bar_at(0)])
    assert (fact.open_interest is not None) == known
    assert (fact.open_interest_time is not None) == known


def test_reordered_marks_and_open_interest_change_nothing() -> None:
    tape = seeded()
    tape.on_mark(mark(T0 + 59_000, 2.0))
    tape.on_mark(mark(T0 + 58_500, 1.0))
    tape.on_open_interest(OpenInterest(S, T0 + 50_000, 20.0))
    tape.on_open_interest(OpenInterest(S, T0 + 40_000, 10.0))
    (fact,) = run(tape, [bar_at(0)])
    assert (fact.mark_price, fact.open_interest) == (2.0, 20.0)


@pytest.mark.parametrize(("replayed", "known"), [(False, True), (True, False)])
def test_a_replay_has_a_mark_of_the_very_second_or_none(replayed: bool, known: bool) -> None:
    tape = BarBuilder(S, "simulated", replayed=replayed)
    tape.on_mark(mark(T0 + 59_000, 5.0))
    tape.on_kline(closed(bar_at(0)))
    tape.inform([], T0 + MINUTE_MS)
    (fact,) = drain(tape, T0 + MINUTE_MS)
    assert (fact.mark_price is not None) == known


@pytest.mark.parametrize("offset", [-5_000, 5_000])
def test_beside_a_minute_whose_event_times_are_off_nothing_is_known(offset: int) -> None:
    tape, coverage = seeded(), heard()
    for minute in range(3):
        off = offset if minute == 0 else 0
        end = T0 + (minute + 1) * MINUTE_MS
        tape.on_mark(mark(end - 500, 1.0))
        tape.on_kline(closed(bar_at(minute), after_ms=20 + off))
    facts = drain(tape, T0 + 4 * MINUTE_MS, coverage)
    assert [fact.mark_price for fact in facts] == [None, None, 1.0]
    assert [fact.liq_long_usd for fact in facts] == [None, None, 0.0]
    assert [fact.path is None for fact in facts] == [True, True, False]


def test_funding_is_paid_exactly_at_the_close_it_was_due_at() -> None:
    tape, due = seeded(), T0 + 2 * MINUTE_MS
    tape.on_mark(mark(T0 + 1000, 1.0, rate=0.0001, due=due))
    tape.on_mark(mark(due, 1.0, rate=0.0003, due=due))
    tape.on_mark(mark(due + 1000, 1.0, rate=0.0009, due=due + 8 * 3_600_000))
    facts = run(tape, [bar_at(n) for n in range(3)])
    assert [fact.funding_paid for fact in facts] == [None, 0.0003, None]


def test_a_rate_told_after_it_was_due_is_not_what_was_paid() -> None:
    tape, due = seeded(), T0 + MINUTE_MS
    tape.on_mark(mark(due - 1000, 1.0, rate=0.0003, due=due))
    tape.on_mark(mark(due + 1000, 1.0, rate=0.0009, due=due))
    (fact,) = run(tape, [bar_at(0)])
    assert fact.funding_paid == 0.0003


def test_a_payment_fetched_for_a_hole_counts() -> None:
    tape = seeded()
    tape.on_funding(Funding(S, T0 + MINUTE_MS, -0.0002))
    assert run(tape, [bar_at(0)])[0].funding_paid == -0.0002


# --- liquidations --------------------------------------------------------------------------------


def order(side: str, usd: float, at: int) -> Liquidation:
    return Liquidation(S, at, side, usd)  # type: ignore[arg-type]  # a test's shorthand


def test_liquidations_belong_to_the_minute_open_when_they_arrive() -> None:
    tape, coverage = seeded(), heard()
    tape.on_liquidation(order("long", 10.0, T0 + 1000), clock=T0 + 1000)
    tape.on_liquidation(order("long", 5.0, T0 + 2000), clock=T0 + 2000)
    tape.on_liquidation(order("short", 7.0, T0 + 59_999), clock=T0 + MINUTE_MS)  # arrived later
    facts = []
    for n in range(2):
        tape.on_kline(closed(bar_at(n)))
        facts += drain(tape, bar_at(n).close_time, coverage)
    assert [(f.liq_long_usd, f.liq_short_usd) for f in facts] == [(15.0, 0.0), (0.0, 7.0)]


@examples(80)
@given(st.integers(-3, 3), st.integers(0, 6), st.booleans())
def test_liquidations_are_unknown_unless_the_stream_was_up_the_whole_minute(
    up: int, length: int, began: bool
) -> None:
    tape, coverage = seeded(), Coverage()
    if began:
        coverage.heard()
    coverage.up(T0 + up * 30_000)
    coverage.down(T0 + (up + length) * 30_000)
    tape.on_liquidation(order("long", 1.0, T0), clock=T0)
    tape.on_kline(closed(bar_at(0)))
    (fact,) = drain(tape, T0 + MINUTE_MS, coverage)
    whole = began and up <= 0 and up + length >= 2
    assert fact.liq_long_usd == (1.0 if whole else None)
    assert fact.liq_short_usd == (0.0 if whole else None)


def test_a_stream_that_came_back_covers_only_what_it_was_up_for() -> None:
    coverage = heard()
    coverage.down(T0 + 10)
    coverage.up(T0 + 90_000)
    assert coverage.covers(T0 - MINUTE_MS, T0)
    assert not coverage.covers(T0, T0 + MINUTE_MS)
    assert not coverage.covers(T0 + MINUTE_MS, T0 + 2 * MINUTE_MS)
    assert coverage.covers(T0 + 2 * MINUTE_MS, T0 + 3 * MINUTE_MS)


# --- ticks and paths -----------------------------------------------------------------------------


def running(low: float, high: float, last: float) -> Bar:
    return Bar("1m", T0, 100.0, high, low, last, volume=1.0)


def test_a_tick_is_the_running_minute_and_the_path_its_new_extremes() -> None:
    tape = seeded()
    states = [(99.0, 100.0, 99.5), (99.0, 100.0, 99.9), (98.0, 100.0, 98.5), (98.0, 102.0, 101.0)]
    for second, state in enumerate(states):
        tape.on_kline(forming(running(*state), T0 + second * 1000 + 500))
        tick = tape.sample(T0 + (second + 1) * 1000)
        low, high, last = state
        assert tick == Tick(T0, 100.0, high, low, last)
    final = running(98.0, 103.0, 102.0)
    tape.on_kline(closed(final))
    (fact,) = drain(tape, T0 + MINUTE_MS)
    assert fact.path == (
        PathPoint(1, 99.0, 100.0), PathPoint(3, 98.0, 100.0), PathPoint(4, 98.0, 102.0),
        PathPoint(60, 98.0, 103.0),
    )  # fmt: skip


@examples(60)
@given(st.lists(st.tuples(st.integers(0, 59), st.floats(50, 150)), min_size=1, max_size=30))
def test_a_path_widens_in_time_and_ends_at_the_bar(trades: list[tuple[int, float]]) -> None:
    tape, low, high, last = seeded(), 100.0, 100.0, 100.0
    byminute = sorted(trades, key=lambda trade: trade[0])
    for second in range(60):
        for at, price in byminute:
            if at == second:
                low, high, last = min(low, price), max(high, price), price
                tape.on_kline(forming(running(low, high, last), T0 + second * 1000))
        tape.sample(T0 + (second + 1) * 1000)
    tape.on_kline(closed(running(low, high, last)))
    (fact,) = drain(tape, T0 + MINUTE_MS)
    assert fact.path is not None
    for before, after in zip(fact.path, fact.path[1:], strict=False):
        assert before.second < after.second
        assert after.low <= before.low
        assert after.high >= before.high
        assert (after.low, after.high) != (before.low, before.high)
    assert (fact.path[-1].low, fact.path[-1].high) == (low, high)


def test_a_minute_that_has_not_traded_has_no_tick() -> None:
    tape = seeded()
    tape.on_kline(closed(bar_at(0)))
    assert tape.sample(T0 + MINUTE_MS) is not None
    assert tape.sample(T0 + MINUTE_MS + 1000) is None


def test_a_reordered_update_of_the_running_minute_changes_nothing() -> None:
    tape = seeded()
    tape.on_kline(forming(running(98.0, 102.0, 101.0), T0 + 2000))
    tape.on_kline(forming(running(99.0, 100.0, 99.0), T0 + 1000))
    assert tape.sample(T0 + 3000) == Tick(T0, 100.0, 102.0, 98.0, 101.0)


def test_the_path_of_a_minute_survives_the_first_trade_of_the_next() -> None:
    tape = seeded()
    tape.on_kline(forming(running(99.0, 100.0, 99.5), T0 + 500))
    tape.sample(T0 + 1000)
    tape.on_kline(forming(replace(running(90.0, 91.0, 90.0), open_time=T0 + MINUTE_MS, open=90.0),
                          T0 + MINUTE_MS + 1))  # fmt: skip
    tape.on_kline(closed(running(98.0, 100.0, 99.0)))
    (fact,) = drain(tape, T0 + MINUTE_MS + 20)
    assert fact.path == (PathPoint(1, 99.0, 100.0), PathPoint(60, 98.0, 100.0))


def test_a_path_that_contradicts_its_bar_is_unknown() -> None:
    tape = seeded()
    tape.on_kline(forming(running(95.0, 100.0, 99.5), T0 + 500))
    tape.sample(T0 + 1000)
    kline = closed(running(98.0, 100.0, 99.0))
    tape.on_kline(kline)
    clock = kline.event_time
    want = tape.want(clock)
    assert want == BarRequest(S, "1m", T0, T0 + MINUTE_MS), "the exchange is asked what it was"
    tape.supply(want, [], clock)
    (fact,) = drain(tape, clock)
    assert (fact.bars[0], fact.path, fact.source) == (kline.bar, None, "ws")


def test_recordings_and_fetched_bars_have_no_path() -> None:
    assert run(seeded(market="recording"), [bar_at(0)])[0].path is None
    tape = seeded()
    want = tape.want(T0 + MINUTE_MS + LATE_MS)
    assert want is not None
    tape.supply(want, [bar_at(0)], T0 + MINUTE_MS + LATE_MS)
    (fact,) = drain(tape, T0 + MINUTE_MS + LATE_MS)
    assert (fact.path, fact.source) == (None, "rest")


def test_a_fact_says_when_it_was_sent_and_how_old_its_stream_was() -> None:
    tape = seeded()
    tape.on_kline(closed(bar_at(0), after_ms=20))
    (fact,) = drain(tape, T0 + MINUTE_MS + 500)
    assert (fact.sent_at, fact.quality.stream_age_ms) == (T0 + MINUTE_MS + 500, 480)
