"""Notices to operators, as Telegram shows them."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from signalengine_aws.channels.telegram.notices import notice_text

ALARM = {
    "AlarmName": "SignalEngine-FeedLate",
    "AlarmDescription": "Bars are late. See docs/runbook.md#feedlate",
    "NewStateValue": "ALARM",
    "NewStateReason": "Threshold Crossed: 5 datapoints were greater than the threshold <60000>",
}


def test_an_alarm_shows_its_name_meaning_and_reason() -> None:
    assert notice_text("ALARM: ...", json.dumps(ALARM)) == (
        "🔴 <b>SignalEngine-FeedLate</b>: ALARM\n"
        "Bars are late. See docs/runbook.md#feedlate\n"
        "Threshold Crossed: 5 datapoints were greater than the threshold &lt;60000&gt;"
    )


def test_the_end_of_an_alarm_needs_no_reason() -> None:
    text = notice_text(None, json.dumps(ALARM | {"NewStateValue": "OK"}))
    assert text.startswith("🟢 <b>SignalEngine-FeedLate</b>: OK\n")
    assert "Threshold" not in text


@pytest.mark.parametrize("message", ["You exceeded <60> dollars", "[1]", '{"AlarmName": "x"}'])
def test_anything_else_is_shown_with_its_subject(message: str) -> None:
    text = notice_text("AWS Budgets: over", message)
    assert text.startswith("🔔 <b>AWS Budgets: over</b>\n")
    assert "<60>" not in text


@given(st.none() | st.text(), st.text())
def test_whatever_arrives_is_a_message_that_telegram_takes(
    subject: str | None, message: str
) -> None:
    text = notice_text(subject, message)
    assert 0 < len(text) <= 4096
    assert text.count("<") == text.count("<b>") + text.count("</b>")
