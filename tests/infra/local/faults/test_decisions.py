"""Comparing decisions: differences are stamped, reported afterwards or unexplained."""

from dataclasses import replace

from signalengine.facts.stream import Quality

from infra.local.faults.evaluation import Verdict, evaluate
from infra.local.faults.observations import Arrived, Observations
from tests.core.markets import facts_of, walk
from tests.infra.local.faults.samples import MINUTE, POLICY, seen, silence


def market(quality: Quality | None = None, spoiled: int | None = None) -> Observations:
    """Return a volatile market, in which the close of one minute may be altered."""
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


def test_decisions_before_the_detection_are_counted_apart() -> None:
    plain, found = Verdict("x", "x", 1), Verdict("x", "x", 1)
    evaluate(plain, market(spoiled=300), market(), POLICY)
    first = plain.unexplained[0]
    at = int(first.split()[1].removesuffix(":"))
    other = market(spoiled=300)
    other.arrived.append(Arrived(silence(at - MINUTE, at), at))
    evaluate(found, other, market(), POLICY)
    assert (found.afterwards, found.unexplained) == ([first], plain.unexplained[1:])


def test_decisions_in_the_hour_after_a_late_liquidation_are_counted_apart() -> None:
    plain, found = Verdict("x", "x", 1), Verdict("x", "x", 1)
    evaluate(plain, market(spoiled=300), market(), POLICY)
    at = int(plain.unexplained[0].split()[1].removesuffix(":"))
    other = market(spoiled=300)
    late = replace(silence(at - MINUTE, at), cause="late", end=at, outcome="noted")
    other.arrived.append(Arrived(late, at))
    evaluate(found, other, market(), POLICY)
    assert found.afterwards + found.unexplained == plain.unexplained
    times = [int(row.split()[1].removesuffix(":")) for row in found.afterwards]
    assert times
    assert max(times) <= at + 60 * MINUTE


def test_the_same_facts_are_the_same_decisions() -> None:
    verdict = Verdict("x", "x", 1)
    evaluate(verdict, market(), market(), POLICY)
    assert (verdict.differing, verdict.unexplained) == (0, [])
