"""Protections: off they are nothing; on, each begins and ends exactly as the policy sets."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from signalengine.decisions import decide
from signalengine.errors import PolicyError
from signalengine.intervals import MINUTE_MS
from signalengine.policy import Policy, default_policy
from signalengine.protections import Past, Protections, as_reached, past_of, refusals
from signalengine.settlement import force_expiry, settle
from signalengine.signals import Exits, Target, Verdict, decision_from_json, settled, to_json

from .markets import SYMBOL, T0, policy_with
from .samples import bar as bar_of
from .samples import evaluation, quiet, signal

HOUR = 60 * MINUTE_MS
OFF = default_policy().protections
STOPS = replace(OFF, stops=3, stops_within_ms=HOUR, stops_pause_ms=30 * MINUTE_MS)
LOSS = replace(OFF, loss=2_000_000, loss_within_ms=HOUR, loss_pause_ms=30 * MINUTE_MS)
OPEN = replace(OFF, open_signals=2)


def at(minutes: float) -> int:
    return T0 + round(minutes * MINUTE_MS)


def past(closed: float | None, opened: float = -500.0, **changes: Any) -> Past:
    """A stop-loss of 1 % that closed so many minutes after T0."""
    end = None if closed is None else at(closed)
    made = Past(SYMBOL, at(opened), at(opened) + HOUR, end, True, -1_000_000)
    return replace(made, **changes)


def rules(recent: list[Past], minute: float, p: Protections, symbol: str = SYMBOL) -> list[str]:
    return [one.rule for one in refusals(recent, symbol, at(minute), p)]


def policy(**changes: Any) -> Policy:
    return policy_with(protections=changes)


# --- the policy -----------------------------------------------------------------------------------


def test_they_are_off_by_default_and_then_no_part_of_the_digest() -> None:
    assert not OFF.on
    assert default_policy().digest == "5dd6a6097a63"
    assert policy(lag_s=120, stops_within_s=60).digest == default_policy().digest
    assert policy(stops=3).digest != default_policy().digest
    assert policy(stops=3).digest != policy(stops=3, lag_s=120).digest


def test_the_policy_is_in_its_own_units() -> None:
    p = policy(stops=2, stops_within_s=120, loss=0.05, open_signals=7).protections
    assert (p.stops, p.stops_within_ms, p.loss, p.open_signals) == (2, 120_000, 5_000_000, 7)
    assert p.on
    assert p.market_wide
    assert not policy(stops=2).protections.market_wide


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("lag_s", 0), ("lag_s", 59), ("lag_s", 90), ("stops", -1), ("stops", 1.5),
        ("stops", 1e9), ("loss", -0.1), ("loss", 1e9), ("open_signals", 0.5),
        ("stops_within_s", 0), ("loss_pause_s", 1e9), ("stops_pause_s", "x"), ("surprise", 1),
    ],
)  # fmt: skip
def test_an_impossible_value_is_refused_by_name(name: str, value: Any) -> None:
    with pytest.raises(PolicyError, match=name):
        policy(**{name: value})


def test_the_memory_covers_what_can_matter() -> None:
    assert OPEN.memory_ms(HOUR) == OFF.lag_ms + HOUR
    assert STOPS.memory_ms(HOUR) == HOUR + 30 * MINUTE_MS + HOUR
    both = replace(STOPS, loss=1, loss_within_ms=5 * HOUR)
    assert both.memory_ms(HOUR) == 5 * HOUR + OFF.loss_pause_ms + HOUR


# --- stop-losses ----------------------------------------------------------------------------------


def test_stops_pause_their_symbol_for_exactly_the_pause() -> None:
    three = [past(10), past(20), past(30)]
    assert rules(three, 30, STOPS) == []  # at T the last minute is not certain
    assert rules(three, 31, STOPS) == ["stops"]
    assert rules(three, 59, STOPS) == ["stops"]
    assert rules(three, 60, STOPS) == []
    assert rules(three, 40, STOPS, "OTHER") == []


def test_stops_need_their_number_within_the_span() -> None:
    assert rules([past(10), past(30)], 31, STOPS) == []
    assert rules([past(10), past(20), past(70)], 71, STOPS) == []  # an hour is not within an hour
    assert rules([past(11), past(20), past(70)], 71, STOPS) == ["stops"]
    assert rules([past(10), past(20), past(30, stopped=False)], 31, STOPS) == []
    assert rules([past(10), past(20), past(30, symbol="OTHER")], 31, STOPS) == []


def test_another_stop_makes_the_pause_longer() -> None:
    four = [past(10), past(20), past(30), past(45)]
    assert rules(four, 74, STOPS) == ["stops"]
    assert rules(four, 75, STOPS) == []


def test_one_stop_is_enough_where_the_policy_sets_it() -> None:
    one = replace(STOPS, stops=1)
    assert rules([past(10)], 11, one) == ["stops"]
    assert rules([past(10)], 40, one) == []


# --- losses ---------------------------------------------------------------------------------------


def test_a_loss_pauses_the_market_for_exactly_the_pause() -> None:
    two = [past(10), past(20, symbol="OTHER")]
    assert rules(two, 20, LOSS) == []
    assert rules(two, 21, LOSS, "THIRD") == ["loss"]
    assert rules(two, 49, LOSS) == ["loss"]
    assert rules(two, 50, LOSS) == []


def test_only_what_was_lost_within_the_span_counts_and_wins_count_against_it() -> None:
    assert rules([past(10), past(70)], 71, LOSS) == []
    assert rules([past(11), past(70)], 71, LOSS) == ["loss"]
    won = past(15, net_return=1)
    assert rules([past(10), won, past(20)], 21, LOSS) == []


def test_what_closes_at_one_time_is_one_closing() -> None:
    won = past(20, net_return=500_000, symbol="OTHER")
    assert rules([past(10), past(20), won], 21, LOSS) == []
    assert rules([past(10), past(20), replace(won, net_return=0)], 21, LOSS) == ["loss"]


# --- open signals ---------------------------------------------------------------------------------


def test_only_so_many_signals_may_be_open() -> None:
    two = [past(None, opened=0), past(None, opened=5, symbol="OTHER")]
    assert rules(two, 5, OPEN) == []  # what opened in the last minute is not certain
    assert rules(two, 6, OPEN) == ["open_signals"]
    assert rules(two, 60, OPEN) == ["open_signals"]
    assert rules(two, 61, OPEN) == []  # the first has expired, whatever became of it


def test_a_signal_counts_until_its_closing_is_certain() -> None:
    two = [past(30, opened=0), past(None, opened=5)]
    assert rules(two, 30, OPEN) == ["open_signals"]
    assert rules(two, 31, OPEN) == []


# --- all ------------------------------------------------------------------------------------------


@st.composite
def pasts(draw: st.DrawFn) -> Past:
    """A signal that closed after it opened, or did not close."""
    opened = draw(st.integers(-30, 90))
    age = draw(st.none() | st.integers(1, 60))
    return Past(
        symbol=draw(st.sampled_from((SYMBOL, "OTHER"))),
        opened_at=at(opened),
        expires_at=at(200),
        closed_at=None if age is None else at(opened + age),
        stopped=draw(st.booleans()),
        net_return=draw(st.integers(-1_500_000, 1_500_000)),
    )


PASTS = st.lists(pasts(), max_size=12)
ALL = replace(STOPS, loss=LOSS.loss, loss_within_ms=HOUR, loss_pause_ms=HOUR, open_signals=3)


@given(recent=PASTS, minute=st.integers(0, 150), data=st.data())
def test_what_is_not_certain_yet_and_the_order_change_nothing(
    recent: list[Past], minute: int, data: st.DataObject
) -> None:
    """The future, and everything inside the lag, may be there or not."""
    known = at(minute) - ALL.lag_ms
    whole = refusals(recent, SYMBOL, at(minute), ALL)
    certain = [
        replace(one, closed_at=None, stopped=False, net_return=0)
        if one.closed_at is not None and one.closed_at > known
        else one
        for one in recent
        if one.opened_at <= known
    ]
    assert refusals(data.draw(st.permutations(certain)), SYMBOL, at(minute), ALL) == whole


@given(recent=PASTS, minute=st.integers(0, 150), late=st.integers(0, 120))
def test_a_symbol_behind_counts_as_if_the_market_had_stopped_there(
    recent: list[Past], minute: int, late: int
) -> None:
    reached = at(minute) - ALL.lag_ms - late * MINUTE_MS
    seen = as_reached(recent, {"OTHER": reached})
    assert [one for one in seen if one.symbol != "OTHER"] == [
        one for one in recent if one.symbol != "OTHER"
    ]
    assert all(one.opened_at <= reached for one in seen if one.symbol == "OTHER")
    assert all((one.closed_at or 0) <= reached for one in seen if one.symbol == "OTHER")
    later = at(minute) - ALL.lag_ms
    assert refusals(as_reached(recent, {"OTHER": later}), SYMBOL, at(minute), ALL) == refusals(
        recent, SYMBOL, at(minute), ALL
    )


@given(recent=PASTS, minute=st.integers(0, 150))
def test_off_they_refuse_nothing(recent: list[Past], minute: int) -> None:
    assert refusals(recent, SYMBOL, at(minute), OFF) == ()


@given(recent=PASTS, minute=st.integers(0, 300))
def test_what_the_memory_does_not_cover_changes_nothing(recent: list[Past], minute: int) -> None:
    p, ttl = replace(ALL, loss_pause_ms=20 * MINUTE_MS), 40 * MINUTE_MS
    whole = [
        replace(one, expires_at=one.opened_at + ttl, closed_at=one.closed_at)
        for one in recent
        if one.closed_at is None or one.opened_at < one.closed_at <= one.opened_at + ttl
    ]
    near = [one for one in whole if one.opened_at >= at(minute) - p.memory_ms(ttl)]
    assert refusals(near, SYMBOL, at(minute), p) == refusals(whole, SYMBOL, at(minute), p)


def test_a_forced_expiry_counts_as_open_until_it_expires() -> None:
    one = signal(minutes=2)
    end = force_expiry(one, quiet(1), one.expires_at + HOUR, 0)
    assert end is not None
    assert past_of(settled(one, end)) == past_of(one)
    assert past_of(one).closed_at is None


def test_a_settled_signal_is_as_its_settlement() -> None:
    one = signal()
    end = settle(one, [bar_of(0, 100.0, 100.5, 98.5, 99.0)])
    assert end is not None
    assert past_of(settled(one, end)) == Past(
        SYMBOL, T0, one.expires_at, at(1), True, end.net_return
    )


@pytest.mark.parametrize(("at_break_even", "stopped"), [(True, False), (False, True)])
def test_a_moved_stop_counts_as_a_stop_loss_only_with_a_loss(
    at_break_even: bool, stopped: bool
) -> None:
    targets = (Target(101.0, 0.5), Target(103.0, 0.5))
    one = signal(exits=Exits(targets, break_even=at_break_even), tp_price=101.0)
    reached = bar_of(0, 100.0, 101.0, 99.5, 100.5)
    gap = bar_of(1, 98.0, 98.0, 97.0, 97.5) if stopped else bar_of(1, 100.5, 100.5, 99.5, 100.0)
    end = settle(one, [reached, gap])
    assert end is not None
    assert past_of(settled(one, end)).stopped is stopped


# --- deciding -------------------------------------------------------------------------------------


def test_off_a_decision_is_the_same_whatever_is_recent() -> None:
    many = [past(-n, opened=-60) for n in range(2, 9)]
    bare = decide(evaluation(), None, default_policy(), "test")
    assert decide(evaluation(), None, default_policy(), "test", recent=many) == bare
    assert bare.decision.protections == ()


def test_on_what_is_recent_must_be_given() -> None:
    with pytest.raises(PolicyError, match="recent"):
        decide(evaluation(), None, policy(stops=1), "test")
    decided = decide(evaluation(), None, policy(stops=1), "test", recent=())
    assert decided.decision.verdict is Verdict.EMITTED


def test_a_refusal_is_a_decision_with_its_reasons_and_starts_no_cooldown() -> None:
    wary = policy(stops=2, loss=0.02, open_signals=1)
    recent = [past(-10), past(-5), past(None, opened=-30)]
    decided = decide(evaluation(), None, wary, "test", recent=recent)
    assert decided.signal is None
    assert decided.decision.verdict is Verdict.PROTECTED
    assert decided.decision.direction == "long"
    assert decided.decision.protections == ("stops", "loss", "open_signals")
    assert decided.decision.reason == (
        "2 stop-losses within 1 h: paused for another 55 min; closed signals lost 2.00% within "
        "1 d: paused for another 3 h 55 min; open signals: 1, allowed: 1"
    )
    assert (decided.cooldown.until, decided.cooldown.last_scored) == (0, T0)
    assert decision_from_json(to_json(decided.decision)) == decided.decision


def test_only_what_would_be_emitted_is_refused() -> None:
    wary = policy(stops=1)
    cold = decide(evaluation(unwarm=("1h",)), None, wary, "test", recent=[past(-5)])
    assert cold.decision.verdict is Verdict.NOT_WARM
    assert cold.decision.protections == ()
