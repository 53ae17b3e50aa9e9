"""The push service that stands in: what it refuses, with the status of a real one."""

import json
from collections.abc import Mapping

import pytest
from signalengine_aws.channels.push.base64url import bytes_of
from signalengine_aws.channels.push.encryption import encrypted, new_key
from signalengine_aws.channels.push.vapid import Sender, new_keys

from infra.local.channels.faults import Fault
from infra.local.channels.push import ERRORS, Push
from infra.local.channels.service import Answer, Call

from .samples import NOW

KEYS = new_keys()
DOCUMENT = {"title": "LONG", "body": "Entry 1", "tag": "a", "url": "signals/a"}


def headers(**changes: str) -> dict[str, str]:
    sender = Sender(KEYS.private, "mailto:a@b.c")
    return {
        "host": "127.0.0.1:9",
        "authorization": sender.authorization("http://127.0.0.1:9", NOW // 1000),
        "content-encoding": "aes128gcm",
        "ttl": "60",
        **changes,
    }


def sealed(push: Push, plain: bytes) -> bytes:
    keys = push.destination
    return encrypted(
        plain,
        public_key=bytes_of(keys["p256dh"]),
        auth=bytes_of(keys["auth"]),
        own_key=new_key(),
        salt=b"s" * 16,
    )


def posted(push: Push, body: bytes, of: Mapping[str, str]) -> Answer:
    return push.answer(Call("/push/desk", of, body, NOW))


def test_a_message_is_accepted_with_its_address_and_shown() -> None:
    push = Push()
    answer = posted(push, sealed(push, json.dumps(DOCUMENT).encode()), headers())
    assert (answer.status, answer.headers["TTL"]) == (201, "60")
    assert answer.arrived is not None
    assert answer.headers["Location"].endswith(answer.arrived.receipt)
    assert answer.arrived.payload == DOCUMENT


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"authorization": ""}, 401),
        ({"host": "other"}, 401),
        ({"ttl": ""}, 400),
        ({"content-encoding": "aesgcm"}, 400),
        ({"urgency": "now"}, 400),
        ({"topic": "x" * 33}, 400),
    ],
)
def test_a_header_that_is_wrong_is_refused(changes: dict[str, str], status: int) -> None:
    push = Push()
    answer = posted(push, sealed(push, json.dumps(DOCUMENT).encode()), headers(**changes))
    assert (answer.status, answer.arrived) == (status, None)


@pytest.mark.parametrize("plain", [b"{", b"[]", b"{}"])
def test_a_text_that_the_page_does_not_know_is_refused(plain: bytes) -> None:
    push = Push()
    assert posted(push, sealed(push, plain), headers()).status == 400


@pytest.mark.parametrize(("body", "status"), [(b"", 400), (b"x" * 200, 400), (b"x" * 4_097, 413)])
def test_a_body_that_nobody_encrypted_is_refused(body: bytes, status: int) -> None:
    assert posted(Push(), body, headers()).status == status


def test_another_senders_key_is_refused() -> None:
    push = Push()
    body = sealed(push, json.dumps(DOCUMENT).encode())
    assert posted(push, body, headers()).status == 201
    other = Sender(new_keys().private, "mailto:a@b.c")
    of = headers(authorization=other.authorization("http://127.0.0.1:9", NOW // 1000))
    assert posted(push, body, of).status == 403


def test_each_fault_has_its_status() -> None:
    push = Push()
    for error in ERRORS:
        assert push.refusal(Fault("error", "push", error=error)).status == int(error)
    limited = push.refusal(Fault("429", "push", retry_after=7))
    assert (limited.status, limited.headers["Retry-After"]) == (429, "7")
    assert push.refusal(Fault("500", "push", status=503)).status == 503
