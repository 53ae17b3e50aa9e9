"""The codes with which a socket's end is passed on."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.local.front.relay import _sendable


@given(st.one_of(st.none(), st.integers(0, 6000)))
def test_only_codes_that_may_be_sent_are_passed_on(code: int | None) -> None:
    """RFC 6455, 7.4: 1005, 1006 and 1015 are never in a close frame."""
    sent = _sendable(code)
    assert sent in {1000, 1001, 1003, 1007, 1008, 1009, 1011} or sent >= 3000
    if sent != code:
        assert sent == 1001


@pytest.mark.parametrize("code", [1000, 1008, 1009, 4001])
def test_a_code_with_a_meaning_stays(code: int) -> None:
    assert _sendable(code) == code
