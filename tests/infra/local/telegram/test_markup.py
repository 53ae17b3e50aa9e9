"""Telegram's HTML: refused as Telegram refuses it, and rendered so that a page stays safe."""

import re
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.local.telegram import markup as module
from infra.local.telegram.markup import Entity, MarkupError, parse_html, plain, render, units_of
from tests.examples import examples


def test_tags_become_entities_in_utf16_units() -> None:
    read = parse_html("🟢 <b>LONG <i>BTC</i></b> &lt;&amp;&#x41;&euro;")
    assert read.text == "🟢 LONG BTC <&A&euro;"
    assert read.entities == (Entity("bold", 3, 8), Entity("italic", 8, 3))


def test_outer_white_space_goes_and_the_entities_follow() -> None:
    read = parse_html("\n  <b> a</b> ")
    assert (read.text, read.entities) == ("a", (Entity("bold", 0, 1),))


def test_all_of_telegrams_tags_are_known() -> None:
    source = (
        "<strong>a</strong><em>b</em><u>c</u><ins>d</ins><s>e</s><strike>f</strike><del>g</del>"
        '<span class="tg-spoiler">h</span><tg-spoiler>i</tg-spoiler><a href="https://x.y/?a=1&amp;b'
        '=>">j</a><code>k</code><pre><code class="language-x">l</code></pre>'
        "<blockquote expandable>m</blockquote>"
    )
    read = parse_html(source)
    assert read.text == "abcdefghijklm"
    assert read.entities[9] == Entity("text_link", 9, 1, "https://x.y/?a=1&b=>")


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("a < b", "Unclosed start tag at byte offset 2"),
        ("é<script>x</script>", 'Unsupported start tag "script" at byte offset 2'),
        ("<b>x", 'Can\'t find end tag corresponding to start tag "b"'),
        ("x</b>", "Unexpected end tag at byte offset 1"),
        ("<b>x</i>", 'Unmatched end tag at byte offset 4, expected "</b>", found "</i>"'),
        ("<span>x</span>", 'Tag "span" must have class "tg-spoiler" at byte offset 0'),
        ("<>x</>", 'Unsupported start tag "" at byte offset 0'),
    ],
)
def test_invalid_markup_is_refused_with_telegrams_message(source: str, reason: str) -> None:
    with pytest.raises(MarkupError, match="can't parse entities") as caught:
        parse_html(source)
    assert str(caught.value) == f"Bad Request: can't parse entities: {reason}"


def test_plain_text_has_commands_only() -> None:
    read = plain(" 🟢 /stats@bot <b>1/2</b> ")
    assert read.text == "🟢 /stats@bot <b>1/2</b>"
    assert read.entities == (Entity("bot_command", 3, 10),)


def test_rendering_nests_as_the_source_did() -> None:
    assert render(parse_html("<b>a<i>🟢</i></b>c")) == "<b>a<i>🟢</i></b>c"
    assert render(plain("/help <b>")) == '<span class="command">/help</span> &lt;b&gt;'


def test_a_link_is_only_rendered_where_it_is_safe() -> None:
    assert 'href="https://x.y"' in render(parse_html('<a href="https://x.y">a</a>'))
    assert render(parse_html('<a href="javascript:alert(1)">a</a>')) == "a"


fragments = st.sampled_from(
    ["<b>", "</b>", "<i>", "</i>", '<a href="javascript:x">', "</a>", "<script>", "&lt;", "&", "🟢",
     '"><img src=x onerror=y>', "<code>", "</code>", "text", " ", "&#60;", "'"]
)  # fmt: skip


@examples(300)
@given(st.lists(fragments, max_size=12).map("".join))
def test_whatever_is_accepted_renders_to_known_tags_only(source: str) -> None:
    try:
        read = parse_html(source)
    except MarkupError:
        return
    page = render(read)
    assert set(re.findall(r"<(\w+)", page)) <= {"b", "i", "code"}
    again = parse_html(page)
    assert again.text == read.text
    assert all(e.offset + e.length <= units_of(read.text) for e in read.entities)


HOSTILE: dict[str, Callable[[int], str]] = {
    "an unclosed tag": lambda size: "<" + "b" * size,
    "an unclosed attribute": lambda size: "<b " + "a='x' " * (size // 6),
    "unclosed tags": lambda size: "<b>" * (size // 3),
    "nesting": lambda size: "<b>" * (size // 7) + "x" + "</b>" * (size // 7),
    "empty tags": lambda size: "<b></b>" * (size // 7),
    "spaces in a tag": lambda size: "<b" + " " * size + ">x</b>",
    "equals signs": lambda size: "<b " + "a= " * (size // 3) + ">x</b>",
    "wide characters": lambda size: "<b>🟢</b>" * (size // 8),
    "entities": lambda size: "&#x1F7E2" * (size // 8) + "&lt;" * (size // 8),
    "commands": lambda size: "/a " * (size // 3),
}


def read_and_rendered(source: str) -> None:
    """Read a text in both modes and render what was accepted."""
    render(plain(source))
    try:
        read = parse_html(source)
    except MarkupError:
        return
    render(read)


@pytest.mark.parametrize("name", HOSTILE)
def test_the_characters_looked_at_grow_with_the_length_only(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked_at = 0

    def counted(measure: Callable[..., int]) -> Callable[..., int]:
        def count(*arguments: str) -> int:
            nonlocal looked_at
            looked_at += len(arguments[0])
            return measure(*arguments)

        return count

    for measure in ("_bytes", "units_of"):
        monkeypatch.setattr(module, measure, counted(getattr(module, measure)))
    for size in (16_000, 64_000):
        looked_at = 0
        read_and_rendered(HOSTILE[name](size))
        assert looked_at <= 12 * size


@pytest.mark.timeout(60)  # where time grows with the square, it takes minutes to hours
@pytest.mark.parametrize("name", HOSTILE)
def test_a_long_hostile_text_ends_reading(name: str) -> None:
    read_and_rendered(HOSTILE[name](400_000))
