"""Escaped text is printable, and escaped JSON is the same document."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from signalengine.text.escaping import escaped

ANY = st.text(st.characters(), max_size=60)  # halves of surrogate pairs too


@given(ANY)
def test_no_text_controls_a_terminal(text: str) -> None:
    assert escaped(text).isprintable()
    assert escaped(text, keep="\n").replace("\n", "").isprintable()
    assert escaped(text, keep="\n").count("\n") == text.count("\n")


@given(st.recursive(ANY, lambda inner: st.lists(inner) | st.dictionaries(ANY, inner)))
def test_escaped_json_is_the_same_document(document: object) -> None:
    for ascii_only in (True, False):
        text = json.dumps(document, ensure_ascii=ascii_only)
        assert json.loads(escaped(text)) == json.loads(text)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("BTC\x1b[2J", r"BTC\u001b[2J"),
        ("\x9b2J\x7f", r"\u009b2J\u007f"),
        ("a\u202eb\u2066\u2028", r"a\u202eb\u2066\u2028"),
        ("\U000e0041", r"\udb40\udc41"),
        ("币安 é ≥ 🟢", "币安 é ≥ 🟢"),
    ],
)
def test_only_what_is_not_printable_changes(text: str, shown: str) -> None:
    assert escaped(text) == shown
