"""What decides a close: the set that it was evaluated for, while that runs."""

from dataclasses import replace

import pytest
from signalengine.policy import CLASSIC, default_policy
from signalengine.signals import Evaluation
from signalengine.strategy.lifecycle import UNCHANGED_CLASSIC
from signalengine.strategy.sets import StrategySet, set_of
from signalengine_aws.application.score_events import Rules
from signalengine_aws.application.sets.running_sets import RunningSets
from signalengine_aws.application.sets.scored_sets import STALE_MS, ScoredSets

from tests.aws.fakes import MemoryDecisions, MemoryRecent
from tests.aws.sets import MemoryRegistry, deploy, registered, sets_of
from tests.core.samples import evaluation
from tests.core.strategy.texts import RANKED, RUNNER


class NoCloses:
    def of_close(self, _time: int) -> list[Evaluation]:
        return []

    def trading(self) -> frozenset[str]:
        return frozenset()

    def progress(self) -> int:
        return 0


class Case:
    def __init__(self, *sets: StrategySet) -> None:
        self.now = 0
        self.registry = MemoryRegistry({one.key: registered(one) for one in sets})
        self.made: list[str] = []
        running = RunningSets(self.registry, "score_events", lambda: self.now)
        self.sets = ScoredSets(
            running, self.decisions, lambda _: MemoryRecent([]), lambda _: NoCloses(), NoCloses()
        )
        self.classic = Rules(MemoryDecisions(), default_policy())

    def decisions(self, key: str) -> MemoryDecisions:
        self.made.append(key)
        return MemoryDecisions()

    def rules(self, one: StrategySet) -> Rules | None:
        return self.sets.rules(close_of(one), self.classic)


def close_of(one: StrategySet) -> Evaluation:
    return replace(evaluation(), strategy=one.key, digest=one.digest)


@pytest.fixture
def one(monkeypatch: pytest.MonkeyPatch) -> StrategySet:
    return sets_of(deploy(monkeypatch, runner=RUNNER)["runner"], 0.1)[0]


def test_a_set_has_stores_of_its_own_made_once(one: StrategySet) -> None:
    case = Case(one)
    found = case.rules(one)
    assert found is not None
    assert (found.policy.digest, found.shadow, found.one_open) == (one.digest, True, True)
    case.registry.act(one.key, "promote")
    case.now = 60_000
    promoted = case.rules(one)
    assert promoted is not None
    assert (promoted.shadow, promoted.decisions) == (False, found.decisions)
    assert case.made == [one.key]


def test_classic_is_decided_by_the_deployed_policy_unless_it_is_off(one: StrategySet) -> None:
    case = Case()
    close = evaluation()
    assert case.sets.rules(close, case.classic) is case.classic
    for status, shadow in (("shadow", True), ("live", False)):
        case.registry.items[CLASSIC] = replace(UNCHANGED_CLASSIC, status=status, version=1)  # type: ignore[arg-type]
        case.now += 60_000
        found = case.sets.rules(close, case.classic)
        assert found is not None
        assert found.shadow is shadow
    case.registry.act(CLASSIC, "retire")
    case.now += 60_000
    assert case.sets.rules(close, case.classic) is None


def test_a_close_of_a_set_that_does_not_run_or_has_other_rules_is_not_decided(
    one: StrategySet,
) -> None:
    case = Case(one)
    other = sets_of(one.loaded, 0.2)[0]
    assert case.sets.rules(close_of(other), case.classic) is None
    case.registry.act(one.key, "retire")
    case.now = 60_000
    assert case.rules(one) is None
    case.sets.park(one.key, "it raised")  # it is off, and stays so
    assert case.registry.items[one.key].status == "off"


def test_a_new_set_is_found_before_the_registry_is_due_again(one: StrategySet) -> None:
    case = Case()
    assert case.rules(one) is None
    case.registry.items[one.key] = registered(one)
    case.now = STALE_MS
    assert case.rules(one) is None
    reads = case.registry.reads
    case.now = STALE_MS + 1
    assert case.rules(one) is not None
    assert case.registry.reads == reads + 1


def test_only_a_set_that_compares_symbols_reads_those_of_its_closes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    texts = {"runner": RUNNER, "ranked": RANKED.replace("UNIVERSE", ",").replace("Universe, ", "")}
    loaded = deploy(monkeypatch, **texts)
    plain, ranked = sets_of(loaded["runner"], 0.1)[0], set_of(loaded["ranked"])
    case = Case(plain, ranked)
    found = [case.rules(one) for one in (plain, ranked)]
    assert [rules is not None and rules.compared is not None for rules in found] == [False, True]
    rules = found[1]
    assert rules is not None
    assert rules.compared is not None
    assert rules.compared(close_of(ranked)).across == {"rank": None, "lead": None}
