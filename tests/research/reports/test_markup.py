"""Text is escaped, markup is not, and no text can leave its element."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from research.reports.markup import Html, joined, number, tag


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
