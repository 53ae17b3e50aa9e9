"""Numbers and enumerations as a reader sees them."""

import pytest
from signalengine.signals import Outcome, Verdict

from research.reports import formatting


@pytest.mark.parametrize(
    ("value", "text"),
    [(1e-8, "0.00000001"), (0.00001234, "0.00001234"), (0.5, "0.50000"), (2.5, "2.5000"),
     (172.456, "172.46"), (97000.0, "97000.00")],
)  # fmt: skip
def test_prices_have_the_digits_that_matter(value, text):
    assert formatting.price(value) == text


def test_numbers_have_real_minus_signs_and_no_minus_zero():
    assert formatting.bps(-0.00123) == "−12.3"
    assert formatting.bps(-1e-9) == "0.0"
    assert formatting.percent(0.5, 0, signed=True) == "+50 %"
    assert formatting.percent(-0.00001) == "0.00 %"


def test_every_outcome_and_verdict_has_its_words():
    assert set(formatting.OUTCOMES) == set(Outcome)
    assert set(formatting.VERDICTS) == set(Verdict)


@pytest.mark.parametrize(
    ("minutes", "text"),
    [(0, "0 min"), (45, "45 min"), (60, "1 h"), (450, "7 h 30 min"), (1440, "1 d"),
     (13 * 1440 + 245, "13 d 4 h"), (20160, "14 d")],
)  # fmt: skip
def test_spans_have_their_two_largest_units(minutes, text):
    assert formatting.duration(minutes * 60_000) == text
