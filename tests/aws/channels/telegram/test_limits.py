"""Telegram's limits by kind of chat."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from signalengine_aws.channels.telegram.limits import GROUP, PRIVATE, limits


@pytest.mark.parametrize("chat_id", ["-42", "-1001", "@name"])
def test_groups_and_channels_get_twenty_messages_a_minute(chat_id: str) -> None:
    assert limits(chat_id) == GROUP
    assert (GROUP.spacing_ms, GROUP.per_minute) == (1_000, 20)


@given(st.integers(0, 10**6))
def test_a_chosen_spacing_slows_and_never_speeds(spacing_ms: int) -> None:
    for chat in ("42", "-42"):
        found = limits(chat, spacing_ms)
        assert found == replace(limits(chat), spacing_ms=max(1_000, spacing_ms))


def test_a_private_chat_gets_one_message_a_second() -> None:
    assert limits("42") == PRIVATE
    assert (PRIVATE.spacing_ms, PRIVATE.per_minute) == (1_000, None)
