"""Ticks that people would choose, elements that cannot be broken out of, numbers as read."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from signalengine.signals import Outcome, Verdict

from research.reports import words
from research.reports.markup import Html, joined, number, tag
from research.reports.plot import Scale, padded, path, stairs, ticks

VALUES = st.floats(-1e7, 1e7).map(lambda x: round(x, 6))


@given(VALUES, VALUES, st.integers(1, 10))
def test_ticks_are_round_ascending_and_inside(one, other, count):
    low, high = sorted((one, other))
    if high - low < 1e-5:
        return
    found = ticks(low, high, count)
    room = (high - low) * 1e-6
    assert len(found) <= 2 * count + 1
    assert all(low - room <= x <= high + room for x in found)
    steps = [b - a for a, b in pairwise(found)]
    assert all(step == pytest.approx(steps[0]) for step in steps)


def test_ticks_are_those_one_would_choose():
    assert ticks(0, 10) == [0, 2, 4, 6, 8, 10]
    assert ticks(-0.8, 1.1, 4) == [-0.5, 0.0, 0.5, 1.0]
    assert ticks(5, 5) == [5]


@given(st.lists(VALUES, max_size=9))
def test_a_padded_range_is_never_empty_and_holds_all(values):
    low, high = padded(values, 0.0)
    assert low < high
    assert all(low <= x <= high for x in values)


def test_a_scale_without_extent_is_its_middle():
    assert Scale(3.0, 3.0, 0.0, 10.0)(3.0) == 5.0
    assert Scale(0.0, 10.0, 100.0, 0.0)(2.5) == 75.0


def test_a_path_names_no_place_twice_in_a_row():
    assert path([(0, 0), (0.01, 0), (5, 1.25)]) == "M0 0L5 1.2"
    assert path([]) == ""


def test_stairs_keep_each_value_until_the_next():
    assert stairs([(0, 1), (2, 3)], 5) == [(0, 1), (2, 1), (2, 3), (5, 3)]


@pytest.mark.parametrize(
    ("value", "text"), [(0.0, "0"), (-0.01, "0"), (1.0, "1"), (12.34, "12.3"), (-3.96, "-4")]
)
def test_coordinates_are_short(value, text):
    assert number(value) == text


def test_text_is_escaped_and_markup_is_not():
    assert tag("p", "<b> & \"'", tag("i", 1)) == ("<p>&lt;b&gt; &amp; &quot;&#x27;<i>1</i></p>")
    assert tag("a", href='"><script>', class_="x", tabindex=None) == (
        '<a href="&quot;&gt;&lt;script&gt;" class="x"></a>'
    )
    assert joined("<", None, Html("<br>")) == "&lt;<br>"
    assert tag("meta", http_equiv="a") == '<meta http-equiv="a">'


@given(st.text())
def test_no_text_leaves_its_element(text):
    inside = tag("p", text).removeprefix("<p>").removesuffix("</p>")
    assert "<" not in inside
    assert ">" not in inside


@pytest.mark.parametrize(
    ("value", "text"),
    [(1e-8, "0.00000001"), (0.00001234, "0.00001234"), (0.5, "0.50000"), (2.5, "2.5000"),
     (172.456, "172.46"), (97000.0, "97000.00")],
)  # fmt: skip
def test_prices_have_the_digits_that_matter(value, text):
    assert words.price(value) == text


def test_numbers_have_real_minus_signs_and_no_minus_zero():
    assert words.bps(-0.00123) == "−12.3"
    assert words.bps(-1e-9) == "0.0"
    assert words.percent(0.5, 0, signed=True) == "+50 %"
    assert words.percent(-0.00001) == "0.00 %"


def test_every_outcome_and_verdict_has_its_words():
    assert set(words.OUTCOMES) == set(Outcome)
    assert set(words.VERDICTS) == set(Verdict)
