"""Messages for a browser: RFC 8291's own example, and what its keys alone can read."""

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st
from signalengine_aws.channels.push.base64url import bytes_of, text_of
from signalengine_aws.channels.push.encryption import CURVE, encrypted, new_key
from signalengine_aws.channels.push.limits import BODY, PAYLOAD
from signalengine_aws.delivery.errors import RejectedError

from infra.local.channels.push import RefusedError, StandInBrowser
from tests.examples import examples

EXAMPLE = (
    "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6Tlz"
    "AC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
)
"""RFC 8291, section 5 and appendix A."""


def test_the_example_of_the_rfc() -> None:
    number = int.from_bytes(bytes_of("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"), "big")
    body = encrypted(
        b"When I grow up, I want to be a watermelon",
        public_key=bytes_of(
            "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
        ),
        auth=bytes_of("BTBZMqHH6r4Tts7J_aSIgg"),
        own_key=ec.derive_private_key(number, CURVE),
        salt=bytes_of("DGv6ra1nlYgDCS1FRnbzlw"),
    )
    assert text_of(body) == EXAMPLE


def sealed(browser: StandInBrowser, plain: bytes) -> bytes:
    keys = browser.keys
    return encrypted(
        plain,
        public_key=bytes_of(keys["p256dh"]),
        auth=bytes_of(keys["auth"]),
        own_key=new_key(),
        salt=b"s" * 16,
    )


@examples(20)
@given(st.binary(max_size=300) | st.just(b"x" * PAYLOAD))
def test_its_browser_reads_what_was_written_and_no_other_does(plain: bytes) -> None:
    browser = StandInBrowser()
    body = sealed(browser, plain)
    assert len(body) <= BODY
    assert browser.decrypted(body) == plain
    with pytest.raises(RefusedError):
        StandInBrowser().decrypted(body)


def test_a_text_that_fills_a_body_is_the_longest() -> None:
    browser = StandInBrowser()
    assert len(sealed(browser, b"x" * PAYLOAD)) == BODY
    with pytest.raises(RejectedError, match="too long"):
        sealed(browser, b"x" * (PAYLOAD + 1))


@pytest.mark.parametrize("key", [b"", b"\x04" + b"\x01" * 64, b"\x02" * 33])
def test_a_key_that_is_no_point_is_refused(key: bytes) -> None:
    with pytest.raises(RejectedError, match="key is not one"):
        encrypted(b"", public_key=key, auth=b"a" * 16, own_key=new_key(), salt=b"s" * 16)
