"""What a set may be made live on, and how it is said."""

import pytest
from signalengine.errors import StrategyError
from signalengine.intervals import DAY_MS
from signalengine.strategy.promotion import MOST_REASON, Promotion, check_promotion

FROM = 1_704_067_200_000  # 2024-01-01


def looked(verdict: str, override: str = "") -> Promotion:
    return Promotion(override, verdict, "abc", "r1", "h1", FROM, FROM + 182 * DAY_MS)


def test_a_verdict_is_said_with_its_span_and_a_reason_beside_it() -> None:
    assert Promotion("on paper").words == "promoted without evidence: on paper"
    assert looked("shown").words == "shown (final span 2024-01-01 to 2024-07-01)"
    assert looked("no edge shown", "on paper").words == (
        "no edge shown (final span 2024-01-01 to 2024-07-01), promoted nevertheless: on paper"
    )


def test_what_is_shown_needs_no_reason() -> None:
    assert check_promotion(looked("shown"), "abc") == looked("shown")


@pytest.mark.parametrize("verdict", ["suggestive", "no edge shown", "not valid"])
def test_every_other_verdict_has_to_be_acknowledged(verdict: str) -> None:
    with pytest.raises(StrategyError, match=f"{verdict}: a reason is needed"):
        check_promotion(looked(verdict, "  "), "abc")
    assert check_promotion(looked(verdict, " on\n paper "), "abc").override == "on paper"


def test_a_long_reason_is_cut() -> None:
    assert len(check_promotion(Promotion("why " * 200), "").override) == MOST_REASON


def test_evidence_is_of_exactly_this_parameter_set_and_has_its_record() -> None:
    with pytest.raises(StrategyError, match="the evidence is of parameter set abc, this one is d"):
        check_promotion(looked("shown"), "def")
    assert check_promotion(looked("shown"), "") == looked("shown")  # whose digest is not known here
    with pytest.raises(StrategyError, match="lacks a parameter set, registration or look"):
        check_promotion(Promotion("x", "shown", "abc"), "abc")
