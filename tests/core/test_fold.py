"""Laws of the fold: it looks back only, takes each fact once, and forgets nothing it stores."""

import json
import random
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from math import isfinite
from typing import Any, TypeVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from signalengine.decisions import Decided, decide
from signalengine.facts import Bar, BarsFact, HistoryFact, Quality
from signalengine.fold import SymbolState, advance
from signalengine.intervals import INTERVAL_MS, INTERVALS, MINUTE_MS
from signalengine.layout import FUNDING_ON, GAP_S
from signalengine.policy import default_policy
from signalengine.signals import Cooldown, Evaluation, evaluation_from_json, to_json

from .markets import (
    SYMBOL,
    T0,
    Weather,
    after_warm,
    everywhere,
    facts_of,
    flows_beside,
    fold,
    history_of,
    longer,
    outcome,
    scaled,
    walk,
    warm_minutes,
    warm_state,
)

AnyFact = TypeVar("AnyFact", BarsFact, HistoryFact)
SEEDS = st.integers(0, 10**6)
FEW = settings(max_examples=6)
POLICY = everywhere()
HARSH = (
    Weather(),
    Weather(calm=0.7),
    Weather(dead=0.6),
    Weather(dead=1.0),
    Weather(price=3e-8, decimals=11, step=3e-3, volume=1e11),
    Weather(price=1e6, decimals=0, step=3e-3, volume=1e-3),
    Weather(jumps=0.5, step=1e-2),
    Weather(quotes=False, drift=2e-4),
)


def told(evaluations: Sequence[Evaluation]) -> list[str]:
    return [to_json(e) for e in evaluations]


def market(seed: int, count: int = 420, hole: bool = True) -> list[BarsFact]:
    """Facts after the warm-up, with flows, some unknown, and a hole."""
    minutes = after_warm(count, seed)
    beside = flows_beside(minutes, seed, known=0.97)
    if hole:
        at = 100 + seed % 200
        del minutes[at : at + 1 + seed % 7]
    return facts_of(minutes, beside)


# --- laws -----------------------------------------------------------------------------------------


@given(SEEDS, SEEDS, st.integers(150, 400))
@FEW
def test_what_is_known_at_a_bar_never_depends_on_later_bars(seed: int, other: int, at: int) -> None:
    facts = market(seed)
    cut = facts[at - 1].close_time
    start = facts[at - 1].bars[0].close
    future = walk(90, other, Weather(price=start * 1.1, step=5e-3), cut)
    _, ours = outcome(facts, warm_state(), POLICY)
    _, theirs = outcome([*facts[:at], *facts_of(future)], warm_state(), POLICY)
    until = [[e for e in told if e.close_time <= cut] for told in (ours, theirs)]
    assert len(until[0]) > 5
    assert told(until[0]) == told(until[1])


@given(SEEDS)
@FEW
def test_a_fact_told_again_changes_nothing(seed: int) -> None:
    """Each fact comes one to three times, and old ones come back in between."""
    rng = random.Random(seed)
    history, facts = history_of(warm_minutes()), market(seed)
    once: list[BarsFact | HistoryFact] = [*history, *facts]
    often: list[BarsFact | HistoryFact] = []
    for n, fact in enumerate(once):
        often += [fact] * rng.choice((1, 1, 2, 3))
        if rng.random() < 0.2:
            often.append(once[rng.randrange(n + 1)])
    state, evaluations = outcome(once, policy=POLICY)
    again, repeated = outcome(often, policy=POLICY)
    assert again == state
    assert again.revision == len(once)
    assert told(repeated) == told(evaluations)


@given(SEEDS)
@FEW
def test_a_state_restored_from_its_bytes_goes_on_the_same(seed: int) -> None:
    rng, facts = random.Random(seed), market(seed)
    state, evaluations = outcome(facts, warm_state(), POLICY)
    other, seen = warm_state(), []
    for fact in facts:
        if rng.random() < 0.1:
            other = SymbolState.from_bytes(SYMBOL, other.to_bytes())
        advanced = advance(other, fact, POLICY)
        other = advanced.state
        seen += [] if advanced.evaluation is None else [advanced.evaluation]
    assert other == state
    assert told(seen) == told(evaluations)


@given(SEEDS)
@FEW
def test_a_state_is_replaced_never_changed(seed: int) -> None:
    state = SymbolState(SYMBOL, tuple(warm_state().buffer))  # a tuple refuses to be written to
    for fact in market(seed, 60):
        after = advance(state, fact, POLICY).state
        assert after is not state
        state = SymbolState(SYMBOL, tuple(after.buffer))
    history = HistoryFact(SYMBOL, "1m", tuple(walk(10, start=T0 + 10**7 * 60)), "live")
    assert advance(state, history, POLICY).state is not state


@given(SEEDS, st.integers(-20, 16), st.integers(-3, 3))
@FEW
def test_prices_and_volumes_in_other_units_decide_the_same(
    seed: int, power: int, volume: int
) -> None:
    """Powers of two are exact: the same events, scores and verdicts, levels that many times."""
    price, size = 2.0**power, 16.0**volume
    facts = market(seed)
    others = [_in_units(fact, price, size) for fact in facts]
    warm = [replace(f, bars=tuple(scaled(b, price, size) for b in f.bars)) for f in _warm_facts()]
    _, ours = outcome(facts, warm_state(), POLICY)
    _, theirs = outcome(others, outcome(warm)[0], POLICY)
    assert len(ours) == len(theirs) > 10
    for a, b in zip(_decided(ours), _decided(theirs), strict=True):
        assert (a.decision.verdict, a.decision.scores) == (b.decision.verdict, b.decision.scores)
        if a.signal is not None and b.signal is not None:
            levels = (a.signal.entry_price, a.signal.tp_price, a.signal.sl_price)
            assert (b.signal.entry_price, b.signal.tp_price, b.signal.sl_price) == tuple(
                level * price for level in levels
            )


def _warm_facts() -> list[HistoryFact]:
    return history_of(warm_minutes())


def _in_units(fact: BarsFact, price: float, size: float) -> BarsFact:
    value = price * size
    return replace(
        fact, bars=tuple(scaled(bar, price, size) for bar in fact.bars),
        liq_long_usd=None if fact.liq_long_usd is None else fact.liq_long_usd * value,
        liq_short_usd=None if fact.liq_short_usd is None else fact.liq_short_usd * value,
    )  # fmt: skip


def _decided(evaluations: Sequence[Evaluation]) -> list[Decided]:
    out: list[Decided] = []
    cooldown: Cooldown | None = None
    for evaluation in evaluations:
        out.append(decide(evaluation, cooldown, default_policy(), "test"))
        cooldown = out[-1].cooldown
    return out


@given(SEEDS)
@FEW
def test_the_market_upside_down_speaks_for_the_other_side(seed: int) -> None:
    """Prices negated, which is exact: the components of long are those of short.

    Of bars alone: what a price is compared with (quote volume, its own past) is not negated.
    """
    facts = facts_of(after_warm(420, seed))
    ours, theirs = (
        outcome([_turned(fact, sign) for fact in facts], _turned_state(sign), POLICY)[1]
        for sign in (1.0, -1.0)
    )
    assert [e.close_time for e in ours] == [e.close_time for e in theirs]
    for a, b in zip(_scored(ours), _scored(theirs), strict=True):
        for side, other in (("long", "short"), ("short", "long")):
            assert a[side].backed == b[other].backed
            assert a[side].missing == b[other].missing
            assert a[side].score == pytest.approx(b[other].score, abs=2e-6)


def _scored(evaluations: Sequence[Evaluation]) -> list[Any]:
    return [decide(e, None, default_policy(), "test").decision.scores for e in evaluations]


def _turned(fact: AnyFact, sign: float) -> AnyFact:
    return replace(fact, bars=tuple(_turned_bar(bar, sign) for bar in fact.bars))


def _turned_bar(bar: Bar, sign: float) -> Bar:
    low, high = sorted((sign * bar.low, sign * bar.high))
    return replace(
        bar, open=sign * bar.open, high=high, low=low, close=sign * bar.close, quote_volume=None
    )


@cache
def _turned_state(sign: float) -> SymbolState:
    return outcome([_turned(fact, sign) for fact in history_of(warm_minutes())])[0]


@given(SEEDS, st.sampled_from(HARSH), st.booleans())
@settings(max_examples=24)
def test_whatever_the_market_all_that_is_told_is_finite_and_reads_back(
    seed: int, weather: Weather, warm: bool
) -> None:
    """to_json refuses NaN and infinity."""
    minutes = after_warm(240, seed, weather) if warm else walk(240, seed, weather)
    facts = facts_of(minutes, flows_beside(minutes, seed, 0.9))
    state, evaluations = outcome(facts, warm_state() if warm else None, POLICY)
    assert SymbolState.from_bytes(SYMBOL, state.to_bytes()) == state
    for evaluation, decided in zip(evaluations, _decided(evaluations), strict=True):
        assert evaluation_from_json(to_json(evaluation)) == evaluation
        assert all(0.0 <= event.strength <= 1.0 for event in evaluation.events)
        assert all(isfinite(x) for event in evaluation.events for x in event.details.values())
        assert "NaN" not in to_json(decided.decision)
        assert decided.signal is None or to_json(decided.signal)


@given(SEEDS)
@FEW
def test_how_history_is_cut_into_facts_does_not_matter(seed: int) -> None:
    rng, minutes = random.Random(seed), walk(700, seed)
    whole = outcome([HistoryFact(SYMBOL, "1m", tuple(minutes), "live")])[0]
    parts, at = [], 0
    while at < len(minutes):
        size = rng.randrange(1, 200)
        parts.append(HistoryFact(SYMBOL, "1m", tuple(minutes[at : at + size]), "live"))
        at += size
    pieces = outcome(parts)[0]
    assert pieces.revision == len(parts)
    assert list(pieces.buffer[1:]) == pytest.approx(list(whole.buffer[1:]), nan_ok=True, abs=0.0)


def test_history_and_live_bars_lead_to_the_same_indicators() -> None:
    minutes = after_warm(120)
    by_history = outcome(history_of([*warm_minutes(), *minutes]))[0]
    by_bars = outcome(facts_of(minutes), warm_state())[0]
    seen = []
    for state in (by_history, by_bars):
        probe = replace(facts_of(after_warm(121))[-1], funding_rate=0.01)
        evaluation = advance(state, probe, POLICY).evaluation
        assert evaluation is not None
        seen.append(evaluation.features)
    for interval in INTERVALS:
        for name, value in seen[0][interval].items():
            if not name.startswith(("liq", "oi")):
                assert seen[1][interval][name] == value, (interval, name)


# --- one fact -------------------------------------------------------------------------------------


def test_a_fresh_symbol_knows_nothing() -> None:
    state = SymbolState.fresh(SYMBOL)
    assert (state.revision, state.last_close_time) == (0, 0)
    assert SymbolState.from_bytes(SYMBOL, state.to_bytes()) == state


def test_a_fact_with_new_bars_raises_the_revision_and_the_time() -> None:
    fact = facts_of(after_warm(60))[-1]
    advanced = advance(warm_state(), fact, POLICY)
    assert advanced.state.revision == warm_state().revision + 1
    assert advanced.state.last_close_time == fact.close_time == T0 + 60 * MINUTE_MS
    assert sorted(bar.interval for bar in advanced.accepted) == sorted(INTERVALS)
    assert advanced.ignored == 0


@pytest.mark.parametrize("back", [0, 1, 30])
def test_a_stale_bar_changes_nothing(back: int) -> None:
    facts = facts_of(after_warm(61))
    state, _ = outcome(facts, warm_state())
    stale = facts[60 - back]
    advanced = advance(state, stale, POLICY)
    assert advanced.state is state
    assert (advanced.accepted, advanced.evaluation) == ((), None)
    assert advanced.ignored == len(stale.bars)


def test_a_longer_bar_that_is_known_already_is_left_out() -> None:
    minutes = after_warm(5)
    history = HistoryFact(SYMBOL, "5m", tuple(longer(minutes, "5m")), "live")
    (fact,) = facts_of(minutes)[-1:]
    state = advance(warm_state(), history, POLICY).state
    advanced = advance(state, fact, POLICY)
    assert [bar.interval for bar in advanced.accepted] == ["1m"]
    assert advanced.ignored == 1


def test_an_empty_history_makes_a_symbol_known_and_then_changes_nothing() -> None:
    empty = HistoryFact(SYMBOL, "1m", (), "live")
    known = advance(SymbolState.fresh(SYMBOL), empty, POLICY).state
    assert known.revision == 1
    assert advance(known, empty, POLICY).state is known


def test_history_causes_no_evaluation_and_stores_no_bars() -> None:
    facts = _warm_facts()
    for fact, advanced in zip(facts, fold(facts, policy=POLICY), strict=True):
        assert advanced.ignored == 0
        again = HistoryFact(SYMBOL, fact.interval, (*fact.bars[-2:], _next(fact.bars[-1])), "live")
        assert advance(advanced.state, again, POLICY).ignored == 2
        assert advanced.evaluation is None
        assert advanced.accepted == ()


def _next(bar: Bar) -> Bar:
    return replace(bar, open_time=bar.close_time)


def test_whole_numbers_and_floats_are_the_same_fact() -> None:
    """What was cached and what was read back from bytes must say the same, to the byte."""
    minutes = [
        Bar("1m", T0 + n * MINUTE_MS, 100 + n % 7, 110 + n % 7, 90, 95 + n % 7, 10 + n % 3, 1000)
        for n in range(180)
    ]
    floats = [
        replace(
            b, open=float(b.open), high=float(b.high), low=float(b.low), close=float(b.close),
            volume=float(b.volume), quote_volume=1000.0,
        )
        for b in minutes
    ]  # fmt: skip
    beside = {
        b.open_time: {"open_interest": 5 + n // 40, "funding_rate": n // 90}
        for n, b in enumerate(minutes)
    }
    ours, seen = outcome(facts_of(minutes, beside), policy=POLICY)
    theirs, told_of = outcome(facts_of(floats, beside), policy=POLICY)
    assert told(seen) == told(told_of)
    assert ours == theirs
    assert all(type(x) is float for x in ours.buffer)


def test_an_evaluation_says_where_its_bar_came_from() -> None:
    fact = replace(
        facts_of(after_warm(1))[0], source="rest", market="recording", sent_at=T0 + 99_000,
        quality=Quality(gap_s=60.0, stream_age_ms=1234), funding_rate=0.01,
    )  # fmt: skip
    seen = advance(warm_state(), fact, POLICY)
    assert seen.evaluation is not None
    told_of = json.loads(to_json(seen.evaluation))
    assert (told_of["source"], told_of["market"], told_of["sent_at"]) == (
        "rest",
        "recording",
        T0 + 99_000,
    )
    assert told_of["quality"] == {"gap_s": 60.0, "stream_age_ms": 1234}
    assert seen.state.buffer[GAP_S] == 60.0


def test_a_quiet_close_is_not_evaluated() -> None:
    quiet = [replace(f, funding_rate=None) for f in facts_of(walk(200, weather=Weather(dead=1.0)))]
    assert outcome(quiet, policy=POLICY)[1] == []


# --- holes and warmth -----------------------------------------------------------------------------


def probed(facts: Sequence[BarsFact], state: SymbolState) -> list[Evaluation]:
    """An evaluation of every minute: funding is extreme in each, and each time for the first."""
    out = []
    for fact in facts:
        buffer = list(state.buffer)
        buffer[FUNDING_ON] = 0.0
        armed = SymbolState(state.symbol, buffer)
        advanced = advance(armed, replace(fact, funding_rate=0.01), POLICY)
        assert advanced.evaluation is not None
        out.append(advanced.evaluation)
        state = advanced.state
    return out


def test_a_hole_taints_an_interval_until_its_window_is_clean() -> None:
    minutes = after_warm(200)
    missing = minutes.pop(50)
    seen = probed(facts_of(minutes), warm_state())
    tainted = {i: [e.close_time for e in seen if i in e.tainted] for i in INTERVALS}
    after = missing.close_time + MINUTE_MS
    assert tainted["1m"] == [after + k * MINUTE_MS for k in range(23)]
    # the longer bars that contain it were never built: the next of each finds the hole
    assert min(tainted["5m"]) == missing.open_time // 300_000 * 300_000 + 600_000
    assert len(tainted["5m"]) == 23 * 5
    assert min(tainted["1h"]) == T0 + 2 * INTERVAL_MS["1h"]


def test_a_market_without_holes_is_never_tainted() -> None:
    seen = outcome(market(3, hole=False), warm_state(), POLICY)[1]
    assert {e.tainted for e in seen} == {()}


def test_an_interval_is_unwarm_until_it_has_64_bars() -> None:
    seen = probed(facts_of(walk(66 * 15)), SymbolState.fresh(SYMBOL))
    by_time = {(e.close_time - T0) // MINUTE_MS: e.unwarm for e in seen}
    assert by_time[63] == INTERVALS
    assert by_time[64] == ("5m", "15m", "1h")
    assert by_time[319] == ("5m", "15m", "1h")
    assert by_time[320] == ("15m", "1h")
    assert by_time[960] == ("1h",)


def test_the_longer_bars_of_a_close_are_in_its_evaluation() -> None:
    """They are folded before the 1m bar that triggers it, whatever their order in the fact."""
    fact = replace(facts_of(after_warm(60))[-1], funding_rate=0.01)
    backwards = replace(fact, bars=(fact.bars[0], *reversed(fact.bars[1:])))
    one, other = (advance(warm_state(), f, POLICY) for f in (fact, backwards))
    assert one.evaluation == other.evaluation
    assert one.evaluation is not None
    assert {i: row["close"] for i, row in one.evaluation.features.items()} == {
        bar.interval: bar.close for bar in fact.bars
    }


def test_the_state_stays_small() -> None:
    """With the rest of its item it fits two write units, 2,048 bytes."""
    minutes = after_warm(1440)
    state, _ = outcome(facts_of(minutes, flows_beside(minutes)), warm_state())
    assert len(state.buffer) == len(SymbolState.fresh(SYMBOL).buffer)
    assert len(state.to_bytes()) < 2020


def test_an_event_names_the_interval_whose_bar_closed() -> None:
    minutes = after_warm(1440, 4)
    _, seen = outcome(facts_of(minutes, flows_beside(minutes, 4)), warm_state(), POLICY)
    events = [(e.close_time, event) for e in seen for event in e.events]
    assert {event.interval for _, event in events} == set(INTERVALS)
    for close_time, event in events:
        assert close_time % INTERVAL_MS[event.interval] == 0
        if event.kind in ("volume_spike", "oi_expansion", "funding_extreme"):
            assert event.interval == "1m"
    breaks = [(t, e) for t, e in events if e.kind == "structure_break"]
    closes = {
        (interval, bar.close_time): bar.close
        for interval in INTERVALS
        for bar in longer(minutes, interval)
    }
    assert all(closes[e.interval, t] == e.details["close"] for t, e in breaks)


def test_minutes_that_a_followed_symbol_missed_come_back_from_history() -> None:
    """A feed that was away tells them as history: no events, but open signals need the bars."""
    bars = walk(40)
    warm = HistoryFact(SYMBOL, "1m", tuple(bars[:19]), "live")
    state = advance(SymbolState.fresh(SYMBOL), warm, POLICY).state
    assert not state.followed
    told = BarsFact(SYMBOL, (bars[19],), "live", "ws", bars[19].close_time)
    state = SymbolState.from_bytes(SYMBOL, advance(state, told, POLICY).state.to_bytes())
    assert state.followed
    again = HistoryFact(SYMBOL, "1m", tuple(bars[10:30]), "live")
    back = advance(state, again, POLICY)
    assert back.accepted == tuple(bars[20:30])
    assert back.evaluation is None
    assert advance(back.state, again, POLICY).accepted == ()
