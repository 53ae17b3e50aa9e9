"""Laws of long texts: whole HTML in each part, nothing lost, nothing cut that belongs together."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from signalengine.text.formatting import plain
from signalengine_aws.channels.telegram.text import MAX_UNITS, parts, units, without_tags

from infra.local.telegram.markup import MAX_TEXT_UNITS, parse_html, units_of
from tests.examples import examples

FAMILY = "👨‍👩‍👧"
PIECES = st.sampled_from(
    ["word", " ", "\n", "😀", FAMILY, "é", "e\u0301", "&lt;", "&amp;", "&#128512;", "<b>", "</b>",
     "<i>", "</i>", "<code>x</code>", "العربية", "می‌خواهم", "longer-than-most"]
)  # fmt: skip


def balanced(pieces: list[str]) -> str:
    """Return HTML in which every tag is closed, in order."""
    out, opened = [], []
    for piece in pieces:
        if piece in ("<b>", "<i>"):
            opened.append(piece)
        elif piece.startswith("</") and (not opened or opened[-1] != piece.replace("/", "")):
            continue
        elif piece.startswith("</"):
            opened.pop()
        out.append(piece)
    return "".join([*out, *(tag.replace("<", "</") for tag in reversed(opened))])


def seen(text: str) -> str:
    """Return what remains of a text whatever happened to its white space."""
    return "".join(text.split())


@given(st.lists(PIECES, max_size=60), st.integers(20, 60))
@examples(60)
def test_parts_are_whole_html_within_the_limit(pieces: list[str], limit: int) -> None:
    source = balanced(pieces)
    found = [parse_html(part) for part in parts(source, limit)]
    assert all(0 < units_of(part.text) <= limit for part in found)
    assert seen("".join(part.text for part in found)) == seen(parse_html(source).text)
    assert all("\ufffd" not in part.text.encode("utf-16").decode("utf-16") for part in found)


@given(st.lists(PIECES, max_size=40))
@examples(40)
def test_the_text_without_tags_is_what_telegram_shows(pieces: list[str]) -> None:
    source = balanced(pieces)
    assert without_tags(source).strip() == parse_html(source).text
    assert units(without_tags(source).strip()) == units_of(parse_html(source).text)


@given(st.text(max_size=50))
@examples(40)
def test_any_text_has_a_form_without_tags(text: str) -> None:
    assert without_tags(plain(text, 100)) == parse_or_raw(plain(text, 100))


def parse_or_raw(source: str) -> str:
    """Return escaped text as it was before."""
    return source.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


@pytest.mark.parametrize("glued", [FAMILY, "e\u0301", "👍🏽", "❤️"])
def test_what_belongs_together_is_not_cut(glued: str) -> None:
    for before in range(1, 20):
        for part in parts("x" * before + glued * 3, 20):
            assert part.strip("x").replace(glued, "") == ""


def test_parts_end_at_lines_before_spaces_before_letters() -> None:
    assert parts("one two\nthree four", 12) == ["one two\n", "three four"]
    assert parts("one two three", 9) == ["one two ", "three"]
    assert parts("abcdefghij", 4) == ["abcd", "efgh", "ij"]
    assert parts("<b>one two</b> three", 4) == ["<b>one </b>", "<b>two</b> ", "thre", "e"]


def test_a_text_that_fits_stays_as_it_is() -> None:
    assert MAX_UNITS == MAX_TEXT_UNITS == 4096
    longest = "😀" * (MAX_UNITS // 2)
    assert parts(longest) == [longest]
    assert parts(f"<b>{longest}</b>") == [f"<b>{longest}</b>"]
    assert len(parts(f"{longest}x")) == 2
    assert parts("") == parts(" \n") == parts("<b> </b>") == []
