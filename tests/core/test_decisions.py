"""Deciding: every verdict and their order, levels on the right side, cooldowns, retries."""

from dataclasses import replace
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from signalengine import verdicts
from signalengine.decisions import Decided, decide, enabled_kinds
from signalengine.kinds import KINDS
from signalengine.policy import Policy, default_policy
from signalengine.signals import (
    COMPONENTS,
    Cooldown,
    Evaluation,
    Verdict,
    decision_from_json,
    signal_from_json,
    signal_id,
    to_json,
)

from tests.examples import examples

from .markets import (
    SYMBOL,
    T0,
    after_warm,
    facts_of,
    flows_beside,
    outcome,
    policy_with,
    warm_state,
)
from .samples import evaluation

POLICY = default_policy()
BOTH = {"context": {"event_long": 1.0, "event_short": 1.0}}


def ruled(e: Evaluation, cooldown: Cooldown | None = None, policy: Policy = POLICY) -> Decided:
    return decide(e, cooldown, policy, "test")


def verdict(e: Evaluation, cooldown: Cooldown | None = None, policy: Policy = POLICY) -> Verdict:
    return ruled(e, cooldown, policy).decision.verdict


def cooldown(**changes: Any) -> Cooldown:
    return replace(Cooldown(SYMBOL, last_scored=T0 - 60_000), **changes)


# --- verdicts -------------------------------------------------------------------------------------

COLD = cooldown(until=T0 + 1)
FREE_FALL = evaluation(-1.0, atr=51.0)
NOTHING: dict[str, Any] = {"context": {"event_long": 0.0, "event_short": 0.0}}
WITHOUT_DATA: dict[str, Any] = {"context": {"atr_15m_ema": None, "vwap_bars": 5.0}}
FLAT = {
    i: {"ema_21_before": 100.0, "vwap": 100.0, "last_break": 0.0} for i in ("1m", "5m", "15m", "1h")
}


def weak(**more: Any) -> Evaluation:
    e = evaluation(**more)
    rows = {i: {**row, **FLAT[i]} for i, row in e.features.items()}
    return replace(e, features=rows)


def torn() -> Evaluation:
    return replace(weak(**BOTH), context={**weak(**BOTH).context, "atr_15m_ema": 0.1})


CASES = {
    Verdict.EMITTED: (evaluation(), None),
    Verdict.BELOW_THRESHOLD: (weak(context={"atr_15m_ema": 9.0}), None),
    Verdict.TIE: (torn(), None),
    Verdict.COOLDOWN: (evaluation(), COLD),
    Verdict.NOT_WARM: (evaluation(unwarm=("1h",)), None),
    Verdict.GAP: (evaluation(tainted=("5m",)), None),
    Verdict.STALE_DATA: (evaluation(sent_at=T0 + 30_001), None),
    Verdict.INSUFFICIENT_DATA: (evaluation(**WITHOUT_DATA), None),
    Verdict.COST_TOO_HIGH: (evaluation(atr=0.17), None),
    Verdict.OUT_OF_ORDER: (evaluation(), cooldown(last_scored=T0 + 60_000)),
    Verdict.OUT_OF_RANGE: (FREE_FALL, None),
    Verdict.BELOW_TICK: (evaluation(tick_size=1.0), None),
}


def test_no_verdict_is_left_out_here() -> None:
    """A model's veto and protections have tests of their own."""
    assert {*CASES, Verdict.MODEL_VETO, Verdict.PROTECTED} == set(Verdict)


@pytest.mark.parametrize("expected", list(CASES))
def test_every_verdict_is_reached_with_its_reason(expected: Verdict) -> None:
    decided = ruled(*CASES[expected])
    assert decided.decision.verdict is expected
    assert decided.decision.reason
    assert (decided.signal is not None) == (expected is Verdict.EMITTED)
    assert (decided.decision.signal_id is not None) == (expected is Verdict.EMITTED)
    assert decision_from_json(to_json(decided.decision)) == decided.decision


REASONS = {
    Verdict.EMITTED: "long scores 100.0%",
    Verdict.BELOW_THRESHOLD: "long scores 14.3%, 50% needed",
    Verdict.TIE: "long and short both score 35.7%",
    Verdict.COOLDOWN: "cooling down for another 1 s",
    Verdict.NOT_WARM: "warming up: 1h",
    Verdict.GAP: "a hole in the bars of 5m",
    Verdict.STALE_DATA: "the bar came 30.0 s late",
    Verdict.INSUFFICIENT_DATA: "data for 45% of the weights, 60% needed",
    Verdict.COST_TOO_HIGH: "TP is 0.34% away, costs need 0.36%",
    Verdict.OUT_OF_ORDER: "the close of 2025-05-19 00:01:00 UTC was scored before",
    Verdict.OUT_OF_RANGE: "an ATR of 51.00% of the price leaves no room for TP and SL",
    Verdict.BELOW_TICK: "on ticks of 1, TP 101 and SL 100 leave no room at 100",
}


@pytest.mark.parametrize("expected", list(CASES))
def test_a_reason_names_its_numbers(expected: Verdict) -> None:
    assert ruled(*CASES[expected]).decision.reason == REASONS[expected]


@pytest.mark.parametrize(
    ("side", "before", "left"),
    [
        (1.0, cooldown(until=T0 + 5000, long_until=T0 + 9000, short_until=T0 + 99_000), "9 s"),
        (-1.0, cooldown(until=T0 + 5000, long_until=T0 + 99_000, short_until=T0 + 7500), "8 s"),
        (1.0, cooldown(until=T0 + 3_300_000, long_until=T0), "55 min"),
    ],
)
def test_a_cooldown_has_its_remaining_time_in_the_reason(
    side: float, before: Cooldown, left: str
) -> None:
    decided = ruled(evaluation(side), before)
    assert decided.decision.reason == f"cooling down for another {left}"


ORDER = (
    Verdict.OUT_OF_ORDER, Verdict.NOT_WARM, Verdict.GAP, Verdict.STALE_DATA,
    Verdict.INSUFFICIENT_DATA, Verdict.TIE, Verdict.BELOW_THRESHOLD, Verdict.COST_TOO_HIGH,
    Verdict.OUT_OF_RANGE, Verdict.BELOW_TICK, Verdict.COOLDOWN, Verdict.EMITTED,
)  # fmt: skip


def test_the_first_verdict_that_applies_is_the_verdict() -> None:
    """An evaluation with everything against it; one obstacle after the other is taken away."""
    late = cooldown(last_scored=T0 + 60_000, until=T0 + 1)
    e = replace(
        torn(), unwarm=("1h",), tainted=("1h",), sent_at=T0 + 99_000,
        context={**torn().context, "atr_15m_ema": None, "vwap_bars": 5.0},
    )  # fmt: skip
    seen = [verdict(e, late)]
    late = replace(late, last_scored=T0)
    seen.append(verdict(e, late))
    e = replace(e, unwarm=())
    seen.append(verdict(e, late))
    e = replace(e, tainted=())
    seen.append(verdict(e, late))
    e = replace(e, sent_at=T0)
    seen.append(verdict(e, late))
    e = replace(e, context={**e.context, "atr_15m_ema": 9.0, "vwap_bars": 600.0})
    seen.append(verdict(e, late))
    e = replace(e, context={**e.context, "event_short": 0.0})
    seen.append(verdict(e, late))
    e = evaluation(atr=0.17)
    seen.append(verdict(e, late))
    e = evaluation(-1.0, atr=51.0, tick_size=1.0)
    seen.append(verdict(e, late))
    e = evaluation(tick_size=1.0)
    seen.append(verdict(e, late))
    e = evaluation()
    seen.append(verdict(e, late))
    seen.append(verdict(e))
    assert tuple(seen) == ORDER


def test_the_numbers_of_the_verdicts_are_their_places() -> None:
    assert [getattr(verdicts, v.name) for v in Verdict] == list(range(len(Verdict)))


@pytest.mark.parametrize(
    ("late", "expected"),
    [(0, "emitted"), (30_000, "emitted"), (30_001, "stale_data"), (-5, "emitted")],
)
def test_a_bar_is_fresh_for_30_seconds(late: int, expected: str) -> None:
    assert verdict(evaluation(sent_at=T0 + late)) == expected


def test_the_cost_gate_is_three_round_trips() -> None:
    """2 ATR of 0.18 % are 36 bps: 3 × (2 × 5 + 2 × 1)."""
    assert verdict(evaluation(price=1000.0, atr=1.8)) is Verdict.EMITTED
    assert verdict(evaluation(price=1000.0, atr=1.7999)) is Verdict.COST_TOO_HIGH
    free = policy_with(cost_gate=0.0, threshold=0.3)
    assert verdict(evaluation(price=1000.0, atr=0.01), policy=free) is Verdict.EMITTED
    assert verdict(evaluation(price=1000.0, atr=0.0), policy=free) is Verdict.COST_TOO_HIGH
    assert verdict(evaluation(price=1000.0, atr=1e-14), policy=free) is Verdict.OUT_OF_RANGE


def test_an_unknown_atr_costs_too_much() -> None:
    e = evaluation()
    rows = {i: {**row, "atr": None if i == "5m" else row["atr"]} for i, row in e.features.items()}
    five = policy_with(atr_interval="5m")
    assert verdict(replace(e, features=rows), policy=five) is Verdict.COST_TOO_HIGH


@pytest.mark.parametrize(
    ("side", "atr", "expected"),
    [
        (-1.0, 49.0, "emitted"),
        (-1.0, 50.0, "out_of_range"),
        (1.0, 99.0, "emitted"),
        (1.0, 100.0, "out_of_range"),
    ],
)
def test_levels_are_prices(side: float, atr: float, expected: str) -> None:
    assert verdict(evaluation(side, atr=atr)) == expected


def test_a_direction_without_an_event_does_not_compete() -> None:
    e = evaluation(context={"event_long": 0.0, "event_short": 0.3})
    decided = ruled(e)
    assert decided.decision.scores["long"].score > decided.decision.scores["short"].score
    assert decided.decision.direction == "short"
    assert decided.decision.verdict is Verdict.BELOW_THRESHOLD
    assert not decided.decision.scores["long"].backed
    assert ruled(evaluation(**NOTHING)).decision.direction is None
    assert verdict(evaluation(**NOTHING)) is Verdict.BELOW_THRESHOLD


def test_equal_scores_are_a_tie_even_below_the_threshold() -> None:
    e = replace(torn(), context={**torn().context, "atr_15m_ema": 9.0})
    decided = ruled(e)
    assert decided.decision.verdict is Verdict.TIE
    assert decided.decision.direction is None
    nudged = replace(e, context={**e.context, "event_short": 1.0 - 1e-9})
    assert verdict(nudged) is Verdict.TIE  # scores are rounded before they are compared


@pytest.mark.parametrize("level", [0.5, 0.654321, 1.0])
def test_the_threshold_itself_is_enough(level: float) -> None:
    decided = ruled(evaluation(), policy=policy_with(threshold=level))
    assert (decided.decision.verdict is Verdict.EMITTED) == (
        decided.decision.scores["long"].score >= level
    )


# --- missing data ---------------------------------------------------------------------------------


def test_missing_components_are_named_and_leave_the_weights() -> None:
    decided = ruled(evaluation())
    assert decided.signal is not None
    assert decided.signal.missing == ("liquidation", "oi")
    assert decided.signal.components["oi"] is None
    assert decided.decision.scores["long"].coverage == 0.7
    assert decided.signal.score == 1.0
    assert set(decided.signal.components) == set(COMPONENTS)


def test_coverage_of_exactly_what_is_needed_is_enough() -> None:
    young = evaluation(context={"vwap_bars": 60.0})
    assert ruled(young).decision.scores["long"].coverage == 0.6
    assert verdict(young) is Verdict.EMITTED
    younger = evaluation(context={"vwap_bars": 60.0, "atr_15m_ema": None})
    assert verdict(younger) is Verdict.INSUFFICIENT_DATA


# --- signals --------------------------------------------------------------------------------------


@given(
    side=st.sampled_from([1.0, -1.0]),
    price=st.floats(1e-8, 1e6),
    share=st.floats(0.002, 0.4),
)
@examples(60)
def test_levels_are_on_the_right_side_of_the_entry(side: float, price: float, share: float) -> None:
    decided = ruled(evaluation(side, price=price, atr=price * share))
    signal = decided.signal
    assert signal is not None
    assert signal.direction == ("long" if side > 0.0 else "short") == decided.decision.direction
    assert signal.side == side
    assert side * (signal.tp_price - signal.entry_price) > 0.0
    assert side * (signal.entry_price - signal.sl_price) > 0.0
    assert min(signal.tp_price, signal.sl_price) > 0.0
    assert signal.tp_price == pytest.approx(price + side * 2.0 * price * share)
    assert signal.sl_price == pytest.approx(price - side * price * share)
    assert signal_from_json(to_json(signal)) == signal


@given(
    side=st.sampled_from([1.0, -1.0]),
    ticks=st.integers(200, 10**6),
    share=st.floats(0.002, 0.4),
    tick=st.sampled_from([0.1, 0.01, 1e-7, 0.5, 5.0, 10.0]),
)
@examples(60)
def test_levels_on_ticks_are_at_most_one_tick_from_those_without(
    side: float, ticks: int, share: float, tick: float
) -> None:
    price = float(ticks * Decimal(repr(tick)))
    e = evaluation(side, price=price, atr=price * share)
    free, decided = ruled(e), ruled(replace(e, tick_size=tick))
    if decided.signal is None:
        assert decided.decision.verdict is Verdict.BELOW_TICK
        assert price * share <= tick, "SL is less than a tick away"
        return
    assert free.signal is not None
    mine, raw = decided.signal, free.signal
    for one, level in ((mine.tp_price, raw.tp_price), (mine.sl_price, raw.sl_price)):
        assert Decimal(repr(one)) % Decimal(repr(tick)) == 0
        assert -1e-5 * tick <= side * (one - level) <= 1.00001 * tick
    assert side * (mine.tp_price - price) > 0.0 < side * (price - mine.sl_price)
    assert mine.tick_size == tick
    assert replace(mine, tp_price=raw.tp_price, sl_price=raw.sl_price, tick_size=None) == raw
    assert decided.decision == free.decision
    assert decided.cooldown == free.cooldown


def test_a_signal_carries_what_it_was_decided_by() -> None:
    policy = policy_with(ttl_s=120, atr_interval="5m", fee_bps=4.0)
    e = evaluation()
    decided = decide(e, None, policy, "v9")
    signal = decided.signal
    assert signal is not None
    assert signal.signal_id == signal_id(policy.digest, SYMBOL, T0, "long")
    assert signal.signal_id == decided.decision.signal_id == decided.cooldown.signal_id
    assert (signal.policy_digest, signal.code_version) == (policy.digest, "v9")
    assert (signal.close_time, signal.expires_at) == (T0, T0 + 120_000)
    assert (signal.atr_interval, signal.fee_bps, signal.slippage_bps) == ("5m", 4.0, 1.0)
    assert (signal.events, signal.quality, signal.market) == (e.events, e.quality, e.market)
    assert signal.status == "open"


def test_ids_differ_by_policy_symbol_time_and_direction() -> None:
    parts = [
        ("a", "B", 1, "long"),
        ("b", "B", 1, "long"),
        ("a", "C", 1, "long"),
        ("a", "B", 2, "long"),
        ("a", "B", 1, "short"),
    ]
    ids = {signal_id(digest, symbol, at, way) for digest, symbol, at, way in parts}  # type: ignore[arg-type]  # literals
    assert len(ids) == 5
    assert all(len(one) == 24 for one in ids)


# --- cooldown -------------------------------------------------------------------------------------


def test_a_signal_cools_its_symbol_and_its_direction() -> None:
    after = ruled(evaluation()).cooldown
    assert after == Cooldown(
        SYMBOL, last_scored=T0, until=T0 + 300_000, long_until=T0 + 3_600_000,
        signal_id=after.signal_id,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("side", "later_s", "expected"),
    [
        (1.0, 60, "cooldown"),
        (-1.0, 60, "cooldown"),
        (-1.0, 299, "cooldown"),
        (-1.0, 300, "emitted"),
        (1.0, 300, "cooldown"),
        (1.0, 3599, "cooldown"),
        (1.0, 3600, "emitted"),
    ],
)
def test_the_symbol_waits_5_minutes_and_the_direction_an_hour(
    side: float, later_s: int, expected: str
) -> None:
    after = ruled(evaluation(1.0)).cooldown
    assert verdict(evaluation(side, at=T0 + later_s * 1000), after) == expected


def test_only_a_signal_cools_down() -> None:
    for expected, (e, before) in CASES.items():
        after = ruled(e, before).cooldown
        if expected is not Verdict.EMITTED:
            was = before or Cooldown(SYMBOL, 0)
            assert after == replace(was, last_scored=max(T0, was.last_scored))


def test_the_other_direction_keeps_its_own_cooldown() -> None:
    before = cooldown(short_until=T0 + 999)
    assert ruled(evaluation(1.0), before).cooldown.short_until == T0 + 999


@pytest.mark.parametrize("expected", list(CASES))
def test_a_retry_decides_the_same(expected: Verdict) -> None:
    """The function died after its transaction: the cooldown read again is the one it wrote."""
    e, before = CASES[expected]
    once = ruled(e, before)
    again = ruled(e, once.cooldown)
    assert again.signal == once.signal
    assert again.cooldown == once.cooldown
    assert again.decision == once.decision


def test_a_signal_of_another_policy_still_cools() -> None:
    after = ruled(evaluation(), policy=policy_with(threshold=0.51)).cooldown
    assert verdict(evaluation(), after) is Verdict.COOLDOWN


def test_a_close_older_than_the_last_scored_one_is_out_of_order() -> None:
    later = ruled(evaluation(at=T0 + 60_000, context={"event_long": 0.01})).cooldown
    assert verdict(evaluation(at=T0), later) is Verdict.OUT_OF_ORDER
    assert ruled(evaluation(at=T0), later).cooldown.last_scored == T0 + 60_000


@given(seed=st.integers(0, 10**6))
@examples(5)
def test_signals_of_a_walk_keep_their_distance(seed: int) -> None:
    minutes = after_warm(900, seed)
    policy = policy_with(threshold=0.2, cost_gate=0.0)
    before, signals = None, []
    for e in outcome(facts_of(minutes, flows_beside(minutes, seed)), warm_state(), policy)[1]:
        decided = ruled(e, before, policy)
        before = decided.cooldown
        signals += [] if decided.signal is None else [decided.signal]
    times = [s.close_time for s in signals]
    assert len(times) > 3
    assert all(b - a >= 300_000 for a, b in pairwise(times))
    for way in ("long", "short"):
        own = [s.close_time for s in signals if s.direction == way]
        assert all(b - a >= 3_600_000 for a, b in pairwise(own))


# --- the rest -------------------------------------------------------------------------------------


def test_deciding_reads_nothing_but_its_arguments() -> None:
    e, before = evaluation(), cooldown()
    texts = to_json(e), to_json(before)
    assert ruled(e, before) == ruled(e, before)
    assert (to_json(e), to_json(before)) == texts


def test_the_kinds_looked_for_are_the_policys() -> None:
    assert enabled_kinds(POLICY) == KINDS
    some = policy_with(events__ema_cross={"intervals": []})
    assert enabled_kinds(some) == KINDS[1:]
