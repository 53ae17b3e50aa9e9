"""An ntfy server: what is accepted, and each refusal with its code."""

from typing import Any

import pytest

from infra.local.channels.faults import Fault
from infra.local.channels.ntfy import ERRORS, Ntfy

from .samples import NOW, call, document

VIEW = {"action": "view", "label": "Chart", "url": "https://d.example/1"}


def test_a_message_is_returned_with_its_id_and_shown() -> None:
    body = {
        "topic": "open", "title": "LONG", "message": "Entry 50\nTP 51", "priority": 2,
        "tags": ["warning", "long"], "click": "https://d.example/1", "actions": [VIEW],
    }  # fmt: skip
    answer = call(Ntfy(), body)
    stored = document(answer)
    assert (stored["event"], stored["topic"], len(stored["id"])) == ("message", "open", 12)
    shown = answer.arrived
    assert shown is not None
    assert (shown.title[0].text, shown.title[0].address) == ("⚠️ LONG", "https://d.example/1")
    assert (len(shown.lines), shown.silent, shown.links) == (2, True, (("Chart", VIEW["url"]),))
    assert [row[0].text for row in shown.footer] == ["Tags: long", "Priority: 2"]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"{", 40024),
        ([], 40024),
        ({"topic": "open", "priority": "high"}, 40017),
        ({"topic": "no topic"}, 40009),
        ({"topic": "open", "priority": 6}, 40007),
        ({"topic": "open", "title": "é" * 1_025}, 40057),
        ({"topic": "open", "message": "é" * 2_049}, 40014),
        ({"topic": "open", "actions": [VIEW] * 4}, 40018),
        ({"topic": "open", "actions": [{"action": "view", "label": "x"}]}, 40018),
        ({"topic": "open", "message": "x" * 8_192}, 41303),
        ({"topic": "signals", "message": "x"}, 40301),
    ],
)
def test_a_document_that_is_none_is_refused(body: Any, code: int) -> None:
    answer = call(Ntfy(), body)
    assert (document(answer)["code"], document(answer)["http"]) == (code, answer.status)
    assert (answer.status, answer.arrived) == (int(str(code)[:3]), None)


def test_the_protected_topic_wants_its_token() -> None:
    ntfy = Ntfy()
    body = {"topic": "signals", "message": "x"}
    token = ntfy.destination["secret"]
    assert call(ntfy, body, authorization=f"Bearer {token}").status == 200
    assert document(call(ntfy, body, authorization="Bearer tk_wrong"))["code"] == 40101


def test_sixty_requests_and_one_more_every_five_seconds_are_accepted() -> None:
    ntfy = Ntfy(limited=True)
    body = {"topic": "open", "message": "x"}
    assert [call(ntfy, body).status for _ in range(61)] == [200] * 60 + [429]
    assert document(call(ntfy, body, at=NOW + 4_999))["code"] == 42901
    assert call(ntfy, body, at=NOW + 5_000).status == 200


def test_each_fault_is_answered_as_ntfy_does() -> None:
    ntfy = Ntfy()
    for code in ERRORS:
        answer = ntfy.refusal(Fault("error", "ntfy", error=code))
        assert (answer.status, document(answer)["code"]) == (int(code[:3]), int(code))
    assert "Retry-After" not in ntfy.refusal(Fault("429", "ntfy", retry_after=0.0)).headers
    assert ntfy.refusal(Fault("429", "ntfy", retry_after=7.0)).headers["Retry-After"] == "7"
    assert ntfy.refusal(Fault("500", "ntfy")).status == 500
