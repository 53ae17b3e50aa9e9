"""The sender's statement, as a service checks it."""

import json

import pytest
from signalengine_aws.channels.push.base64url import bytes_of
from signalengine_aws.channels.push.vapid import LASTS_S, Sender, new_keys

from infra.local.channels.push import RefusedError, verified
from infra.local.channels.service import Call

NOW_S = 1_796_000_000
KEYS = new_keys()


def call(value: str, host: str = "fcm.googleapis.com", now_s: int = NOW_S) -> Call:
    return Call("/push/a", {"authorization": value, "host": host}, b"", now_s * 1000)


def statement(origin: str = "https://fcm.googleapis.com") -> str:
    return Sender(KEYS.private, "mailto:op@example.org").authorization(origin, NOW_S)


def test_a_service_accepts_it_and_knows_the_key() -> None:
    assert verified(call(statement())) == KEYS.public
    assert len(bytes_of(KEYS.public)) == 65
    assert KEYS.private not in repr(KEYS)


def test_it_names_the_service_its_end_and_the_operator() -> None:
    claims = json.loads(bytes_of(statement().split(".")[1]))
    assert claims == {
        "aud": "https://fcm.googleapis.com",
        "exp": NOW_S + LASTS_S,
        "sub": "mailto:op@example.org",
    }


@pytest.mark.parametrize(
    "wrong",
    [
        call(statement(), host="other.example"),
        call(statement(), now_s=NOW_S + LASTS_S),
        call(statement().replace(KEYS.public, new_keys().public)),
        call(statement().replace(".", "._", 1)),
        call(""),
    ],
    ids=["another service", "too old", "another key", "changed", "none"],
)
def test_any_other_statement_is_refused(wrong: Call) -> None:
    with pytest.raises(RefusedError):
        verified(wrong)


@pytest.mark.parametrize("private", ["", "AA", "é"])
def test_a_private_key_that_is_none_is_refused(private: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        Sender(private, "mailto:a@b.c")
