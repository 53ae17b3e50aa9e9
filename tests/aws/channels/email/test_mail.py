"""A mail as MIME: its headers, and what a reader's program loads of it: nothing."""

from dataclasses import replace
from email import message_from_bytes
from email.policy import SMTP

import pytest
from hypothesis import given
from hypothesis import strategies as st
from signalengine_aws.channels.email.mail import MAX_SUBJECT, composed, message_id

from tests.aws.channels.email.samples import MAIL


def test_a_bulk_mail_has_the_headers_that_end_a_subscription_at_a_click() -> None:
    """RFC 8058: an https address, and the body that the mail program posts to it."""
    found = composed(MAIL)
    assert found["List-Unsubscribe"] == f"<{MAIL.unsubscribe}>"
    assert found["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert found["Auto-Submitted"] == "auto-generated"
    assert found["Date"] == "Mon, 19 May 2025 12:00:00 +0000"


def test_a_page_without_tls_has_no_one_click() -> None:
    found = composed(replace(MAIL, unsubscribe="http://127.0.0.1:1/api/email/unsubscribe?token=a"))
    assert "List-Unsubscribe-Post" not in found
    assert found["List-Unsubscribe"] is not None
    assert "List-Unsubscribe" not in composed(replace(MAIL, unsubscribe=""))


def test_a_closing_is_in_the_thread_of_its_opening() -> None:
    found = composed(replace(MAIL, reply_to="<opening@sender.example>"))
    assert found["In-Reply-To"] == found["References"] == "<opening@sender.example>"
    assert "In-Reply-To" not in composed(MAIL)


def test_a_silent_mail_is_of_low_importance() -> None:
    assert composed(replace(MAIL, silent=True))["Importance"] == "low"
    assert composed(MAIL)["Importance"] is None


def test_a_message_id_is_that_of_its_event_and_contact() -> None:
    of = message_id("0123#opened", "a" * 24, "sender.example")
    assert of == "<0123.opened.aaaaaaaaaaaa@sender.example>"
    assert of != message_id("0123#closed", "a" * 24, "sender.example")
    assert of != message_id("0123#opened", "b" * 24, "sender.example")
    assert message_id("a#again:x\r\ny> <z", "b" * 24, "s.example").count("<") == 1


@pytest.mark.parametrize("part", ["plain", "html"])
@given(st.text(max_size=400))
def test_any_text_arrives_and_none_makes_a_header(part: str, text: str) -> None:
    mail = replace(MAIL, subject=text, text=text, html=text)
    content = composed(mail).as_bytes()
    assert content.isascii()
    assert max(len(line) for line in content.split(b"\r\n")) <= 998
    found = message_from_bytes(content, policy=SMTP)
    assert found.keys() == composed(MAIL).keys()
    assert len(str(found["Subject"])) <= MAX_SUBJECT
    body = found.get_body((part,))
    assert body is not None
    lines = str(body.get_content()).splitlines()
    assert [line for line in lines if line] == [
        line for line in text.encode(errors="replace").decode().splitlines() if line
    ]
