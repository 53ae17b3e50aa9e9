"""score_events on fakes: each close is decided once, on the newest cooldown."""

from dataclasses import replace
from itertools import count

import pytest
from signalengine.decisions import Decided
from signalengine.errors import TransientError
from signalengine.policy import Policy, default_policy
from signalengine.signals import Cooldown, Evaluation, decision_from_json, to_json
from signalengine_aws.application.score_events import (
    Rules,
    ScoreEvents,
    StrategyRaisedError,
)
from signalengine_aws.application.sets.compared_closes import MARKET_WAIT_MS, MARKET_WAIT_S
from signalengine_aws.runtime.retries import TRIES
from signalengine_aws.stores.recent_signals import Known

from tests.aws.fakes import MemoryDecisions, MemoryRecent
from tests.core.samples import evaluation
from tests.research.backtest.markets import policy as wary_policy


def score(
    decisions: MemoryDecisions,
    policy: Policy | None = None,
    recent: MemoryRecent | None = None,
) -> Decided | None:
    use_case = ScoreEvents(
        decisions=decisions, policy=policy or default_policy(), code_version="test",
        recent=recent, sleep=lambda _s: None,
    )  # fmt: skip
    return use_case.score(evaluation())


def test_a_decision_and_its_signal_are_committed() -> None:
    decisions = MemoryDecisions()
    decided = score(decisions)
    assert decided is not None
    assert decided.signal is not None
    assert list(decisions.items.values()) == [decided]


def test_a_repeated_evaluation_changes_nothing() -> None:
    decisions = MemoryDecisions()
    score(decisions)
    before = dict(decisions.items), dict(decisions.cooldowns)
    assert score(decisions) is None
    assert (decisions.items, decisions.cooldowns) == before


def test_a_lost_condition_is_decided_again_on_the_new_cooldown() -> None:
    decisions = MemoryDecisions()
    rival = Cooldown(evaluation().symbol, 1, until=evaluation().close_time + 60_000)

    def race() -> None:
        decisions.before_commit = lambda: None
        decisions.cooldowns[rival.symbol] = rival

    decisions.before_commit = race
    decided = score(decisions)
    assert decided is not None
    assert decided.signal is None


def test_a_condition_that_is_always_lost_is_a_transient_error() -> None:
    decisions, rounds = MemoryDecisions(), list[int]()

    def race() -> None:
        rounds.append(len(rounds))
        symbol = evaluation().symbol
        decisions.cooldowns[symbol] = Cooldown(symbol, len(rounds))

    decisions.before_commit = race
    with pytest.raises(TransientError, match="contested"):
        score(decisions)
    assert len(rounds) == TRIES
    assert decisions.items == {}


def test_recent_signals_are_read_only_where_the_policy_has_protections() -> None:
    recent = MemoryRecent([Known((), complete=True)])
    assert score(MemoryDecisions(), recent=recent) is not None
    assert recent.reads == (1 if default_policy().protections.on else 0)


def test_missing_bars_of_recent_signals_are_waited_for() -> None:
    recent = MemoryRecent([Known((), complete=False), Known((), complete=True)])
    assert score(MemoryDecisions(), wary_policy("open_signals"), recent) is not None
    assert recent.reads == 2


def waiting(*found: Known) -> tuple[Decided, MemoryRecent]:
    """Score the evaluation while the store returns these, the last one again and again."""
    recent, times = MemoryRecent(list(found)), count()
    use_case = ScoreEvents(
        decisions=MemoryDecisions(), policy=wary_policy("open_signals"), code_version="test",
        recent=recent, sleep=lambda _s: None, clock=lambda: float(next(times)),
    )  # fmt: skip
    decided = use_case.score(evaluation())
    assert decided is not None
    return decided, recent


LATE = {"ETHUSDT": evaluation().close_time - 120_000}


def test_symbols_that_are_behind_are_waited_for() -> None:
    behind, there = Known((), complete=True, behind=LATE), Known((), complete=True)
    decided, recent = waiting(behind, behind, there)
    assert (decided.decision.behind, recent.reads) == ({}, 3)


def test_a_decision_names_the_symbols_that_stayed_behind() -> None:
    decided, recent = waiting(Known((), complete=True, behind=LATE))
    assert decided.decision.behind == LATE
    assert recent.reads == MARKET_WAIT_S
    assert decision_from_json(to_json(decided.decision)) == decided.decision


def test_no_symbol_is_waited_for_once_the_fold_is_far_past_the_close() -> None:
    progress = evaluation().close_time + MARKET_WAIT_MS
    decided, recent = waiting(Known((), complete=True, behind=LATE, progress=progress))
    assert (decided.decision.behind, recent.reads) == (LATE, 1)


def test_a_wait_that_was_in_vain_is_not_repeated_for_the_same_close() -> None:
    recent, times = MemoryRecent([Known((), complete=True, behind=LATE)]), count()
    use_case = ScoreEvents(
        decisions=MemoryDecisions(), policy=wary_policy("open_signals"), code_version="test",
        recent=recent, sleep=lambda _s: None, clock=lambda: float(next(times)),
    )  # fmt: skip
    use_case.score(evaluation())
    before = recent.reads
    use_case.score(replace(evaluation(), symbol="SOLUSDT"))
    assert recent.reads == before + 1


def test_a_close_is_compared_before_it_is_decided_and_may_raise() -> None:
    """Its own functions run there too."""

    class Sets:
        def rules(self, _close: Evaluation, classic: Rules) -> Rules:
            return replace(classic, compared=self.compared)

        def park(self, name: str, reason: str) -> None:
            raise AssertionError((name, reason))

        def compared(self, close: Evaluation) -> Evaluation:
            return replace(close, across={"rank": 1.0 / (close.close_time - failing)})

    failing, sets = 0, Sets()
    use_case = ScoreEvents(
        decisions=MemoryDecisions(), policy=default_policy(), code_version="test", sets=sets
    )
    decided = use_case.score(evaluation())
    assert decided is not None
    assert decided.decision.across == {"rank": 1.0 / evaluation().close_time}
    failing = evaluation().close_time
    with pytest.raises(StrategyRaisedError, match="ZeroDivisionError"):
        use_case.score(replace(evaluation(), strategy="ranked@fast"))
