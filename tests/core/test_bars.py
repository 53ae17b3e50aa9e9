"""Laws of the tape: strict sequence, longer bars from their parts, everything as of the close."""

import random
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from signalengine.bars import (
    FIRST_PAUSE_MS,
    LATE_MS,
    OPEN_INTEREST_MAX_AGE_MS,
    Coverage,
    Tape,
    Want,
    aggregate,
)
from signalengine.binance import Funding, Kline, Liquidation, MarkPrice, OpenInterest
from signalengine.facts import Bar, BarsFact, PathPoint, Tick, decode, encode
from signalengine.intervals import INTERVAL_MS, MINUTE_MS

T0 = 1_747_612_800_000  # 2025-05-19T00:00Z
S = "BTCUSDT"
LONGER = ("5m", "15m", "1h")


def bar_at(minute: int, *, seed: int = 0, close: float | None = None) -> Bar:
    rng = random.Random(f"{seed}:{minute}")
    o, c = rng.uniform(90, 110), close or rng.uniform(90, 110)
    return Bar(
        "1m", T0 + minute * MINUTE_MS, o, max(o, c) + rng.random(), min(o, c) - rng.random(), c,
        volume=rng.uniform(0, 9), quote_volume=rng.uniform(0, 900), trades=rng.randrange(99),
        taker_buy_volume=rng.uniform(0, 4),
    )  # fmt: skip


def closed(bar: Bar, after_ms: int = 20) -> Kline:
    return Kline(S, bar.close_time + after_ms, bar, closed=True)


def forming(bar: Bar, at: int) -> Kline:
    return Kline(S, at, bar, closed=False)


def mark(at: int, price: float, rate: float = 1e-4, due: int = T0 + 8 * 3_600_000) -> MarkPrice:
    return MarkPrice(S, at, price, rate, due)


def heard() -> Coverage:
    coverage = Coverage()
    coverage.heard()
    coverage.up(0)
    return coverage


def drain(tape: Tape, clock: int, coverage: Coverage | None = None) -> list[BarsFact]:
    facts = []
    while (fact := tape.next_fact(clock, coverage or Coverage())) is not None:
        facts.append(fact)
    return facts


def seeded(minutes: int = 60, market: str = "simulated") -> Tape:
    """A tape warmed up with the hour that ends at T0."""
    tape = Tape(S, market)  # type: ignore[arg-type]  # a test's shorthand
    tape.seed(bar_at(n) for n in range(-minutes, 0))
    return tape


def run(tape: Tape, bars: Sequence[Bar]) -> list[BarsFact]:
    facts = []
    for bar in bars:
        tape.on_kline(closed(bar))
        facts += drain(tape, bar.close_time + 20)
    return facts


def direct(interval: str, minutes: Sequence[Bar]) -> Bar:
    """What a longer bar is, said another way."""

    def total(values: Sequence[float | None]) -> float | None:
        out = 0.0
        for value in values:
            if value is None:
                return None
            out += value
        return out

    trades = total([bar.trades for bar in minutes])
    return Bar(
        interval, minutes[0].open_time, minutes[0].open, max(bar.high for bar in minutes),
        min(bar.low for bar in minutes), minutes[-1].close,
        volume=total([bar.volume for bar in minutes]) or 0.0,
        quote_volume=total([bar.quote_volume for bar in minutes]),
        trades=None if trades is None else int(trades),
        taker_buy_volume=total([bar.taker_buy_volume for bar in minutes]),
    )  # fmt: skip


# --- longer bars ---------------------------------------------------------------------------------


@settings(max_examples=60)
@given(
    st.sampled_from(LONGER), st.integers(0, 10**6),
    st.sampled_from(["none", "quote_volume", "trades", "taker_buy_volume"]), st.integers(0, 59),
)  # fmt: skip
def test_a_longer_bar_is_the_fold_of_its_minutes(
    interval: str, seed: int, unknown: str, where: int
) -> None:
    count = INTERVAL_MS[interval] // MINUTE_MS
    minutes = [bar_at(n, seed=seed) for n in range(count)]
    if unknown != "none":
        place = where % count
        minutes[place] = replace(minutes[place], **{unknown: None})
    longer = aggregate(interval, minutes)
    assert longer == direct(interval, minutes)
    if unknown != "none":
        assert getattr(longer, unknown) is None


@pytest.mark.parametrize("interval", LONGER)
def test_a_longer_bar_needs_every_one_of_its_minutes(interval: str) -> None:
    minutes = [bar_at(n) for n in range(INTERVAL_MS[interval] // MINUTE_MS)]
    for wrong in (minutes[1:], minutes[:-1], minutes[:2] + minutes[3:], [], minutes[::-1]):
        with pytest.raises(ValueError, match="not the 1m bars"):
            aggregate(interval, wrong)
    shifted = [replace(bar, open_time=bar.open_time + MINUTE_MS) for bar in minutes]
    with pytest.raises(ValueError, match="not the 1m bars"):
        aggregate(interval, shifted)


def test_longer_bars_close_with_their_last_minute_shortest_first() -> None:
    minutes = [bar_at(n) for n in range(60)]
    facts = run(seeded(), minutes)
    assert [fact.bars[0] for fact in facts] == minutes
    for fact in facts:
        n = fact.bars[0].open_time // MINUTE_MS - T0 // MINUTE_MS + 1
        due = [name for name in LONGER if n % (INTERVAL_MS[name] // MINUTE_MS) == 0]
        assert [bar.interval for bar in fact.bars] == ["1m", *due]
        for bar in fact.bars[1:]:
            count = INTERVAL_MS[bar.interval] // MINUTE_MS
            assert bar == direct(bar.interval, minutes[n - count : n])
    assert len(facts[-1].bars) == 4


def test_the_first_longer_bars_are_built_with_minutes_of_the_warm_up() -> None:
    tape = Tape(S, "simulated")
    tape.seed(bar_at(n) for n in range(2))
    fact = run(tape, [bar_at(n) for n in range(2, 5)])[-1]
    assert fact.bars[1] == direct("5m", [bar_at(n) for n in range(5)])


def test_a_longer_bar_without_its_minutes_is_asked_for_and_holds_the_minute_back() -> None:
    tape = Tape(S, "simulated")
    for n in (2, 3, 4, 5):
        tape.on_kline(closed(bar_at(n)))
    clock = T0 + 6 * MINUTE_MS
    assert [fact.bars[0] for fact in drain(tape, clock)] == [bar_at(2), bar_at(3)]
    want = tape.want(clock)
    assert want == Want(S, "5m", T0, T0 + 5 * MINUTE_MS)
    assert tape.want(clock) is None, "asked once"
    five = direct("5m", [bar_at(n) for n in range(5)])
    tape.supply(want, [five], clock)
    fourth, fifth = drain(tape, clock)
    assert fourth.bars == (bar_at(4), five)
    assert fifth.bars == (bar_at(5),)


def test_a_longer_bar_that_exists_nowhere_is_left_out() -> None:
    tape = Tape(S, "simulated")
    tape.on_kline(closed(bar_at(4)))
    want = tape.want(T0 + 5 * MINUTE_MS)
    assert want is not None
    assert drain(tape, T0 + 5 * MINUTE_MS) == []
    tape.supply(want, [], T0 + 5 * MINUTE_MS)
    (fact,) = drain(tape, T0 + 5 * MINUTE_MS)
    assert fact.bars == (bar_at(4),)


# --- sequence ------------------------------------------------------------------------------------


@settings(max_examples=60)
@given(st.permutations(range(12)), st.sets(st.integers(0, 11), max_size=6), st.data())
def test_bars_leave_once_each_and_in_sequence_however_they_come(
    order: list[int], twice: set[int], data: st.DataObject
) -> None:
    tape = seeded()
    facts = []
    for n in [*order, *sorted(twice)]:
        source = data.draw(st.sampled_from(["ws", "rest"]))
        if source == "ws":
            tape.on_kline(closed(bar_at(n)))
        else:
            want = Want(S, "1m", T0 + n * MINUTE_MS, T0 + (n + 1) * MINUTE_MS)
            tape.supply(want, [bar_at(n)], T0)
        facts += drain(tape, T0 + 3_600_000)
    starts = [fact.bars[0].open_time for fact in facts]
    assert starts == sorted(set(starts))
    assert set(starts) <= {T0 + n * MINUTE_MS for n in range(12)}
    for fact in facts:
        assert decode(encode(fact)) == fact


@settings(max_examples=40)
@given(st.lists(st.integers(0, 2), min_size=30, max_size=60))
def test_how_symbols_interleave_changes_no_symbol(turns: list[int]) -> None:
    tapes = [seeded() for _ in range(3)]
    facts: list[list[BarsFact]] = [[], [], []]
    for which in turns:
        n = len(facts[which])
        facts[which] += run(tapes[which], [bar_at(n, seed=which)])
    for which in range(3):
        alone = run(seeded(), [bar_at(n, seed=which) for n in range(turns.count(which))])
        assert facts[which] == alone


def test_a_hole_is_asked_for_at_once_and_newer_bars_wait_for_it() -> None:
    tape = seeded()
    tape.on_kline(closed(bar_at(2)))
    clock = T0 + 3 * MINUTE_MS + 20
    assert drain(tape, clock) == []
    want = tape.want(clock)
    assert want == Want(S, "1m", T0, T0 + 2 * MINUTE_MS)
    tape.supply(want, [bar_at(0), bar_at(1)], clock)
    facts = drain(tape, clock)
    assert [fact.bars[0] for fact in facts] == [bar_at(0), bar_at(1), bar_at(2)]
    assert [fact.source for fact in facts] == ["rest", "rest", "ws"]
    assert [fact.quality.gap_s for fact in facts] == [0.0, 0.0, 0.0]
    assert tape.gaps == 0


def test_a_bar_is_late_three_seconds_of_exchange_time_after_its_close() -> None:
    tape = seeded()
    close = T0 + MINUTE_MS
    assert tape.want(close + LATE_MS - 1) is None
    assert tape.want(close + LATE_MS) == Want(S, "1m", T0, close)


def test_a_late_bar_that_comes_both_ways_goes_out_once() -> None:
    tape = seeded()
    clock = T0 + MINUTE_MS + LATE_MS
    want = tape.want(clock)
    assert want is not None
    tape.supply(want, [bar_at(0)], clock)
    assert len(drain(tape, clock)) == 1
    tape.on_kline(closed(bar_at(0), after_ms=5000))
    assert drain(tape, clock) == []
    assert tape.differing == 0
    tape.on_kline(closed(bar_at(0, seed=1), after_ms=6000))
    assert drain(tape, clock) == []
    assert tape.differing == 1, "the first was kept, the difference is counted"


def test_a_hole_nobody_can_fill_is_skipped_and_stamped() -> None:
    tape = seeded()
    tape.on_kline(closed(bar_at(2)))
    clock = T0 + 3 * MINUTE_MS
    want = tape.want(clock)
    assert want is not None
    tape.supply(want, [], clock)
    (fact,) = drain(tape, clock)
    assert fact.quality.gap_s == 120.0
    assert tape.gaps == 1
    assert run(tape, [bar_at(3)])[0].quality.gap_s == 0.0


def test_what_is_found_of_a_hole_goes_out_before_the_rest_is_skipped() -> None:
    tape = seeded()
    tape.on_kline(closed(bar_at(3)))
    clock = T0 + 4 * MINUTE_MS
    want = tape.want(clock)
    assert want is not None
    tape.supply(want, [bar_at(1)], clock)
    facts = drain(tape, clock)
    again = tape.want(clock)
    assert again == Want(S, "1m", T0 + 2 * MINUTE_MS, T0 + 3 * MINUTE_MS)
    tape.supply(again, [], clock)
    facts += drain(tape, clock)
    assert [(f.bars[0], f.quality.gap_s) for f in facts] == [(bar_at(1), 60.0), (bar_at(3), 60.0)]


def test_a_halted_symbol_is_asked_about_ever_less_often() -> None:
    tape = seeded()
    clock = T0 + MINUTE_MS + LATE_MS
    asked = []
    for second in range(3600):
        want = tape.want(clock + second * 1000)
        if want is not None:
            asked.append(second)
            tape.supply(want, [], clock + second * 1000)
    assert asked[:3] == [0, FIRST_PAUSE_MS // 1000, 3 * FIRST_PAUSE_MS // 1000]
    assert len(asked) < 8
    assert tape.gaps == 0
    tape.on_kline(closed(bar_at(70)))
    assert tape.want(clock + 3_600_000) is not None, "news ends the pause"


def test_a_symbol_without_a_past_starts_with_its_first_bar() -> None:
    tape = Tape(S, "live")
    tape.seed([])
    assert tape.want(T0 + 3_600_000) is None
    (fact,) = run(tape, [bar_at(7)])
    assert fact.bars[0] == bar_at(7)


# --- as of the close -----------------------------------------------------------------------------


@settings(max_examples=80)
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
    tape.on_mark(mark(T0 + 50_000, 2.0))
    tape.on_mark(mark(T0 + 40_000, 1.0))
    tape.on_open_interest(OpenInterest(S, T0 + 50_000, 20.0))
    tape.on_open_interest(OpenInterest(S, T0 + 40_000, 10.0))
    (fact,) = run(tape, [bar_at(0)])
    assert (fact.mark_price, fact.open_interest) == (2.0, 20.0)


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


@settings(max_examples=80)
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


@settings(max_examples=60)
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
    tape.on_kline(closed(running(98.0, 100.0, 99.0)))
    assert drain(tape, T0 + MINUTE_MS)[0].path is None


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
