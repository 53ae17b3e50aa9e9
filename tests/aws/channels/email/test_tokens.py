"""Tokens of links: of one purpose, for a time, made with the stack's key."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from signalengine_aws.channels.email.tokens import Purpose, TokenError, opened, signed

KEY = b"a key of the stack, made up for this test"
NOW = 1_747_656_000_000


@given(st.text(max_size=300))
def test_a_token_opens_what_it_was_made_for(subject: str) -> None:
    subject = subject.encode(errors="replace").decode()
    token = signed("confirm", subject, KEY, NOW + 1)
    assert opened("confirm", token, KEY, NOW) == subject
    assert token.replace("-", "").replace("_", "").isalnum()


@pytest.mark.parametrize(("made", "used"), [("confirm", "unsubscribe"), ("unsubscribe", "confirm")])
def test_a_token_has_one_purpose(made: Purpose, used: Purpose) -> None:
    token = signed(made, "one", KEY)
    with pytest.raises(TokenError, match="not valid"):
        opened(used, token, KEY, NOW)


def test_a_token_expires_and_one_without_a_time_does_not() -> None:
    token = signed("confirm", "one", KEY, NOW)
    assert opened("confirm", token, KEY, NOW - 1) == "one"
    with pytest.raises(TokenError, match="expired"):
        opened("confirm", token, KEY, NOW)
    assert opened("unsubscribe", signed("unsubscribe", "one", KEY), KEY, 10**15) == "one"


def test_another_key_makes_every_link_void() -> None:
    with pytest.raises(TokenError):
        opened("confirm", signed("confirm", "one", KEY), KEY + b"x", NOW)


TOKEN = signed("confirm", "ada@example.com", KEY, NOW + 1)


@given(st.one_of(st.text(max_size=80), st.integers(0, len(TOKEN) - 1)))
def test_no_other_text_opens_anything(change: str | int) -> None:
    if isinstance(change, int):
        other = "A" if TOKEN[change] != "A" else "B"
        token = TOKEN[:change] + other + TOKEN[change + 1 :]
    else:
        token = change
    try:
        assert opened("confirm", token, KEY, NOW) == "ada@example.com"
    except TokenError:
        return
    # the last letter of base64 may have bits that count for nothing
    assert isinstance(change, int)
    assert change == len(TOKEN) - 1


@pytest.mark.parametrize("token", ["", "A" * 2_000, "é", "\udc80", "====", "a b"])
def test_what_is_no_token_is_refused(token: str) -> None:
    with pytest.raises(TokenError):
        opened("confirm", token, KEY, NOW)
