"""Laws of the builder: each minute once, in order, and requests for what is missing."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from signalengine.bars.builder import (
    EARLY_MS,
    FIRST_PAUSE_MS,
    BarRequest,
    Difference,
    skew_of,
)
from signalengine.bars.sequencer import LATE_MS
from signalengine.errors import MalformedFactError
from signalengine.facts.stream import BarsFact, decode, encode
from signalengine.intervals import INTERVAL_MS, MINUTE_MS
from signalengine.market_data import OpenInterest

from tests.core.bar_samples import T0, S, bar_at, close, closed, fetch, forming, fresh, run, seeded
from tests.core.bars.test_aggregator import LONGER, direct
from tests.examples import examples

# --- longer bars ---------------------------------------------------------------------------------


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
    builder = fresh()
    builder.seed(bar_at(n) for n in range(2))
    fact = run(builder, [bar_at(n) for n in range(2, 5)])[-1]
    assert fact.bars[1] == direct("5m", [bar_at(n) for n in range(5)])


def test_a_longer_bar_without_its_minutes_is_requested_and_holds_the_minute_back() -> None:
    builder = fresh()
    outputs = [close(builder, closed(bar_at(n))) for n in (2, 3, 4, 5)]
    assert [fact.bars[0] for out in outputs for fact in out.facts] == [bar_at(2), bar_at(3)]
    request = BarRequest(S, "5m", T0, T0 + 5 * MINUTE_MS)
    assert [out.request for out in outputs] == [None, None, request, None], "requested once"
    assert outputs[-1].held == 2
    five = direct("5m", [bar_at(n) for n in range(5)])
    fourth, fifth = fetch(builder, request, [five], T0 + 6 * MINUTE_MS)
    assert fourth.bars == (bar_at(4), five)
    assert fifth.bars == (bar_at(5),)


def test_a_longer_bar_that_does_not_exist_is_left_out() -> None:
    builder = fresh()
    output = close(builder, closed(bar_at(4)))
    assert output.facts == ()
    assert output.request is not None
    (fact,) = fetch(builder, output.request, [], T0 + 5 * MINUTE_MS)
    assert fact.bars == (bar_at(4),)


# --- sequence ------------------------------------------------------------------------------------


@examples(60)
@given(st.permutations(range(12)), st.sets(st.integers(0, 11), max_size=6), st.data())
def test_bars_are_sent_once_each_and_in_sequence_however_they_arrive(
    order: list[int], twice: set[int], data: st.DataObject
) -> None:
    builder, clock = seeded(), T0 + 3_600_000
    facts: list[BarsFact] = []
    for n in [*order, *sorted(twice)]:
        source = data.draw(st.sampled_from(["ws", "rest"]))
        if source == "ws":
            facts += close(builder, closed(bar_at(n)), clock).facts
        else:
            request = BarRequest(S, "1m", T0 + n * MINUTE_MS, T0 + (n + 1) * MINUTE_MS)
            facts += fetch(builder, request, [bar_at(n)], clock)
    starts = [fact.bars[0].open_time for fact in facts]
    assert starts == sorted(set(starts))
    assert set(starts) <= {T0 + n * MINUTE_MS for n in range(12)}
    for fact in facts:
        assert decode(encode(fact)) == fact


@examples(40)
@given(st.lists(st.integers(0, 2), min_size=30, max_size=60))
def test_how_symbols_interleave_changes_no_symbol(turns: list[int]) -> None:
    builders = [seeded() for _ in range(3)]
    facts: list[list[BarsFact]] = [[], [], []]
    for which in turns:
        n = len(facts[which])
        facts[which] += run(builders[which], [bar_at(n, seed=which)])
    for which in range(3):
        alone = run(seeded(), [bar_at(n, seed=which) for n in range(turns.count(which))])
        assert facts[which] == alone


def test_a_hole_is_requested_at_once_and_newer_bars_wait_for_it() -> None:
    builder = seeded()
    output = close(builder, closed(bar_at(2)))
    assert (output.facts, output.held) == ((), 1)
    assert output.request == BarRequest(S, "1m", T0, T0 + 2 * MINUTE_MS)
    facts = fetch(builder, output.request, [bar_at(0), bar_at(1)], T0 + 3 * MINUTE_MS + 20)
    assert [fact.bars[0] for fact in facts] == [bar_at(0), bar_at(1), bar_at(2)]
    assert [fact.source for fact in facts] == ["rest", "rest", "ws"]
    assert [fact.quality.gap_s for fact in facts] == [0.0, 0.0, 0.0]
    assert builder.gaps == 0


def test_a_bar_is_late_three_seconds_of_exchange_time_after_its_close() -> None:
    builder = seeded()
    end = T0 + MINUTE_MS
    assert builder.next_request(end + LATE_MS - 1) is None
    assert builder.next_request(end + LATE_MS) == BarRequest(S, "1m", T0, end)


def test_a_late_bar_that_arrives_both_ways_is_sent_once() -> None:
    builder, clock = seeded(), T0 + MINUTE_MS + LATE_MS
    request = builder.next_request(clock)
    assert request is not None
    assert len(fetch(builder, request, [bar_at(0)], clock)) == 1
    again = close(builder, closed(bar_at(0), after_ms=5000))
    assert (again.facts, again.differences) == ((), ())
    other = close(builder, closed(bar_at(0, seed=1), after_ms=6000))
    assert other.facts == ()
    assert other.differences == (Difference(bar_at(0), bar_at(0, seed=1)),)
    assert builder.differing == 1, "the first was used, the difference is counted"


def test_a_hole_that_cannot_be_filled_is_skipped_and_stamped() -> None:
    builder = seeded()
    request = close(builder, closed(bar_at(2))).request
    assert request is not None
    (fact,) = fetch(builder, request, [], T0 + 3 * MINUTE_MS)
    assert fact.quality.gap_s == 120.0
    assert builder.gaps == 1
    assert run(builder, [bar_at(3)])[0].quality.gap_s == 0.0


def test_the_bars_found_of_a_hole_are_sent_before_the_rest_is_skipped() -> None:
    builder, clock = seeded(), T0 + 4 * MINUTE_MS
    request = close(builder, closed(bar_at(3))).request
    assert request is not None
    output = builder.on_backfill(request, [bar_at(1)], clock)
    assert output.request == BarRequest(S, "1m", T0 + 2 * MINUTE_MS, T0 + 3 * MINUTE_MS)
    facts = [*output.facts, *fetch(builder, output.request, [], clock)]
    assert [(f.bars[0], f.quality.gap_s) for f in facts] == [(bar_at(1), 60.0), (bar_at(3), 60.0)]


def test_a_halted_symbol_is_requested_less_and_less_often() -> None:
    builder, clock = seeded(), T0 + MINUTE_MS + LATE_MS
    requested = []
    for second in range(3600):
        request = builder.next_request(clock + second * 1000)
        if request is not None:
            requested.append(second)
            assert fetch(builder, request, [], clock + second * 1000) == []
    assert requested[:3] == [0, FIRST_PAUSE_MS // 1000, 3 * FIRST_PAUSE_MS // 1000]
    assert len(requested) < 8
    assert builder.gaps == 0
    output = close(builder, closed(bar_at(70)), clock + 3_600_000)
    assert output.request is not None, "a new bar ends the pause"


def test_a_symbol_without_a_past_starts_with_its_first_bar() -> None:
    builder = fresh("live")
    builder.seed([])
    assert builder.next_request(T0 + 3_600_000) is None
    (fact,) = run(builder, [bar_at(7)])
    assert fact.bars[0] == bar_at(7)


# --- what a kline and a replay add ---------------------------------------------------------------


def test_a_kline_from_the_future_is_malformed_and_changes_nothing() -> None:
    builder = seeded()
    kline = closed(bar_at(0), after_ms=-EARLY_MS - 1)
    with pytest.raises(MalformedFactError, match="already"):
        builder.on_kline(kline, kline.event_time)
    assert not builder.has_received(T0)
    assert len(run(builder, [bar_at(0)])) == 1


@pytest.mark.parametrize(
    ("kline", "skew"),
    [
        (closed(bar_at(0), 20), 0), (closed(bar_at(0), 5_000), 5_000),
        (closed(bar_at(0), -5_000), -5_000), (forming(bar_at(0), T0 + 59_000), 0),
        (forming(bar_at(0), T0 + MINUTE_MS + 4_000), 4_000),
    ],
)  # fmt: skip
def test_a_skew_is_how_far_an_event_time_contradicts_its_bar(kline: Any, skew: int) -> None:
    assert skew_of(kline) == skew


def test_a_bar_that_is_not_trusted_is_verified_first() -> None:
    builder, wrong = seeded(), bar_at(0, seed=1)
    kline = closed(wrong)
    output = builder.on_kline(kline, kline.event_time, trusted=False)
    assert output is not None
    assert (output.facts, output.request) == ((), BarRequest(S, "1m", T0, T0 + MINUTE_MS))
    verified = builder.on_backfill(output.request, [bar_at(0)], kline.event_time)  # type: ignore[arg-type]  # it is one
    assert [(f.bars[0], f.source) for f in verified.facts] == [(bar_at(0), "rest")]
    assert verified.differences == (Difference(bar_at(0), wrong),)


def test_a_replayed_bar_waits_for_the_open_interest_of_its_close() -> None:
    builder = fresh(replayed=True)
    output = close(builder, closed(bar_at(0)))
    end = T0 + MINUTE_MS
    assert (output.facts, output.awaits_open_interest_of) == ((), end)
    early = builder.on_replayed_open_interest([], end - 1, end + 20)
    assert (early.facts, early.awaits_open_interest_of) == ((), end)
    output = builder.on_replayed_open_interest([OpenInterest(S, end, 7.0)], end, end + 20)
    assert [fact.open_interest for fact in output.facts] == [7.0]
    assert output.awaits_open_interest_of is None
