"""Single facts through the fold: what is new, what is old, and what holes leave behind."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import replace

import pytest
from signalengine.decisions import decide
from signalengine.facts.stream import Bar, BarsFact, HistoryFact, Quality
from signalengine.fold import SymbolState, advance, unwarm
from signalengine.intervals import (
    CLASSIC_INTERVALS,
    INTERVAL_MS,
    INTERVALS,
    MINUTE_MS,
    closing_at,
)
from signalengine.layout import BLOCKS, COUNT, FUNDING_ON, GAP_S
from signalengine.policy import default_policy
from signalengine.signals import Evaluation, to_json

from .markets import (
    SYMBOL,
    T0,
    WalkRegime,
    after_warm,
    everywhere,
    facts_beside,
    facts_of,
    flows_beside,
    fold,
    history_of,
    longer,
    outcome,
    texts,
    walk,
    warm_minutes,
    warm_state,
)

POLICY = everywhere()


# --- one fact -------------------------------------------------------------------------------------


def test_a_fresh_symbol_has_no_history() -> None:
    state = SymbolState.fresh(SYMBOL)
    assert (state.revision, state.last_close_time) == (0, 0)
    assert SymbolState.from_bytes(SYMBOL, state.to_bytes()) == state


def test_a_fact_with_new_bars_raises_the_revision_and_the_time() -> None:
    fact = facts_of(after_warm(60))[-1]
    advanced = advance(warm_state(), fact, POLICY)
    assert advanced.state.revision == warm_state().revision + 1
    assert advanced.state.last_close_time == fact.close_time == T0 + 60 * MINUTE_MS
    assert sorted(bar.interval for bar in advanced.accepted) == sorted(closing_at(fact.close_time))
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
    facts = history_of(warm_minutes())
    for fact, advanced in zip(facts, fold(facts, policy=POLICY), strict=True):
        assert advanced.ignored == 0
        again = HistoryFact(SYMBOL, fact.interval, (*fact.bars[-2:], _next(fact.bars[-1])), "live")
        assert advance(advanced.state, again, POLICY).ignored == 2
        assert advanced.evaluation is None
        assert advanced.accepted == ()


def _next(bar: Bar) -> Bar:
    return replace(bar, open_time=bar.close_time)


def test_whole_numbers_and_floats_are_the_same_fact() -> None:
    """A cached state and one read back from bytes must agree, to the byte."""
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
    theirs, found = outcome(facts_of(floats, beside), policy=POLICY)
    assert texts(seen) == texts(found)
    assert ours == theirs
    assert all(type(x) is float for x in ours.buffer)


def test_an_evaluation_has_the_source_of_its_bar() -> None:
    fact = replace(
        facts_of(after_warm(1))[0], source="rest", market="recording", sent_at=T0 + 99_000,
        quality=Quality(gap_s=60.0, stream_age_ms=1234), funding_rate=0.01,
    )  # fmt: skip
    seen = advance(warm_state(), fact, POLICY)
    assert seen.evaluation is not None
    shown = json.loads(to_json(seen.evaluation))
    assert (shown["source"], shown["market"], shown["sent_at"]) == (
        "rest",
        "recording",
        T0 + 99_000,
    )
    assert shown["quality"] == {"gap_s": 60.0, "stream_age_ms": 1234}
    assert seen.state.buffer[GAP_S] == 60.0


def test_a_quiet_close_is_not_evaluated() -> None:
    quiet = [
        replace(f, funding_rate=None) for f in facts_of(walk(200, regime=WalkRegime(dead=1.0)))
    ]
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
    tainted = {i: [e.close_time for e in seen if i in e.tainted] for i in CLASSIC_INTERVALS}
    after = missing.close_time + MINUTE_MS
    assert tainted["1m"] == [after + k * MINUTE_MS for k in range(23)]
    # the longer bars that contain it were never built: the next of each finds the hole
    assert min(tainted["5m"]) == missing.open_time // 300_000 * 300_000 + 600_000
    assert len(tainted["5m"]) == 23 * 5
    assert min(tainted["1h"]) == T0 + 2 * INTERVAL_MS["1h"]


def test_a_market_without_holes_is_never_tainted() -> None:
    seen = outcome(facts_beside(3, hole=False), warm_state(), POLICY)[1]
    assert {e.tainted for e in seen} == {()}


def test_an_interval_is_unwarm_until_it_has_64_bars() -> None:
    seen = probed(facts_of(walk(66 * 15)), SymbolState.fresh(SYMBOL))
    by_time = {(e.close_time - T0) // MINUTE_MS: e.unwarm for e in seen}
    assert by_time[63] == CLASSIC_INTERVALS
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
    """With the rest of its item it fits three write units, 3,072 bytes."""
    minutes = after_warm(1440)
    state, _ = outcome(facts_of(minutes, flows_beside(minutes)), warm_state())
    assert len(state.buffer) == len(SymbolState.fresh(SYMBOL).buffer)
    assert len(state.to_bytes()) < 3 * 1024 - 40


def test_an_event_names_the_interval_whose_bar_closed() -> None:
    minutes = after_warm(1440, 4)
    _, seen = outcome(facts_of(minutes, flows_beside(minutes, 4)), warm_state(), POLICY)
    events = [(e.close_time, event) for e in seen for event in e.events]
    assert {event.interval for _, event in events} == set(CLASSIC_INTERVALS)
    for close_time, event in events:
        assert close_time % INTERVAL_MS[event.interval] == 0
        if event.kind in ("volume_spike", "oi_expansion", "funding_extreme"):
            assert event.interval == "1m"
    breaks = [(t, e) for t, e in events if e.kind == "structure_break"]
    closes = {
        (interval, bar.close_time): bar.close
        for interval in CLASSIC_INTERVALS
        for bar in longer(minutes, interval)
    }
    assert all(closes[e.interval, t] == e.details["close"] for t, e in breaks)


def test_minutes_that_a_followed_symbol_missed_come_back_from_history() -> None:
    """A feed that was away sends them as history: no events, but open signals need the bars."""
    bars = walk(40)
    warm = HistoryFact(SYMBOL, "1m", tuple(bars[:19]), "live")
    state = advance(SymbolState.fresh(SYMBOL), warm, POLICY).state
    assert not state.followed
    live = BarsFact(SYMBOL, (bars[19],), "live", "ws", bars[19].close_time)
    state = SymbolState.from_bytes(SYMBOL, advance(state, live, POLICY).state.to_bytes())
    assert state.followed
    again = HistoryFact(SYMBOL, "1m", tuple(bars[10:30]), "live")
    back = advance(state, again, POLICY)
    assert back.accepted == tuple(bars[20:30])
    assert back.evaluation is None
    assert advance(back.state, again, POLICY).accepted == ()


# --- the rules of a policy ------------------------------------------------------------------------


def test_a_policys_evaluations_and_decisions_are_those_of_before_4h_and_1d() -> None:
    """The digest of all of them over a day, as the code without these intervals stored them.

    But for the reason, which is text for people.
    """
    regime = WalkRegime(price=warm_minutes()[-1].close, step=8e-4)
    minutes = after_warm(1440, 21, regime)
    found, signals, cooldown = hashlib.sha256(), 0, None
    known = facts_of(minutes, flows_beside(minutes, 21, known=0.98))
    facts = [replace(fact, tick_size=None) for fact in known]
    for evaluation in outcome(facts, warm_state())[1]:
        decided = decide(evaluation, cooldown, default_policy(), "test")
        cooldown = decided.cooldown
        decision = replace(decided.decision, reason="")
        found.update((to_json(evaluation) + to_json(decision)).encode())
        if decided.signal is not None:
            found.update(to_json(decided.signal).encode())
            signals += 1
    assert (signals, found.hexdigest()[:16]) == (2, "1194b8680c82f191")


def test_a_symbol_without_days_behind_it_is_warm_for_the_rules_of_a_policy() -> None:
    state, count = warm_state(), {i: BLOCKS[n] + COUNT for n, i in enumerate(INTERVALS)}
    assert state.buffer[count["1d"]] == 4.0
    fact = replace(facts_of(after_warm(1))[0], funding_rate=0.01)
    evaluation = advance(state, fact, POLICY).evaluation
    assert evaluation is not None
    assert (evaluation.unwarm, evaluation.tainted) == ((), ())
    assert tuple(evaluation.features) == CLASSIC_INTERVALS
    assert unwarm(state.buffer, INTERVALS, 64) == ("4h", "1d")
