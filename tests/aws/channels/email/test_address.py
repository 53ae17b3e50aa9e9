"""Addresses: which are accepted, and what stands for one elsewhere."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from signalengine_aws.channels.email.address import (
    AddressError,
    id_of,
    is_id,
    key_of,
    masked,
    read_address,
)

KEY = b"a key of the stack, made up for this test"


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("ada@example.com", "ada@example.com"),
        ("  Ada.Lovelace+signals@Mail.Example.COM ", "Ada.Lovelace+signals@mail.example.com"),
        ("a@b.co", "a@b.co"),
        ("o'neil_x@sub-1.example.org", "o'neil_x@sub-1.example.org"),
        ("a@xn--bcher-kva.example", "a@xn--bcher-kva.example"),
    ],
)
def test_an_address_is_read(text: str, address: str) -> None:
    assert read_address(text) == address


@pytest.mark.parametrize(
    "text",
    [
        "", "ada", "@example.com", "ada@", "ada@localhost", "ada@example", "a b@example.com",
        "ada@example..com", "ada@-a.com", ".ada@example.com", "a..b@example.com",
        "ada@exa mple.com",
        "ada@[127.0.0.1]", '"a b"@example.com', "Ada <ada@example.com>", "ada@example.com, b@c.de",
        "ada@example.com\nBcc: b@c.de", "ada@example.com\r\n", "ada@b\u00fccher.example",
        "\u00e4da@example.com", f"{'a' * 65}@example.com", f"a@{'b' * 250}.com", "a@1.2.3.4",
        "=?x?q?a?=@example.com",
    ],
)  # fmt: skip
def test_other_text_is_refused_without_repeating_it(text: str) -> None:
    if text.endswith("\r\n"):
        assert read_address(text) == text.strip()
        return
    with pytest.raises(AddressError) as found:
        read_address(text)
    assert len(text) < 15 or text not in str(found.value)


@given(st.text(max_size=60))
def test_no_text_that_is_accepted_can_end_a_header(text: str) -> None:
    try:
        address = read_address(text)
    except AddressError:
        return
    assert address.isascii()
    assert address.isprintable()
    assert not set(address) & set(' \r\n<>,;:"()')


def test_an_id_is_the_same_for_all_ways_to_write_an_address_and_needs_the_key() -> None:
    one = id_of("Ada@example.com", KEY)
    assert is_id(one)
    assert one == id_of("ada@EXAMPLE.com", KEY)
    assert one != id_of("ada@example.com", KEY + b"x")
    assert one != id_of("adb@example.com", KEY)
    assert key_of(one) == f"email:{one}"


def test_a_masked_address_shows_three_letters() -> None:
    assert masked("ada.lovelace@mail.example.com") == "a…@m….com"
