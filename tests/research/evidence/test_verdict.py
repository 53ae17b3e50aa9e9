"""Each condition alone prevents a verdict, and its text says why."""

from types import SimpleNamespace
from typing import Any, get_args

import pytest
from signalengine.strategy.promotion import NONE_SHOWN, SHOWN

from research.evidence.verdict import Validity, Verdict, verdict_of
from research.statistics.summary import Estimate


def phase(
    *,
    n: int = 100,
    mean: float = 20.0,
    low: float = 5.0,
    double: float = 8.0,
    deflated: float | None = 0.97,
    p: float | None = 0.01,
) -> Any:
    """What the verdict reads of a span; returns in bps."""
    net = Estimate(mean / 1e4, n, low / 1e4, (2 * mean - low) / 1e4)
    reason = "" if deflated is not None else "12 days, 30 needed"
    found = SimpleNamespace(
        summary=SimpleNamespace(n=n, mean_net=net),
        deflated=Estimate(deflated, 40, reason=reason),
        tried=3,
    )
    return SimpleNamespace(found=found, mean_net=net, double_costs=Estimate(double / 1e4, n), p=p)


def test_the_core_knows_the_words_of_verdicts() -> None:
    assert {SHOWN, NONE_SHOWN} < set(get_args(Verdict))


def test_all_conditions_together_show_an_edge() -> None:
    found = verdict_of(phase(), phase())
    assert found.verdict == "shown"
    assert found.words.startswith("Shown")


@pytest.mark.parametrize(
    "final",
    [{"low": -1.0}, {"deflated": 0.94}, {"deflated": None}, {"double": -1.0}],
    ids=str,
)
def test_each_condition_alone_prevents_it(final: dict[str, Any]) -> None:
    found = verdict_of(phase(), phase(**final))
    assert found.verdict == "suggestive"
    assert [one.holds for one in found.shown].count(False) == 1


@pytest.mark.parametrize("p", [0.11, None])
def test_a_large_p_is_no_suggestion(p: float | None) -> None:
    assert verdict_of(phase(), phase(low=-1.0, p=p)).verdict == "no edge shown"


def test_a_losing_validation_is_no_suggestion() -> None:
    assert verdict_of(phase(mean=-1.0), phase(low=-1.0)).verdict == "no edge shown"


def test_few_signals_show_nothing() -> None:
    found = verdict_of(phase(), phase(n=29))
    assert found.verdict == "no edge shown"
    assert "29 closed signals" in found.shown[0].text


def test_without_a_look_there_is_no_verdict() -> None:
    found = verdict_of(phase(), None)
    assert (found.verdict, found.shown) == ("not looked at", ())


def test_the_conditions_name_the_numbers() -> None:
    texts = [one.text for one in verdict_of(phase(), phase(deflated=None)).shown]
    assert "unknown (12 days, 30 needed) after 3 configurations tried" in texts[1]
    assert "+20.0 bps (+5.0 to +35.0)" in texts[2]


@pytest.mark.parametrize(
    ("validity", "fault"),
    [
        (Validity(look=2), "this is look 2 at the final span"),
        (Validity(chosen_after=("a", "b")), "it was registered after a and b looked at the final"),
        (Validity(used=True), "a part of the final span was design or validation before"),
        (Validity(recorded=False), "the file of looks does not hold"),
    ],
)
@pytest.mark.parametrize(
    ("final", "reached"), [({}, "shown"), ({"low": -1.0}, "suggestive")], ids=str
)
def test_what_a_spoiled_look_finds_cannot_be_claimed(
    final: dict[str, Any], reached: str, validity: Validity, fault: str
) -> None:
    found = verdict_of(phase(), phase(**final), validity)
    assert (found.verdict, found.reached) == ("not valid", reached)
    assert found.words.startswith(f"Not valid: {fault}")
    assert found.words.endswith(f'"{reached.capitalize()}" cannot be claimed.')
    assert [one.holds for one in validity.conditions].count(False) == 1
    nothing = verdict_of(phase(), phase(n=29), validity)
    assert nothing.words == "No edge shown."
