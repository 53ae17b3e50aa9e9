"""Notifications as mails: a chat's facts as text, and as HTML without markup of others."""

from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st
from signalengine_aws.channels.email.renderer import MailText, document, render, without_tags
from signalengine_aws.channels.email.texts import WORDS
from signalengine_aws.delivery.notifications import read_notification, repeated

from tests.telegram_samples import body, closed, signal

SITE = "https://signals.example/"
STOP = f"{SITE}api/email/unsubscribe?token=a&b"


class Tags(HTMLParser):
    """The tags and the attributes of a document."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.addresses: list[str] = []
        self.attributes: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.addresses += [value or "" for name, value in attrs if name in ("href", "src")]


def test_an_opening_is_a_mail_with_its_page() -> None:
    found = render(read_notification(body(signal())), SITE)
    assert found.subject == "🟢 LONG BTCUSDT"
    page = f"{SITE}signals/{signal().signal_id}"
    text = found.text(STOP)
    assert f"Open the signal: {page}" in text
    assert f"Unsubscribe: {STOP}" in text
    assert "<" not in text
    parsed = Tags(found.html(STOP))
    assert parsed.addresses == [page, STOP]
    assert parsed.tags <= {
        "html", "head", "meta", "body", "div", "p", "br", "b", "i", "code", "a", "hr", "small",
    }  # fmt: skip
    assert parsed.attributes <= {"lang", "charset", "name", "content", "style", "href"}


def test_a_closing_and_its_opening_say_what_a_chat_is_told() -> None:
    for one, first in ((signal(), "LONG BTCUSDT"), (closed(), "TP HIT - LONG BTCUSDT")):
        found = render(read_notification(body(one)), "")
        assert found.subject.endswith(first)
        assert found.page == ""
        assert one.signal_id in found.text("")
        assert found.text("").startswith(found.subject)


def test_a_repeat_is_marked() -> None:
    again = read_notification(repeated(body(signal()), "one"))
    assert "Sent again on request" in render(again).text("")
    assert "Sent again on request" not in render(read_notification(body(signal()))).text("")


@pytest.mark.parametrize("language", WORDS)
def test_a_mail_is_in_a_language(language: str) -> None:
    found = render(read_notification(body(signal())), SITE, language)
    assert WORDS[language].why in found.text(STOP)
    assert f'<html lang="{language}">' in found.html(STOP)


def test_a_language_without_texts_is_english() -> None:
    assert WORDS["en"].why in render(read_notification(body(signal())), SITE, "xx").text("")


@given(st.text(max_size=200))
def test_no_address_or_language_becomes_markup(text: str) -> None:
    one = MailText("e", 0, "s", "<b>x</b>", page=f"https://x.example/{text}")
    assert Tags(one.html(text)).tags <= {
        "html", "head", "meta", "body", "div", "p", "b", "a", "hr", "small",
    }  # fmt: skip
    assert Tags(document(text, "")).tags == {"html", "head", "meta", "body"}


def test_escapes_are_undone_in_plain_text() -> None:
    assert without_tags("<b>A&amp;B</b> &lt;i&gt; <code>1</code>") == "A&B <i> 1"
