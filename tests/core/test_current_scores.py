"""Current scores are those of a decision at that close, and change nothing."""

from signalengine.current_scores import current_scores
from signalengine.decisions import decide
from signalengine.fold import SymbolState, advance
from signalengine.policy import default_policy
from signalengine.state.codec import pack, unpack

from tests.aws.market import bars_facts, history

POLICY = default_policy()


def test_current_scores_are_those_of_the_decision_at_that_close() -> None:
    compared = 0
    state = SymbolState.fresh("ETHUSDT")
    for fact in (*history("ETHUSDT"), *bars_facts("ETHUSDT", 60)):
        step = advance(state, fact, POLICY)
        state = step.state
        if step.evaluation is None:
            continue
        decided = decide(step.evaluation, None, POLICY, "test").decision
        found = current_scores("ETHUSDT", unpack(pack(state.buffer)), POLICY)
        assert (found.long, found.short) == (decided.scores["long"], decided.scores["short"])
        assert (found.price, found.close_time) == (decided.price, decided.close_time)
        assert found.best.score == max(found.long.score, found.short.score)
        compared += 1
    assert compared >= 5


def test_scoring_leaves_the_state_as_it_is() -> None:
    state = SymbolState.fresh("ETHUSDT")
    for fact in history("ETHUSDT"):
        state = advance(state, fact, POLICY).state
    before = state.to_bytes()
    assert current_scores("ETHUSDT", state.buffer, POLICY).unwarm == ()
    assert state.to_bytes() == before


def test_a_symbol_without_bars_has_no_direction() -> None:
    found = current_scores("NEWUSDT", SymbolState.fresh("NEWUSDT").buffer, POLICY)
    assert (found.direction, found.price, found.close_time) == (None, None, 0)
    assert found.unwarm == ("1m", "5m", "15m", "1h")
