"""Slack's incoming webhooks: what is accepted, and each refusal with its status and word."""

from typing import Any

import pytest

from infra.local.channels.faults import Fault
from infra.local.channels.slack import ERRORS, Slack

from .samples import NOW, call


def mrkdwn(text: str) -> dict[str, Any]:
    return {"type": "mrkdwn", "text": text}


def section(text: str) -> dict[str, Any]:
    return {"type": "section", "text": mrkdwn(text)}


def test_blocks_are_shown_as_slack_reads_them() -> None:
    blocks = [
        {"type": "header", "text": {"type": "plain_text", "text": "LONG BTCUSDT"}},
        section("*a* &amp; `1.5` &lt;b&gt; <https://d.example/1|Chart>"),
        {"type": "section", "fields": [mrkdwn("*Entry*\n`50`")]},
        {"type": "context", "elements": [mrkdwn("id")]},
    ]
    answer = call(Slack(), {"text": "x", "blocks": blocks})
    assert (answer.status, answer.body) == (200, b"ok")
    shown = answer.arrived
    assert shown is not None
    assert "".join(run.text for run in shown.lines[0]) == "a & 1.5 <b> Chart"
    assert shown.lines[0][-1].address == "https://d.example/1"
    assert [run.text for run in shown.fields[0][0]] == ["Entry"]
    assert shown.fields[0][1][0][0].style == "code"


@pytest.mark.parametrize(
    ("body", "word"),
    [
        (b"{", "invalid_payload"),
        ([], "invalid_payload"),
        ({}, "no_text"),
        ({"text": "x" * 40_001}, "invalid_payload"),
        ({"blocks": [section("x")] * 51}, "invalid_blocks"),
        ({"blocks": [section("x" * 3_001)]}, "invalid_blocks"),
        ({"blocks": [section("😀" * 1_501)]}, "invalid_blocks"),
        ({"blocks": [section("")]}, "invalid_blocks"),
        ({"blocks": [{"type": "section"}]}, "invalid_blocks"),
        ({"blocks": [{"type": "section", "fields": [mrkdwn("x")] * 11}]}, "invalid_blocks"),
        ({"blocks": [{"type": "section", "fields": [mrkdwn("x" * 2_001)]}]}, "invalid_blocks"),
        ({"blocks": [{"type": "header", "text": mrkdwn("x")}]}, "invalid_blocks"),
        ({"blocks": [{"type": "context", "elements": [mrkdwn("x")] * 11}]}, "invalid_blocks"),
        ({"blocks": [{"type": "made_up"}]}, "invalid_blocks"),
    ],
)
def test_a_payload_that_is_none_is_refused(body: Any, word: str) -> None:
    answer = call(Slack(), body)
    assert (answer.status, answer.body.decode(), answer.arrived) == (400, word, None)


def test_unknown_webhooks_have_words_of_their_own() -> None:
    slack = Slack()
    path = slack.destination["path"]
    found = [
        call(slack, {"text": "x"}, path=one)
        for one in ("/services/T9/B9/x", "/services/T01LOCAL/B9/x", path[:-1])
    ]
    assert [(one.status, one.body.decode()) for one in found] == [
        (404, "no_team"), (404, "no_service"), (403, "invalid_token"),
    ]  # fmt: skip


def test_a_burst_above_one_a_second_is_refused() -> None:
    slack = Slack(limited=True)
    answers = [call(slack, {"text": "x"}, at=NOW + number) for number in range(4)]
    assert [one.status for one in answers] == [200, 200, 200, 429]
    assert answers[3].headers["Retry-After"] == "1"
    assert call(slack, {"text": "x"}, at=NOW + 1_000).status == 200


def test_each_fault_is_answered_as_slack_does() -> None:
    slack = Slack()
    for word, status in ERRORS.items():
        answer = slack.refusal(Fault("error", "slack", error=word))
        assert (answer.status, answer.body.decode()) == (status, word)
    assert slack.refusal(Fault("429", "slack", retry_after=29.2)).headers["Retry-After"] == "30"
    assert slack.refusal(Fault("500", "slack", status=503)).status == 503
