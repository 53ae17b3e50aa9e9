"""Base64 for URLs."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from signalengine_aws.channels.push.base64url import bytes_of, text_of


@given(st.binary(max_size=70))
def test_a_text_stands_for_its_bytes(data: bytes) -> None:
    text = text_of(data)
    assert "=" not in text
    assert bytes_of(text) == data
    assert bytes_of(text + "=" * (-len(text) % 4)) == data


@pytest.mark.parametrize("text", ["a+b/", "a b", "é", "====", "A"])
def test_what_is_no_base64url_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"base64|Invalid|padding"):
        bytes_of(text)
