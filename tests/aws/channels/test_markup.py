"""Telegram HTML as runs, and lines that fit."""

import html

import pytest
from hypothesis import given
from hypothesis import strategies as st
from signalengine.text.messages import announcement_text, opened_text
from signalengine_aws.channels.markup import (
    Line,
    Run,
    Style,
    fitted,
    labelled,
    lines_of,
    text_of,
    units,
)
from signalengine_aws.channels.telegram.text import units as units_of_telegram
from signalengine_aws.channels.telegram.text import without_tags

from tests.examples import examples
from tests.notifications import TEXTS
from tests.telegram_samples import signal


def upper(line: Line) -> str:
    """A markup that makes text longer."""
    return "".join(f"[{html.escape(run.text)}]" for run in line)


def test_styles_and_entities_are_read() -> None:
    source = "🟢 <b>LONG &lt;A&amp;B&gt;</b>\n\n<code>1.5</code> <i>x</i>"
    assert lines_of(source) == (
        (Run("🟢 "), Run("LONG <A&B>", Style.BOLD)),
        (),
        (Run("1.5", Style.CODE), Run(" "), Run("x", Style.ITALIC)),
    )


@examples(100)
@given(TEXTS)
def test_no_word_is_lost_and_none_is_added(text: str) -> None:
    for source in (announcement_text(text or "x"), opened_text(signal(symbol=text))):
        assert "\n".join(map(text_of, lines_of(source))) == without_tags(source)


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("💰 Entry: <code>1</code>", ("💰 Entry", (Run("1", Style.CODE),))),
        ("⚠️ Old data: silent: 3 s", ("⚠️ Old data", (Run("silent: 3 s"),))),
        ("   indented: 1", None),
        ("⏰ 12:00:00 UTC", None),
        ("<b>bold: 1</b>", None),
        ("", None),
    ],
)
def test_a_line_has_a_label_or_none(source: str, found: tuple[str, Line] | None) -> None:
    assert labelled(lines_of(source)[0]) == found


@examples(150)
@given(st.lists(TEXTS, max_size=5), st.integers(0, 300))
def test_what_is_fitted_is_the_beginning_and_never_too_long(texts: list[str], limit: int) -> None:
    lines = [(Run(text, Style.BOLD),) if text else () for text in texts]
    whole = "\n".join(map(upper, lines))
    found = fitted(lines, upper, limit)
    assert units(found) <= limit
    if units(whole) <= limit:
        assert found == whole
    else:
        assert whole.startswith(found.removesuffix("[…]").rstrip("]"))


def test_what_is_cut_off_ends_with_an_ellipsis() -> None:
    lines = [(Run("first"),), (Run("sec"), Run("ond", Style.BOLD))]
    assert fitted(lines, text_of, 11) == "first\nseco…"
    assert fitted(lines, text_of, 12) == "first\nsecond"


@examples(50)
@given(st.text(max_size=50))
def test_units_are_those_of_utf_16(text: str) -> None:
    assert units(text) == units_of_telegram(text)
    assert units(text) == len(text.encode("utf-16-le", "surrogatepass")) // 2
