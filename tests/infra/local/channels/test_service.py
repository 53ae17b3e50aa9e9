"""Calls and answers of services."""

import pytest

from infra.local.channels.service import JSON, TEXT, Call, json_answer, text_answer


def test_an_answer_is_a_document_or_a_word() -> None:
    document, word = json_answer(200, {"a": 1}, {"X-A": "1"}), text_answer(404, "no_service")
    assert (document.status, document.body, document.content_type) == (200, b'{"a": 1}', JSON)
    assert (dict(document.headers), document.arrived) == ({"X-A": "1"}, None)
    assert (word.status, word.body, word.content_type) == (404, b"no_service", TEXT)


def test_a_body_that_is_no_document_is_said_to_be() -> None:
    assert Call("/", {}, b'{"a": 1}', 0).json() == {"a": 1}
    for body, reason in ((b"", "Expecting value"), (b"{", "Expecting"), (b"\xff", "decode")):
        with pytest.raises(ValueError, match=reason):
            Call("/", {}, body, 0).json()
