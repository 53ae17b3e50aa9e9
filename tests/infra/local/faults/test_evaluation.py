"""Judging a replay: every kind of harm is found, and harmless ones are not taken for it."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from signalengine.facts.stream import Fact

from infra.local.faults.evaluation import Verdict, evaluate
from tests.infra.local.faults.samples import BASELINE, MINUTE, POLICY, START, bar, seen, silence


def evaluated(facts: Sequence[Fact]) -> Verdict:
    verdict = Verdict("x", "x", 4)
    evaluate(verdict, seen(facts), seen(BASELINE), POLICY)
    return verdict


def test_an_undisturbed_replay_passes() -> None:
    verdict = evaluated(BASELINE)
    assert verdict.passed
    assert (verdict.bars, verdict.latest_s, verdict.again) == (4, 0.1, 0)


def test_a_bar_without_a_fact_is_lost() -> None:
    verdict = evaluated([*BASELINE[:2], BASELINE[3]])
    assert verdict.lost == [f"BTCUSDT {bar(2).open_time}"]
    assert not verdict.passed


@pytest.mark.parametrize("name", ["open", "high", "low", "close", "volume", "quote_volume",
                                  "trades", "taker_buy_volume"])  # fmt: skip
def test_a_bar_with_any_other_field_is_wrong(name: str) -> None:
    other = replace(bar(1), **{name: getattr(bar(1), name) + 1})
    verdict = evaluated([BASELINE[0], replace(BASELINE[1], bars=(other,)), *BASELINE[2:]])
    assert len(verdict.wrong) == 1
    assert not verdict.passed


def test_an_older_bar_after_a_newer_one_is_disorder_and_one_that_comes_again_is_not() -> None:
    assert evaluated([BASELINE[0], BASELINE[2], BASELINE[1], BASELINE[3]]).disordered == 1
    again = evaluated([*BASELINE, BASELINE[1]])
    assert (again.disordered, again.again, again.passed) == (0, 1, True)


def test_another_value_is_altered_and_null_is_unknown() -> None:
    altered = evaluated([replace(BASELINE[0], mark_price=7.0), *BASELINE[1:]])
    assert len(altered.altered) == 1
    assert not altered.passed
    unknown = evaluated([replace(BASELINE[0], mark_price=None), *BASELINE[1:]])
    assert (unknown.unknown, unknown.passed) == ({"mark_price": 1}, True)


# --- decisions -----------------------------------------------------------------------------------


def test_liquidations_too_low_before_the_detection_are_counted_apart() -> None:
    baseline = [replace(one, liq_long_usd=50.0) for one in BASELINE]
    facts = [replace(one, liq_long_usd=20.0 if n == 1 else 50.0) for n, one in enumerate(baseline)]
    plain, found = Verdict("x", "x", 4), Verdict("x", "x", 4)
    evaluate(plain, seen(facts), seen(baseline), POLICY)
    assert (len(plain.altered), plain.too_low, plain.passed) == (1, 0, False)
    entry = silence(START + MINUTE + 5_000, START + 3 * MINUTE)
    evaluate(found, seen([*facts, entry]), seen(baseline), POLICY)
    assert (found.altered, found.too_low, found.passed) == ([], 1, True)
    too_high = [replace(one, liq_long_usd=70.0) for one in baseline]
    wrong = Verdict("x", "x", 4)
    evaluate(wrong, seen([*too_high, entry]), seen(baseline), POLICY)
    assert wrong.altered, "a lower bound is never above what was"


# --- noticing ------------------------------------------------------------------------------------


# --- scenarios -----------------------------------------------------------------------------------
