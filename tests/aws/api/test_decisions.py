"""A decision has what compares symbols only where its strategy does."""

from dataclasses import asdict, replace

from signalengine.decisions import decide
from signalengine.policy import default_policy
from signalengine_aws.api.decisions import full

from tests.core.samples import evaluation


def test_a_decision_that_compares_nothing_is_as_before() -> None:
    decision = decide(evaluation(), None, default_policy(), "test", recent=()).decision
    assert full(decision) == {
        name: x for name, x in asdict(decision).items() if name not in ("across", "absent")
    }
    compared = replace(decision, across={"rank": 0.5}, absent=("BTCUSDT",))
    assert full(compared) == asdict(compared)
