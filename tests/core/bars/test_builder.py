"""Laws of the tape: strict sequence, and longer bars from all their parts."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from signalengine.bars.builder import FIRST_PAUSE_MS, LATE_MS, BarBuilder, BarRequest, aggregate
from signalengine.facts.stream import Bar, BarsFact, decode, encode
from signalengine.intervals import INTERVAL_MS, MINUTE_MS

from tests.core.tapes import T0, S, bar_at, closed, drain, run, seeded
from tests.examples import examples

LONGER = ("5m", "15m", "1h")


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


@examples(60)
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
        lacking: dict[str, Any] = {unknown: None}
        minutes[place] = replace(minutes[place], **lacking)
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
    tape = BarBuilder(S, "simulated")
    tape.seed(bar_at(n) for n in range(2))
    fact = run(tape, [bar_at(n) for n in range(2, 5)])[-1]
    assert fact.bars[1] == direct("5m", [bar_at(n) for n in range(5)])


def test_a_longer_bar_without_its_minutes_is_asked_for_and_holds_the_minute_back() -> None:
    tape = BarBuilder(S, "simulated")
    for n in (2, 3, 4, 5):
        tape.on_kline(closed(bar_at(n)))
    clock = T0 + 6 * MINUTE_MS
    assert [fact.bars[0] for fact in drain(tape, clock)] == [bar_at(2), bar_at(3)]
    want = tape.want(clock)
    assert want == BarRequest(S, "5m", T0, T0 + 5 * MINUTE_MS)
    assert tape.want(clock) is None, "asked once"
    five = direct("5m", [bar_at(n) for n in range(5)])
    tape.supply(want, [five], clock)
    fourth, fifth = drain(tape, clock)
    assert fourth.bars == (bar_at(4), five)
    assert fifth.bars == (bar_at(5),)


def test_a_longer_bar_that_exists_nowhere_is_left_out() -> None:
    tape = BarBuilder(S, "simulated")
    tape.on_kline(closed(bar_at(4)))
    want = tape.want(T0 + 5 * MINUTE_MS)
    assert want is not None
    assert drain(tape, T0 + 5 * MINUTE_MS) == []
    tape.supply(want, [], T0 + 5 * MINUTE_MS)
    (fact,) = drain(tape, T0 + 5 * MINUTE_MS)
    assert fact.bars == (bar_at(4),)


# --- sequence ------------------------------------------------------------------------------------


@examples(60)
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
            want = BarRequest(S, "1m", T0 + n * MINUTE_MS, T0 + (n + 1) * MINUTE_MS)
            tape.supply(want, [bar_at(n)], T0)
        facts += drain(tape, T0 + 3_600_000)
    starts = [fact.bars[0].open_time for fact in facts]
    assert starts == sorted(set(starts))
    assert set(starts) <= {T0 + n * MINUTE_MS for n in range(12)}
    for fact in facts:
        assert decode(encode(fact)) == fact


@examples(40)
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
    assert want == BarRequest(S, "1m", T0, T0 + 2 * MINUTE_MS)
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
    assert tape.want(close + LATE_MS) == BarRequest(S, "1m", T0, close)


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
    assert again == BarRequest(S, "1m", T0 + 2 * MINUTE_MS, T0 + 3 * MINUTE_MS)
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
    tape = BarBuilder(S, "live")
    tape.seed([])
    assert tape.want(T0 + 3_600_000) is None
    (fact,) = run(tape, [bar_at(7)])
    assert fact.bars[0] == bar_at(7)
