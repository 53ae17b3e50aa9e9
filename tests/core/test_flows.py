"""Open interest, liquidations and funding: by minute, unknown where unknown, events on the edge."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import isnan
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from signalengine.facts.stream import Bar, BarsFact, HistoryFact
from signalengine.fold import SymbolState
from signalengine.intervals import CLASSIC_INTERVALS, INTERVAL_MS, MINUTE_MS
from signalengine.layout import DAY_BLOCK, FLOW_LONG, FLOW_SHORT, FOUR_HOUR_BLOCK, FUNDING_ON
from signalengine.policy import Policy
from signalengine.signals import Evaluation, Event

from tests.examples import examples

from .markets import (
    SYMBOL,
    T0,
    after_warm,
    everywhere,
    facts_of,
    flows_beside,
    fold,
    outcome,
    policy_with,
    warm_state,
)

Rows = Sequence[Mapping[str, Any]]
SIDES = {"liq_long_usd": "liq_long_5m_usd", "liq_short_usd": "liq_short_5m_usd"}
KINDS = ("oi_expansion", "liquidation_cluster", "funding_extreme")


def minutes_of(closes: Sequence[float], volume: float = 10.0) -> list[Bar]:
    bars, before = [], closes[0]
    for n, close in enumerate(closes):
        bars.append(
            Bar("1m", T0 + n * MINUTE_MS, before, max(before, close), min(before, close), close,
                volume, volume * close)
        )  # fmt: skip
        before = close
    return bars


def rising(count: int) -> list[Bar]:
    return minutes_of([100.0 + 0.01 * n for n in range(count)])


def falling(count: int) -> list[Bar]:
    return minutes_of([100.0 - 0.01 * n for n in range(count)])


def fired(bars: Sequence[Bar], rows: Rows, policy: Policy | None = None) -> list[tuple[int, Event]]:
    """(minute, event) of the flow events, of a symbol that was not known before."""
    beside = {bar.open_time: row for bar, row in zip(bars, rows, strict=True)}
    out = []
    for evaluation in outcome(facts_of(bars, beside), policy=policy)[1]:
        minute = (evaluation.close_time - T0) // MINUTE_MS - 1
        out += [(minute, event) for event in evaluation.events if event.kind in KINDS]
    return out


def snapshots(facts: Sequence[BarsFact], state: SymbolState | None = None) -> list[Evaluation]:
    """An evaluation of every minute: funding makes each one an event."""
    every = []
    state = state or SymbolState.fresh(SYMBOL)
    for fact in facts:
        (advanced,) = fold([replace(fact, funding_rate=1.0)], _armed(state))
        assert advanced.evaluation is not None
        every.append(advanced.evaluation)
        state = advanced.state
    return every


def _armed(state: SymbolState) -> SymbolState:
    buffer = list(state.buffer)
    buffer[FUNDING_ON] = 0.0
    return SymbolState(state.symbol, buffer)


# --- open interest --------------------------------------------------------------------------------


@pytest.mark.parametrize("change", [0.02, -0.02])
@pytest.mark.parametrize(("bars", "direction"), [(rising(40), "long"), (falling(40), "short")])
def test_an_oi_expansion_goes_the_way_of_the_price(
    bars: list[Bar], direction: str, change: float
) -> None:
    rows = [{"open_interest": 1000.0 * (1.0 + change * (n >= 30))} for n in range(40)]
    ((minute, event),) = fired(bars, rows)
    assert (minute, event.kind, event.direction) == (30, "oi_expansion", direction)
    assert event.strength == pytest.approx(0.5)
    assert event.details["change"] == pytest.approx(change)
    moved = bars[30].close / bars[15].close - 1.0
    assert event.details["price_change"] == pytest.approx(moved)


def test_an_oi_expansion_fires_again_only_after_it_was_over() -> None:
    rows = [{"open_interest": 1000.0 * (1.0 + 0.02 * (n // 30))} for n in range(80)]
    assert [minute for minute, _ in fired(rising(80), rows)] == [30, 60]


def test_a_minute_of_unknown_open_interest_does_not_end_an_expansion() -> None:
    rows: list[dict[str, Any]] = [
        {"open_interest": 1000.0 * (1.0 + 0.02 * (n >= 30))} for n in range(44)
    ]
    rows[35] = {"open_interest": None}
    assert [minute for minute, _ in fired(rising(44), rows)] == [30]


def test_unknown_open_interest_is_not_a_change() -> None:
    rows = [{"open_interest": 1000.0 if n < 10 else None} for n in range(40)]
    assert fired(rising(40), rows) == []
    late = [{"open_interest": None if n < 30 else 2000.0} for n in range(40)]
    assert fired(rising(40), late) == []


@given(seed=st.integers(0, 10**6), known=st.sampled_from([1.0, 0.9]))
@examples(6)
def test_changes_over_15_minutes_are_between_the_two_ends(seed: int, known: float) -> None:
    bars = after_warm(130, seed)
    beside = flows_beside(bars, seed, known)
    del bars[70:73]  # a hole
    facts = facts_of(bars, beside)
    held = {fact.bars[0].open_time: fact for fact in facts}
    for fact, seen in zip(facts, snapshots(facts), strict=True):
        before = held.get(fact.bars[0].open_time - 15 * MINUTE_MS)
        ends = (before and before.open_interest, fact.open_interest)
        expected = ends[1] / ends[0] - 1.0 if ends[0] and ends[1] else None
        assert seen.context["oi_change_15m"] == expected
        run = [fact.bars[0].open_time - k * MINUTE_MS for k in range(16)]
        whole = all(time in held for time in run) and before is not None
        moved = fact.bars[0].close / before.bars[0].close - 1.0 if whole and before else None
        assert seen.context["price_change_15m"] == moved


# --- liquidations ---------------------------------------------------------------------------------


def liquidated(long: float, short: float, at: int = 20, count: int = 40) -> list[dict[str, Any]]:
    return [
        {"liq_long_usd": long * (n == at), "liq_short_usd": short * (n == at)} for n in range(count)
    ]


@pytest.mark.parametrize(
    ("long", "short", "direction"), [(90.0, 10.0, "short"), (10.0, 90.0, "long")]
)
def test_a_liquidation_cluster_goes_against_the_liquidated(
    long: float, short: float, direction: str
) -> None:
    bars = minutes_of([100.0] * 40)  # 5,000 USD in five minutes: 100 are 2 %
    ((minute, event),) = fired(bars, liquidated(long, short))
    assert (minute, event.kind, event.direction) == (20, "liquidation_cluster", direction)
    assert event.strength == pytest.approx(0.5)
    assert event.details == pytest.approx({"share": 0.02, "total_usd": 100.0})


def test_a_cluster_as_long_as_short_has_no_direction() -> None:
    assert fired(minutes_of([100.0] * 40), liquidated(50.0, 50.0)) == []


def test_a_cluster_fires_once_while_it_lasts() -> None:
    rows = [{"liq_long_usd": 100.0 * (20 <= n < 30), "liq_short_usd": 0.0} for n in range(60)]
    assert [minute for minute, _ in fired(minutes_of([100.0] * 60), rows)] == [20]


def test_five_minutes_with_an_unknown_one_are_unknown() -> None:
    rows: list[dict[str, Any]] = liquidated(90.0, 0.0)
    rows[18] = {"liq_long_usd": None, "liq_short_usd": None}
    found = fired(minutes_of([100.0] * 40), rows)
    assert [minute for minute, _ in found] == [23]  # when the unknown minute is out of the window


@given(seed=st.integers(0, 10**6), known=st.sampled_from([1.0, 0.97]))
@examples(6)
def test_flows_are_the_sums_of_their_minutes(seed: int, known: float) -> None:
    """Of every interval's last bar and of five minutes; unknown when any minute is."""
    bars = after_warm(190, seed)
    beside = flows_beside(bars, seed, known)
    del bars[71:73]
    facts = facts_of(bars, beside)
    held = {fact.bars[0].open_time: fact for fact in facts}
    for fact, seen in zip(facts, snapshots(facts), strict=True):
        now = fact.bars[0].open_time
        for field, key in SIDES.items():
            window = [now - k * MINUTE_MS for k in range(5)]
            assert_sum(seen.context[key], [getattr(held.get(t), field, None) for t in window])
            for interval in CLASSIC_INTERVALS:
                at = [b for f in facts for b in f.bars if b.interval == interval]
                last = [b for b in at if b.close_time <= fact.close_time]
                if not last:
                    assert seen.features[interval][field] is None
                    continue
                parts = range(last[-1].open_time, last[-1].close_time, MINUTE_MS)
                values = [getattr(held.get(t), field, None) for t in parts]
                assert_sum(seen.features[interval][field], values)


def assert_sum(value: float | None, parts: list[float | None]) -> None:
    known = [part for part in parts if part is not None]
    if len(known) < len(parts):
        assert value is None
    else:
        assert value == pytest.approx(sum(known), rel=1e-12)


def test_a_longer_bar_whose_start_was_not_seen_has_unknown_liquidations() -> None:
    bars = after_warm(67)[7:]  # from 00:07
    rows = {bar.open_time: {"liq_long_usd": 1.0, "liq_short_usd": 2.0} for bar in bars}
    longer_bars = {
        interval: Bar(interval, T0, 1.0, 2.0, 0.5, 1.0, 1.0) for interval in ("5m", "15m", "1h")
    }
    seen = {}
    for fact in facts_of(bars, rows):
        extra = [
            replace(bar, open_time=fact.close_time - INTERVAL_MS[interval])
            for interval, bar in longer_bars.items()
            if fact.close_time % INTERVAL_MS[interval] == 0
        ]
        seen[fact.close_time] = replace(fact, bars=(fact.bars[0], *extra), funding_rate=None)
    evaluations = snapshots(list(seen.values()))
    by_time = {e.close_time: e.features for e in evaluations}
    at = {minute: by_time[T0 + minute * MINUTE_MS] for minute in (10, 15, 30, 60)}
    assert at[10]["5m"]["liq_long_usd"] is None  # 00:05 and 00:06 are missing
    assert at[15]["5m"]["liq_long_usd"] == 5.0
    assert at[15]["15m"]["liq_long_usd"] is None
    assert at[30]["15m"]["liq_short_usd"] == 30.0
    assert at[60]["1h"]["liq_short_usd"] is None
    assert at[10]["1m"]["liq_long_usd"] == 1.0


def test_history_has_no_flows_and_does_not_spoil_those_that_follow() -> None:
    bars = after_warm(5)
    row = {"liq_long_usd": 1.0, "liq_short_usd": 0.5, "open_interest": 7.0, "funding_rate": 1.0}
    rows = {bar.open_time: row for bar in bars}
    seen = outcome(facts_of(bars, rows), warm_state())[1][0]
    assert seen.features["1m"]["liq_long_usd"] == 1.0
    assert seen.features["1m"]["oi_delta"] is None
    assert seen.features["1h"]["liq_long_usd"] is None


# --- change of open interest by bar ---------------------------------------------------------------


def test_the_oi_delta_of_an_interval_is_over_its_last_bar() -> None:
    bars = after_warm(31)
    rows = {bar.open_time: {"open_interest": 100.0 + n} for n, bar in enumerate(bars)}
    last = snapshots(facts_of(bars, rows))[-1]
    assert last.features["1m"]["oi_delta"] == pytest.approx(130.0 / 129.0 - 1.0)
    assert last.features["5m"]["oi_delta"] == pytest.approx(129.0 / 124.0 - 1.0)
    assert last.features["15m"]["oi_delta"] == pytest.approx(129.0 / 114.0 - 1.0)
    assert last.features["1h"]["oi_delta"] is None


def test_the_oi_delta_is_unknown_across_a_hole() -> None:
    bars = after_warm(12)
    rows = {bar.open_time: {"open_interest": 100.0 + n} for n, bar in enumerate(bars)}
    del bars[5]
    seen = [e.features["1m"]["oi_delta"] for e in snapshots(facts_of(bars, rows))]
    assert seen[5] is None
    assert [n for n, delta in enumerate(seen) if delta is None] == [0, 5]


# --- funding --------------------------------------------------------------------------------------


@pytest.mark.parametrize(("rate", "direction"), [(0.001, "short"), (-0.001, "long")])
def test_extreme_funding_is_contrarian_and_fires_once(rate: float, direction: str) -> None:
    rows = [{"funding_rate": rate if n >= 5 else 0.0001} for n in range(20)]
    ((minute, event),) = fired(minutes_of([100.0] * 20), rows)
    assert (minute, event.kind, event.direction) == (5, "funding_extreme", direction)
    assert event.strength == pytest.approx(0.5)
    assert event.details == {"rate": rate, "threshold": 0.0005}


@pytest.mark.parametrize(("hours", "need"), [(8, 0.0005), (4, 0.00025), (1, 0.0000625)])
def test_extreme_funding_is_large_for_the_hours_it_is_paid_for(hours: int, need: float) -> None:
    rates = [0.99 * need, need, 2.0 * need]
    rows = [{"funding_rate": rate, "funding_hours": hours} for rate in rates]
    ((minute, event),) = fired(minutes_of([100.0] * 3), rows)
    assert (minute, event.strength) == (1, 0.0)
    assert event.details == {"rate": need, "threshold": need}


@pytest.mark.parametrize("hours", [None, 0, -4])
def test_unknown_hours_are_the_usual_eight(hours: int | None) -> None:
    rows = [{"funding_rate": rate, "funding_hours": hours} for rate in (0.00049, 0.0005)]
    assert [minute for minute, _ in fired(minutes_of([100.0] * 2), rows)] == [1]


def test_extreme_funding_that_was_unknown_for_a_while_does_not_fire_again() -> None:
    rows = [{"funding_rate": None if 8 <= n < 12 else 0.001} for n in range(20)]
    assert [minute for minute, _ in fired(minutes_of([100.0] * 20), rows)] == [0]


def test_funding_may_turn_extreme_again() -> None:
    rows = [{"funding_rate": 0.001 if n % 7 == 0 else 0.0} for n in range(20)]
    assert [minute for minute, _ in fired(minutes_of([100.0] * 20), rows)] == [0, 7, 14]


# --- the memory of events -------------------------------------------------------------------------


def test_an_event_fades_over_a_quarter_of_an_hour() -> None:
    bars = minutes_of([100.0] * 24)
    rates = [0.002 if n == 0 else 0.0 for n in range(24)]
    facts = facts_of(
        bars, {b.open_time: {"funding_rate": r} for b, r in zip(bars, rates, strict=True)}
    )
    state = SymbolState.fresh(SYMBOL)
    for age, fact in enumerate(facts):
        (advanced,) = fold([fact], state)
        state = advanced.state
        (probe,) = fold([_next_with_long_event(fact)], _armed(state))
        assert probe.evaluation is not None
        expected = max(0.0, 1.0 - (age + 1) / 15.0)
        assert probe.evaluation.context["event_short"] == pytest.approx(expected)
        assert probe.evaluation.context["event_long"] == pytest.approx(0.25 + 0.75 * 0.5)


def _next_with_long_event(fact: BarsFact) -> BarsFact:
    bar = replace(fact.bars[0], open_time=fact.bars[0].close_time)
    return replace(fact, bars=(bar,), funding_rate=-0.001)


def test_an_event_in_a_minute_that_never_came_is_not_remembered() -> None:
    """Rings are by minute: what was 15 minutes ago leaves, whether or not bars came since."""
    bars = minutes_of([100.0] * 2)
    late = replace(bars[1], open_time=T0 + 20 * MINUTE_MS)
    beside = {T0: {"funding_rate": 0.002}, late.open_time: {"funding_rate": -0.002}}
    first, _ = outcome(facts_of([bars[0]], beside))
    _, (seen,) = outcome(facts_of([late], beside), _armed(first))
    assert seen.context["event_short"] == 0.0


def test_the_best_event_of_a_minute_counts() -> None:
    policy = everywhere()
    for seed in range(4):
        bars = after_warm(400, seed)
        beside = flows_beside(bars, seed)
        for seen in outcome(facts_of(bars, beside), warm_state(), policy)[1]:
            for side in ("long", "short"):
                mine = [0.25 + 0.75 * e.strength for e in seen.events if e.direction == side]
                value = seen.context[f"event_{side}"]
                assert value is not None
                assert value >= max(mine, default=0.0)


def test_history_leaves_no_events_behind() -> None:
    bars = after_warm(60)
    fact = HistoryFact(SYMBOL, "1m", tuple(bars), "live")
    state = list(fold([fact], warm_state()))[-1].state
    probe = _next_with_long_event(facts_of(bars)[-1])
    (advanced,) = fold([probe], state)
    assert advanced.evaluation is not None
    assert advanced.evaluation.context["event_short"] == 0.0


# --- corners --------------------------------------------------------------------------------------


def test_a_threshold_that_is_just_reached_is_reached() -> None:
    rates = [{"funding_rate": 0.0005 if n >= 5 else 0.0} for n in range(10)]
    ((minute, event),) = fired(minutes_of([100.0] * 10), rates)
    assert (minute, event.strength) == (5, 0.0)
    rows = [{"open_interest": 128.0 * (1.0 + (n >= 30) / 64.0)} for n in range(40)]
    policy = policy_with(events__oi_expansion={"change": 1.0 / 64.0})
    ((minute, event),) = fired(rising(40), rows, policy)
    assert (minute, event.strength) == (30, 0.0)


def test_an_oi_expansion_of_a_price_that_stands_still_has_no_direction() -> None:
    rows = [{"open_interest": 1000.0 * (1.0 + 0.02 * (n >= 30))} for n in range(40)]
    assert fired(minutes_of([100.0] * 40), rows) == []


def test_from_no_open_interest_at_all_there_is_no_relative_change() -> None:
    bars = after_warm(40)
    rows = {bar.open_time: {"open_interest": 0.0 if n < 30 else 9.0} for n, bar in enumerate(bars)}
    seen = snapshots(facts_of(bars, rows))
    assert [e.context["oi_change_15m"] for e in seen] == [None] * 40
    assert seen[30].features["1m"]["oi_delta"] is None
    assert seen[31].features["1m"]["oi_delta"] == 0.0


def test_a_bar_of_history_forgets_what_came_beside_the_one_before() -> None:
    bars = after_warm(16)
    row = {"open_interest": 7.0, "liq_long_usd": 1.0, "liq_short_usd": 2.0}
    facts = facts_of(bars, {bar.open_time: row for bar in bars})
    state, _ = outcome(facts[:10], warm_state())
    five = facts[14].bars[1]
    (probe,) = snapshots([facts[10]], state)
    assert (probe.features["5m"]["oi_delta"], probe.features["5m"]["liq_long_usd"]) == (0.0, 5.0)
    told_of, _ = outcome([HistoryFact(SYMBOL, "5m", (five,), "live")], state)
    (probe,) = snapshots([facts[10]], told_of)
    assert probe.features["5m"]["oi_delta"] is None
    assert probe.features["5m"]["liq_long_usd"] is None
    assert probe.features["5m"]["liq_short_usd"] is None


def test_the_flows_of_4h_and_1d_are_those_of_all_their_minutes() -> None:
    bars = after_warm(1440)
    rows = {bar.open_time: {"liq_long_usd": 1.0, "liq_short_usd": 2.0} for bar in bars}
    s = outcome(facts_of(bars, rows), warm_state())[0].buffer
    for block, minutes in ((FOUR_HOUR_BLOCK, 240.0), (DAY_BLOCK, 1440.0)):
        assert (s[block + FLOW_LONG], s[block + FLOW_SHORT]) == (minutes, 2.0 * minutes)
    del bars[700]
    s = outcome(facts_of(bars, rows), warm_state())[0].buffer
    assert s[FOUR_HOUR_BLOCK + FLOW_LONG] == 240.0, "the last four hours are whole"
    assert isnan(s[DAY_BLOCK + FLOW_LONG]), "no bar of that day: its history is all that is known"
