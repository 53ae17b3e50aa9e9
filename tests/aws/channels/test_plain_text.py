"""Messages of the core as plain text."""

import pytest
from signalengine_aws.channels.plain_text import plain_text


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("<b>LONG</b> <code>1</code>", "LONG 1"),
        ("a &lt;b&gt; &amp;lt;", "a <b> &lt;"),
        ("x < y", "x < y"),
    ],
)
def test_tags_go_and_entities_are_characters(source: str, text: str) -> None:
    assert plain_text(source) == text
