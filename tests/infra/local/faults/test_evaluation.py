"""Judging a replay: every kind of harm is found, and harmless ones are not taken for it."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from signalengine.facts.stream import Bar, BarsFact, Fact, GapFact, PathPoint, Quality
from signalengine.policy import default_policy

from infra.local.faults.detection import detect
from infra.local.faults.equality import alike, coarser
from infra.local.faults.evaluation import Verdict, evaluate
from infra.local.faults.observations import Arrived, Clocks, LogLine, Observations
from infra.local.faults.scenarios import QUICK, SCENARIOS, Plan
from tests.core.markets import facts_of, walk

START = 1_747_612_800_000  # where the walks begin, too
MINUTE = 60_000
POLICY = default_policy()


def bar(n: int) -> Bar:
    return Bar("1m", START + n * MINUTE, 100.0, 101.0 + n, 99.0, 100.5, 10.0, 1_000.0, 5, 4.0)


def fact(n: int) -> BarsFact:
    return BarsFact("BTCUSDT", (bar(n),), "recording", "ws", START + (n + 1) * MINUTE,
                    mark_price=100.0 + n)  # fmt: skip


def seen(facts: Sequence[Fact], minutes: int = 4) -> Observations:
    """A replay of bars without longer ones among them, all arrived 100 ms after their close."""
    out = Observations(START, START + minutes * MINUTE, ["BTCUSDT"], Clocks(START))
    out.truth = {("BTCUSDT", "1m", bar(n).open_time): bar(n) for n in range(minutes)}
    out.arrived = [
        Arrived(one, one.close_time + 100 if isinstance(one, BarsFact) else START) for one in facts
    ]
    return out


BASELINE = [fact(n) for n in range(4)]


def evaluated(facts: Sequence[Fact]) -> Verdict:
    verdict = Verdict("x", "x", 4)
    evaluate(verdict, seen(facts), seen(BASELINE), POLICY)
    return verdict


def test_an_undisturbed_replay_passes() -> None:
    verdict = evaluated(BASELINE)
    assert verdict.passed
    assert (verdict.bars, verdict.latest_s, verdict.again) == (4, 0.1, 0)


def test_a_bar_that_nobody_brought_is_lost() -> None:
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


def test_another_value_beside_the_bar_is_altered_and_null_says_so_itself() -> None:
    altered = evaluated([replace(BASELINE[0], mark_price=7.0), *BASELINE[1:]])
    assert len(altered.altered) == 1
    assert not altered.passed
    unknown = evaluated([replace(BASELINE[0], mark_price=None), *BASELINE[1:]])
    assert (unknown.unknown, unknown.passed) == ({"mark_price": 1}, True)


def test_a_path_that_knows_less_is_the_same_and_one_that_says_another_thing_is_not() -> None:
    path = tuple(PathPoint(s, 100.0 - s, 100.0 + s) for s in range(1, 5))
    assert coarser(path[::3], path)
    assert coarser(path[-1:], path)
    assert not coarser(path[:2], path)
    assert not coarser((PathPoint(2, 97.0, 104.0), path[-1]), path)
    assert not coarser((), path)


@given(st.floats(-1e9, 1e9), st.floats(-1e9, 1e9))
def test_numbers_are_alike_to_their_last_bits(a: float, b: float) -> None:
    assert alike({"x": [a]}, {"x": (a,)})
    assert alike({"x": a + b}, {"x": b + a})
    assert not alike({"x": a}, {"x": a + 1.0 + abs(a)})
    assert not alike({"x": a}, {"y": a})


# --- decisions -----------------------------------------------------------------------------------


def market(quality: Quality | None = None, spoiled: int | None = None) -> Observations:
    """A lively market, in which the interest of one minute is not what it was."""
    out = seen([], minutes=0)
    for n, fact in enumerate(facts_of(walk(600))):
        if n == spoiled:
            first = fact.bars[0]
            jump = replace(first, close=first.close * 1.05, high=first.close * 1.06)
            fact = replace(fact, bars=(jump, *fact.bars[1:]), quality=quality or Quality())
        out.arrived.append(Arrived(fact, fact.close_time))
        out.end = fact.close_time
    return out


def test_decisions_that_differ_without_a_stamp_are_unexplained() -> None:
    verdict = Verdict("x", "x", 1)
    evaluate(verdict, market(spoiled=300), market(), POLICY)
    assert verdict.decisions > 10
    assert verdict.differing
    assert verdict.unexplained
    assert not verdict.passed


def test_a_stamp_explains_what_follows_within_the_hour_and_no_more() -> None:
    stamped = Verdict("x", "x", 1)
    evaluate(stamped, market(Quality(gap_s=60.0), spoiled=300), market(), POLICY)
    plain = Verdict("x", "x", 1)
    evaluate(plain, market(spoiled=300), market(), POLICY)
    assert stamped.differing == plain.differing
    assert len(stamped.unexplained) < len(plain.unexplained)


def silence(start: int, noticed_at: int) -> GapFact:
    return GapFact(
        time=noticed_at, market="live", task="t", symbol=None, stream="liquidation",
        cause="silent", start=start, end=None, noticed_at=noticed_at, repaired_at=None,
        bars_missing=0, bars_repaired=0, outcome="open",
    )  # fmt: skip


def test_liquidations_too_low_between_their_silence_and_the_notice_are_told_afterwards() -> None:
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


def test_decisions_on_such_bars_are_counted_apart_from_stamped_and_from_unexplained() -> None:
    plain, found = Verdict("x", "x", 1), Verdict("x", "x", 1)
    evaluate(plain, market(spoiled=300), market(), POLICY)
    first = plain.unexplained[0]
    at = int(first.split()[1].removesuffix(":"))
    other = market(spoiled=300)
    other.arrived.append(Arrived(silence(at - MINUTE, at), at))
    evaluate(found, other, market(), POLICY)
    assert (found.afterwards, found.unexplained) == ([first], plain.unexplained[1:])


def test_the_same_facts_are_the_same_decisions() -> None:
    verdict = Verdict("x", "x", 1)
    evaluate(verdict, market(), market(), POLICY)
    assert (verdict.differing, verdict.unexplained) == (0, [])


# --- noticing ------------------------------------------------------------------------------------


def test_the_first_sign_after_the_fault_counts_in_the_exchanges_seconds() -> None:
    replay = seen(BASELINE)
    replay.struck = START + MINUTE
    replay.clocks.note(1_000.0, START)
    replay.clocks.note(1_010.0, START + 2 * MINUTE)
    replay.log_lines = [
        LogLine(1_001.0, "WARNING", "before", {}), LogLine(1_006.0, "INFO", "calm", {}),
        LogLine(1_007.5, "WARNING", "disconnected", {}),
    ]  # fmt: skip
    verdict = Verdict("x", "x", 4)
    detect(verdict, replay, {"calm"})
    assert (verdict.noticed_s, verdict.noticed_by) == (30.0, "log: disconnected")
    entry = GapFact(
        time=START, market="live", task="t", symbol=None, stream="kline", cause="silent",
        start=START, end=None, noticed_at=replay.struck + 12_000, repaired_at=None,
        bars_missing=0, bars_repaired=0, outcome="open",
    )  # fmt: skip
    replay.arrived.append(Arrived(entry, START))
    detect(verdict, replay, {"calm"})
    assert (verdict.noticed_s, verdict.noticed_by) == (12.0, "ledger: kline silent")


def test_liquidations_that_a_recording_never_had_are_no_sign() -> None:
    replay = seen([*BASELINE, silence(START, START + 2 * MINUTE)])
    replay.struck = START + MINUTE
    verdict = Verdict("x", "x", 4)
    detect(verdict, replay, set())
    assert verdict.noticed_s is None


# --- scenarios -----------------------------------------------------------------------------------


def test_every_scenario_begins_after_the_lead_and_ends_before_the_tail() -> None:
    for scenario in SCENARIOS.values():
        rows = scenario.rows(START, ["AAAUSDT", "BBBUSDT"])
        at = START if scenario.from_start else START + 4 * MINUTE
        assert all(row["at"] >= at for row in rows)
        ends = [row["at"] + row.get("for", 0) for row in rows]
        assert max(ends, default=0) <= START + (scenario.length_min(30.0) - 6) * MINUTE
        assert all(row.get("symbol") in (None, "AAAUSDT") for row in rows)


def test_what_waits_by_the_wall_gets_more_market_at_a_higher_speed() -> None:
    outage = SCENARIOS["kinesis_outage"]
    assert outage.length_min(60.0) == 4 + 140 + 6
    assert outage.length_min(1.0) == 4 + 5 + 6
    assert {*QUICK} < {*SCENARIOS}
    assert Plan("sim").scenarios()[0].name in ("terminated", "day")


def test_the_slower_the_play_the_more_scenarios_run_at_a_time() -> None:
    assert Plan("sim", speed=30.0).at_once == 4
    assert Plan("sim", speed=120.0).at_once == 1
    assert Plan("sim", speed=1.0).at_once == len(SCENARIOS)
    assert Plan("sim", speed=1.0, jobs=3).at_once == 3
    assert Plan("sim", speed=1.0, names=("none",)).at_once == 1
